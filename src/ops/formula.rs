//! What the code written by `#[elementwise]` is made of: the arguments that a formula is called with, its branches, and
//! the slopes of formulas that it calls. The trait it implements stands in `operand`.

use crate::{
    Scalar, Tensor,
    ops::{self, Elementwise, Erased, Expr, Operand, elementwise as row, map::Map},
};

/// What a function made by `#[elementwise]` is called with: `f32`, `f64`, `Dual`, `MultiDual`, `Taylor`, `Var`,
/// `TensorVar`, and also [`Tensor`], `&Tensor`, and slices, arrays by reference and `&Vec` of numbers and scalars. All
/// arguments of one call have the same type. Code that is generic over numbers has the bound `T: Operand`
/// ([`Operand`]), which implies this one, and that of lists.
#[diagnostic::on_unimplemented(
    message = "an elementwise formula does not take `{Self}`",
    note = "it takes f32, f64, Dual, MultiDual, Taylor, Var, TensorVar, Tensor, &Tensor and lists as `&x` or `&x[..]`, \
            all arguments of the same type",
    note = "a literal is written with a point, as in `1.0`; generic code has the bound `T: gradtape::Operand`"
)]
pub trait ElementwiseArgument: Sized {
    /// The type of the result: that of the arguments, without a reference; a `Vec` for slices.
    type Output;

    /// The function of the arguments.
    #[doc(hidden)]
    #[track_caller]
    fn call<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Self::Output;
}

// What is no argument is said of the trait, once, and without a list of what is generated.
#[diagnostic::do_not_recommend]
impl<A: Operand> ElementwiseArgument for A {
    type Output = A;

    #[inline(always)]
    #[track_caller]
    fn call<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> A {
        A::apply(f, x)
    }
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> ElementwiseArgument for Tensor<T> {
    type Output = Tensor<T>;

    #[track_caller]
    fn call<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Tensor<T> {
        ops::run(&Erased::<_, N>(Map(f)), &x.each_ref())
    }
}

#[diagnostic::do_not_recommend]
impl<T: Scalar> ElementwiseArgument for &Tensor<T> {
    type Output = Tensor<T>;

    #[track_caller]
    fn call<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Tensor<T> {
        ops::run(&Erased::<_, N>(Map(f)), &x)
    }
}

/// A term of a slope; what is known where the rule is written is computed in double precision.
#[diagnostic::do_not_recommend]
impl<A: Operand> ElementwiseArgument for Expr<A> {
    type Output = Expr<A>;

    #[inline(always)]
    #[track_caller]
    fn call<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Expr<A> {
        let mut neighbour = None;
        let mut literals = [0.0; N];
        for j in 0..N {
            match x[j] {
                Expr::Literal(number) => literals[j] = number,
                Expr::Value(value) => neighbour = Some(value),
            }
        }
        match neighbour {
            None => Expr::Literal(f.f64(literals)),
            Some(neighbour) => Expr::Value(A::apply(f, Expr::all_or_like(x, neighbour))),
        }
    }
}

/// The partial derivatives of an elementwise function.
#[inline(always)]
#[track_caller]
pub fn slopes<A: Operand, F: Elementwise<N>, const N: usize>(f: F, x: [Expr<A>; N], y: Expr<A>) -> [Expr<A>; N] {
    f.slopes(x, y)
}

/// A constant of a formula as an argument of a function that it calls.
pub trait Constant {
    /// The same number.
    fn constant(number: f64) -> Self;
}

impl<T: Scalar> Constant for T {
    #[inline(always)]
    fn constant(number: f64) -> Self {
        T::lit(number)
    }
}

impl<A> Constant for Expr<A> {
    #[inline(always)]
    fn constant(number: f64) -> Self {
        Expr::Literal(number)
    }
}

/// An argument of a formula that another one calls: the call gives its value, and its partial derivatives towards the
/// `M` arguments that are numbered.
#[derive(Clone, Copy)]
pub struct Inner<A, const M: usize> {
    value: Expr<A>,
    number: Option<usize>,
    /// The value of the call, where it is known already.
    answer: Option<Expr<A>>,
}

impl<A, const M: usize> Inner<A, M> {
    /// Argument `number` of the call, whose value may be known.
    #[inline(always)]
    pub fn new(value: Expr<A>, number: usize, answer: Option<Expr<A>>) -> Self {
        Inner { value, number: Some(number), answer }
    }
}

impl<A, const M: usize> Constant for Inner<A, M> {
    #[inline(always)]
    fn constant(number: f64) -> Self {
        Inner { value: Expr::Literal(number), number: None, answer: None }
    }
}

#[diagnostic::do_not_recommend]
impl<A: Operand, const M: usize> ElementwiseArgument for Inner<A, M> {
    type Output = (Expr<A>, [Expr<A>; M]);

