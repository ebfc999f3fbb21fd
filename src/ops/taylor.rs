//! How an elementwise function runs over truncated power series: by the recurrence that it has in `series`, else by its
//! slope alone, from which every coefficient follows. Structural operations need none; only products of matrices have a
//! way of their own, here.

use crate::{
    Element, Scalar, Taylor,
    ops::{
        Builtin, Elementwise, Expr, Operand,
        formula::{Comparison, Condition},
        planes::{self, Parts},
        series,
    },
    tape::Step,
    tensor::{Factor, guarded},
};

impl<T: Scalar, const K: usize> Element for Taylor<T, K> {
    const IS_PLAIN: bool = false;

    #[inline(always)]
    fn lit(value: f64) -> Self {
        Taylor::constant(T::lit(value))
    }

    #[inline(always)]
    fn real(self) -> f64 {
        self.value.real()
    }

    #[inline(always)]
    fn is_exactly_zero(self) -> bool {
        self.value.is_exactly_zero() && self.coefficients.iter().all(|c| c.is_exactly_zero())
    }

    const PARTS: usize = Self::COUNT * T::PARTS;

    fn part(&self, i: usize) -> f64 {
        self.get(i / T::PARTS).part(i % T::PARTS)
    }

    fn set_part(&mut self, i: usize, value: f64) {
        self.get_mut(i / T::PARTS).set_part(i % T::PARTS, value);
    }

    fn product(a: &Factor<'_, Self>, b: &Factor<'_, Self>, add: bool, c: &mut [Self]) {
        planes::product(a, b, add, c);
    }
}

impl<T: Scalar, const K: usize> Parts<T> for Taylor<T, K> {
    const COUNT: usize = K + 1;

    fn get(&self, k: usize) -> T {
        self.coefficient(k)
    }

    fn get_mut(&mut self, k: usize) -> &mut T {
        if k == 0 { &mut self.value } else { &mut self.coefficients[k - 1] }
    }

    fn meet(i: usize, j: usize) -> Option<usize> {
        (i + j <= K).then_some(i + j)
    }
}

impl<T: Scalar, const K: usize> Scalar for Taylor<T, K> {
    type Lane<const FMA: bool> = Self;

    fn step(builtin: Builtin) -> Box<dyn Step<Self>> {
        builtin.build()
    }

    fn dual_step(builtin: Builtin) -> Box<dyn Step<crate::Dual<Self>>> {
        builtin.build()
    }
}

impl<T: Scalar, const K: usize> Operand for Taylor<T, K> {
    #[inline]
    fn apply<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Self {
        apply(f, x, K)
    }

    #[inline(always)]
    fn like(self, literal: f64) -> Self {
        Taylor::lit(literal)
    }

    #[inline(always)]
    fn compare(comparison: Comparison, a: Self, b: Self) -> Condition<Self> {
        Condition::Decided(comparison.holds(a.value, b.value), a)
    }
}

/// A series of which the coefficients above `order` are not known (and are 0 in `series`): what slopes are computed on.
#[derive(Clone, Copy)]
struct Prefix<T, const K: usize> {
    series: Taylor<T, K>,
    order: usize,
}

impl<T: Scalar, const K: usize> Operand for Prefix<T, K> {
    fn apply<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Self {
        let order = x.iter().fold(K, |order, x| order.min(x.order));
        Prefix { series: apply(f, x.map(|x| x.series), order), order }
    }

    fn like(self, literal: f64) -> Self {
        Prefix { series: Taylor::lit(literal), order: K }
    }

    fn compare(comparison: Comparison, a: Self, b: Self) -> Condition<Self> {
        Condition::Decided(comparison.holds(a.series.value, b.series.value), a)
    }
}

/// Whether something is made of the answer: what it is computed with says which slopes are.
#[derive(Clone, Copy)]
struct OfAnswer(bool);

impl Operand for OfAnswer {
    #[inline(always)]
    fn apply<F: Elementwise<N>, const N: usize>(_: F, x: [Self; N]) -> Self {
        OfAnswer(x.iter().any(|x| x.0))
    }

    #[inline(always)]
    fn like(self, _: f64) -> Self {
        OfAnswer(false)
    }

    #[inline(always)]
    fn compare(comparison: Comparison, a: Self, b: Self) -> Condition<Self> {
        Condition::mask(comparison, a, b)
    }
}

/// The function of series, up to an order.
///
/// From y' = Σᵢ sᵢ xᵢ' follows k yₖ = Σᵢ Σⱼ j xᵢⱼ sᵢ,ₖ₋ⱼ: the slopes sᵢ, themselves functions of x and y, are needed
/// up to order k - 1. Where they are functions of x alone, one evaluation on series gives all of them.
fn apply<T: Scalar, F: Elementwise<N>, const N: usize, const K: usize>(
    f: F,
    x: [Taylor<T, K>; N],
    order: usize,
) -> Taylor<T, K> {
    if let Some(y) = series::known(&f, &x, order) {
        return y;
    }
    let values = x.map(|x| x.value);
    let mut y = Taylor::constant(T::apply(f, values));
    let moves = |x: &Taylor<T, K>| x.coefficients[..order].iter().any(|c| !c.is_exactly_zero());
    if order == 0 || !x.iter().any(moves) {
        return y;
    }
    let answer = f.slopes([Expr::Value(OfAnswer(false)); N], Expr::Value(OfAnswer(true)));
    let by_answer = answer.iter().any(|slope| matches!(slope, Expr::Value(OfAnswer(true))));
    let slopes = |y: Taylor<T, K>, order: usize| {
        f.slopes(x.map(|series| Expr::Value(Prefix { series, order })), Expr::Value(Prefix { series: y, order }))
    };
    let mut known = slopes(y, if by_answer { 0 } else { order - 1 });
    for k in 1..=order {
        if by_answer && k > 1 {
            known = slopes(y, k - 1);
        }
        let mut sum = T::zero();
        for (slope, x) in known.iter().zip(&x) {
            match slope {
                Expr::Literal(c) => sum += guarded(T::lit(*c * k as f64), x.coefficients[k - 1]),
                Expr::Value(slope) => {
                    for j in 1..=k {
                        let part = x.coefficients[j - 1] * T::lit(j as f64);
                        sum += guarded(slope.series.coefficient(k - j), part);
                    }
                }
            }
        }
        y.coefficients[k - 1] = sum / T::lit(k as f64);
    }
    y
}