    #[inline(always)]
    #[track_caller]
    fn call<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Self::Output {
        let (mut values, mut answer) = ([x[0].value; N], x[0].answer);
        for j in 1..N {
            values[j] = x[j].value;
            answer = answer.or(x[j].answer);
        }
        let y = match answer {
            Some(answer) => answer,
            None => Expr::call(f, values),
        };
        let slopes = f.slopes(values, y);
        let mut partials = [Expr::Literal(0.0); M];
        for j in 0..N {
            if let Some(number) = x[j].number {
                partials[number] = slopes[j];
            }
        }
        (y, partials)
    }
}

/// Arguments for which a function gives what a formula gives. The type of the marker is one that no program can write,
/// so that rustc does not propose this trait as a bound.
#[diagnostic::on_unimplemented(
    message = "a formula can only call functions that are made by #[elementwise]",
    label = "this is no formula",
    note = "put #[elementwise] on the function that is called, with the signature `fn name<T>(x: T) -> T`"
)]
pub trait Calls<A, M>: ElementwiseArgument {
    /// The same number.
    fn answer(answer: A, _marker: M) -> Self::Output;
}

#[diagnostic::do_not_recommend]
impl<T: ElementwiseArgument, A: Same<T::Output>, M> Calls<A, M> for T {
    #[inline(always)]
    fn answer(answer: A, _: M) -> T::Output {
        answer.same()
    }
}

/// What is of type `B`: an equation of types that decides none of them.
pub trait Same<B> {
    /// The same value.
    fn same(self) -> B;
}

impl<A> Same<A> for A {
    #[inline(always)]
    fn same(self) -> A {
        self
    }
}

/// A cotangent times a slope: a 0 of one contributes 0, even against an infinity of the other.
#[inline(always)]
#[track_caller]
pub fn guarded<A: Operand>(cotangent: Expr<A>, slope: Expr<A>) -> Expr<A> {
    match (cotangent, slope) {
        (Expr::Literal(0.0), _) => cotangent,
        (Expr::Literal(c), Expr::Value(_)) | (Expr::Value(_), Expr::Literal(c)) if c.is_finite() => cotangent * slope,
        _ => cotangent.guarded(slope),
    }
}

/// How two numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    LessEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterEqual,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

impl Comparison {
    /// Whether the comparison holds.
    #[inline(always)]
    pub fn holds<N: PartialOrd>(self, a: N, b: N) -> bool {
        match self {
            Comparison::Less => a < b,
            Comparison::LessEqual => a <= b,
            Comparison::Greater => a > b,
            Comparison::GreaterEqual => a >= b,
            Comparison::Equal => a == b,
            Comparison::NotEqual => a != b,
        }
    }
}

/// 1 where the comparison holds, else 0.
#[derive(Clone, Copy)]
struct Compare(Comparison);

impl Elementwise<2> for Compare {
    const NAME: &'static str = "compare";

    #[inline(always)]
    fn f32(&self, [a, b]: [f32; 2]) -> f32 {
        if self.0.holds(a, b) { 1.0 } else { 0.0 }
    }

    #[inline(always)]
    fn f64(&self, [a, b]: [f64; 2]) -> f64 {
        if self.0.holds(a, b) { 1.0 } else { 0.0 }
    }

    #[inline(always)]
    fn slopes<A: Operand>(&self, _: [Expr<A>; 2], _: Expr<A>) -> [Expr<A>; 2] {
        [Expr::Literal(0.0); 2]
    }
}

/// The condition of a branch, as an operand knows it.
#[derive(Clone, Copy, Debug)]
pub enum Condition<A> {
    /// It does not depend on the numbers.
    Constant(bool),
    /// Numbers have been compared, of which this is one.
    Decided(bool, A),
    /// 1 where it holds and 0 where not, for each element.
    Mask(A),
}

impl<A: Operand> Condition<A> {
    /// The comparison of two values on the operand's own terms; what [`Operand::compare`] does unless it decides.
    #[track_caller]
    pub(crate) fn mask(comparison: Comparison, a: A, b: A) -> Self {
        Condition::Mask(A::apply(Compare(comparison), [a, b]))
    }

    /// Compares two terms.
    #[inline(always)]
    #[track_caller]
    pub fn compare(comparison: Comparison, a: Expr<A>, b: Expr<A>) -> Self {
        match (a, b) {
            (Expr::Literal(a), Expr::Literal(b)) => Condition::Constant(comparison.holds(a, b)),
            (Expr::Value(value), _) | (_, Expr::Value(value)) => {
                A::compare(comparison, a.or_like(value), b.or_like(value))
            }
        }
    }

    /// Both hold.
    #[inline(always)]
    #[track_caller]
    pub fn and(self, other: Self) -> Self {
        use Condition::{Constant, Decided, Mask};
        match (self, other) {
            (Constant(false), _) | (_, Constant(true)) => self,
            (_, Constant(false)) | (Constant(true), _) => other,
            (Decided(a, number), Decided(b, other)) => Decided(a && b, number.beside(other)),
            (Mask(a), Mask(b)) => Mask(A::apply(row::Mul(), [a, b])),
            (Decided(holds, number), Mask(mask)) | (Mask(mask), Decided(holds, number)) => {
                if holds {
                    Mask(mask)
                } else {
                    Decided(false, number)
                }
            }
        }
    }

    /// One of them holds, or both.
    #[inline(always)]
    #[track_caller]
    pub fn or(self, other: Self) -> Self {
        !(!self).and(!other)
    }

    /// The first terms where the condition holds, the second ones where not. A number takes one way and computes
    /// nothing of the other, unless both are `CHEAP`: then it computes both, because a choice is cheaper than a jump,
    /// and can be made for many numbers at once.
    #[inline(always)]
    #[track_caller]
    pub fn branch<const CHEAP: bool, const K: usize>(
        self,
        first: impl FnOnce() -> [Expr<A>; K],
        second: impl FnOnce() -> [Expr<A>; K],
    ) -> [Expr<A>; K] {
        match self {
            Condition::Constant(holds) => {
                if holds {
                    first()
                } else {
                    second()
                }
            }
            // Values even where one way gives literals: which slopes are literals must not depend on the numbers.
            Condition::Decided(holds, number) if CHEAP => {
                let (first, mut terms) = (first(), second());
                for (term, first) in terms.iter_mut().zip(first) {
                    let (first, second) = (first.or_like(number), term.or_like(number));
                    *term = Expr::Value(if holds { first } else { second }.beside(number));
                }
                terms
            }
            Condition::Decided(holds, number) => {
                let mut terms = if holds { first() } else { second() };
                for term in &mut terms {
                    *term = Expr::Value(term.or_like(number).beside(number));
                }
                terms
            }
            Condition::Mask(mask) => {
                let (first, mut terms) = (first(), second());
                for (term, first) in terms.iter_mut().zip(first) {
                    let pair = [first.or_like(mask), term.or_like(mask)];
                    *term = Expr::Value(A::apply(row::Choose(), [mask, pair[0], pair[1]]));
                }
                terms
            }
        }
    }
}

impl<A: Operand> std::ops::Not for Condition<A> {
    type Output = Self;

    #[inline(always)]
    #[track_caller]
    fn not(self) -> Self {
        match self {
            Condition::Constant(holds) => Condition::Constant(!holds),
            Condition::Decided(holds, number) => Condition::Decided(!holds, number),
            Condition::Mask(mask) => Condition::Mask(A::apply(row::SubtractFrom(1.0), [mask])),
        }
    }
}
