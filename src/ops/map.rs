//! How an elementwise function runs over tensors: its value and its pullback as loops, with broadcasting.

use crate::{
    Scalar, Shape, Tensor,
    ops::{Algebra, Elementwise, Expr, Op},
    tape::Cotangents,
    tensor::{kernels::map, shape::broadcast},
};

/// An elementwise function as an operation on tensors: one node, however long the formula.
#[derive(Clone, Copy)]
pub(crate) struct Map<F>(pub(crate) F);

impl<T: Scalar, F: Elementwise<N>, const N: usize> Op<T, N> for Map<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn shape(&self, x: [&[usize]; N]) -> Result<Shape, String> {
        broadcast_all(&x)
    }

    fn value(&self, x: [&Tensor<T>; N]) -> Tensor<T> {
        let shape = broadcast_all(&x.map(Tensor::shape)).expect("the engine has checked the shapes");
        map::map(x, shape, |x| T::apply(self.0, x))
    }

    fn pullback<A: Algebra<T>>(&self, x: [A; N], y: A, g: A, needs: [bool; N]) -> [Option<A>; N] {
        A::chain(self.0, x, y, g, needs)
    }

    fn accumulate(&self, x: [&Tensor<T>; N], y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        if const { F::SLOPES_TOGETHER && N > 1 } && (0..N).filter(|i| into.wants(*i)).count() > 1 {
            return times_all_slopes(self.0, x, y, &g, into);
        }
        let mut g = Some(g);
        for i in 0..N {
            if !into.wants(i) {
                continue;
            }
            // The last one may be written over the cotangent itself.
            let own = if wants_more(i + 1, N, into) { g.clone() } else { g.take() };
            if let Some(cotangent) = own.and_then(|own| times_slope(self.0, i, x, y, own)) {
                into.give(i, cotangent);
            }
        }
    }
}

fn wants_more<T: Scalar>(mut i: usize, n: usize, into: &Cotangents<'_, T>) -> bool {
    while i < n && !into.wants(i) {
        i += 1;
    }
    i < n
}

fn broadcast_all(shapes: &[&[usize]]) -> Result<Shape, String> {
    let mut shape = Shape::from(shapes[0]);
    for other in &shapes[1..] {
        shape = broadcast(&shape, other)?;
    }
    Ok(shape)
}

/// `g` times the partial derivative towards argument `i`; `None` where that is the literal 0.
///
/// See [`guarded`] for what 0 times infinity is.
pub(super) fn times_slope<T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    i: usize,
    x: [&Tensor<T>; N],
    y: &Tensor<T>,
    mut g: Tensor<T>,
) -> Option<Tensor<T>> {
    // Which slopes are literals does not depend on the numbers.
    let one = Expr::Value(T::one());
    match formula.slopes([one; N], one)[i] {
        Expr::Literal(0.0) => return None,
        Expr::Literal(1.0) => return Some(g),
        Expr::Literal(c) => {
            scale(&mut g, T::lit(c));
            return Some(g);
        }
        Expr::Value(_) => {}
    }
    // A function for each argument, so that only its slope is computed.
    let row = match i {
        0 => slope_row::<T, F, N, 0>,
        1 if const { N > 1 } => slope_row::<T, F, N, 1>,
        2 if const { N > 2 } => slope_row::<T, F, N, 2>,
        _ if const { N > 3 } => return Some(times_slope_of_many(formula, i, x, y, g)),
        _ => return None,
    };
    let numbers = g.pooled_mut();
    map::each_row(x, y.shape(), &mut |x, steps, at| {
        row(formula, x, steps, &y.as_slice()[at.clone()], &mut numbers[at]);
    });
    Some(g)
}

fn scale<T: Scalar>(g: &mut Tensor<T>, c: T) {
    for g in g.pooled_mut() {
        *g = guarded(c, *g);
    }
}

/// The same for the fourth argument and later ones.
fn times_slope_of_many<T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    i: usize,
    x: [&Tensor<T>; N],
    y: &Tensor<T>,
    mut g: Tensor<T>,
) -> Tensor<T> {
    let numbers = g.pooled_mut();
    map::each_row(x, y.shape(), &mut |x, steps, at| {
        for (k, (g, y)) in numbers[at.clone()].iter_mut().zip(&y.as_slice()[at]).enumerate() {
            *g = times(formula.slopes(values(map::element(&x, &steps, k)), Expr::Value(*y))[i], *g);
        }
    });
    g
}

/// How many elements are computed side by side: few enough to stay in the nearest cache, enough for vectors.
const BLOCK: usize = 32;

/// `g` times the partial derivative, for every input that wants it, in one loop: what the slopes share is computed
/// once.
fn times_all_slopes<T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    x: [&Tensor<T>; N],
    y: &Tensor<T>,
    g: &Tensor<T>,
    into: &mut Cotangents<'_, T>,
) {
    // Which slopes are literals does not depend on the numbers.
    let one = Expr::Value(T::one());
    let slopes = formula.slopes([one; N], one);
    let mut cotangents: [Option<Tensor<T>>; N] = std::array::from_fn(|i| {
        let none = matches!(slopes[i], Expr::Literal(0.0));
        (into.wants(i) && !none).then(|| Tensor::fresh(y.shape().into()))
    });
    let mut numbers = cotangents.each_mut().map(|cotangent| cotangent.as_mut().map(Tensor::pooled_mut));
    map::each_row(x, y.shape(), &mut |x, steps, at| {
        let (y, g) = (&y.as_slice()[at.clone()], &g.as_slice()[at.clone()]);
        for start in (0..y.len()).step_by(BLOCK) {
            let end = (start + BLOCK).min(y.len());
            let x = std::array::from_fn(|j| &x[j][start * steps[j]..]);
            let products = slopes_block(formula, x, steps, &y[start..end], &g[start..end]);
            for (numbers, products) in numbers.iter_mut().zip(&products) {
                if let Some(numbers) = numbers {
                    numbers[at.start + start..at.start + end].copy_from_slice(&products[..end - start]);
                }
            }
        }
    });
    for (i, cotangent) in cotangents.into_iter().enumerate() {
        if let Some(cotangent) = cotangent {
            into.give(i, cotangent);
        }
    }
}

/// The products of a block. The inputs are laid side by side first, so that the loop has no steps and no bounds to
/// check.
fn slopes_block<T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    x: [&[T]; N],
    steps: [usize; N],
    y: &[T],
    g: &[T],
) -> [[T; BLOCK]; N] {
    let len = y.len().min(g.len()).min(BLOCK);
    let mut inputs = [[T::zero(); BLOCK]; N];
    for j in 0..N {
        match steps[j] {
            0 => inputs[j][..len].fill(x[j][0]),
            1 => inputs[j][..len].copy_from_slice(&x[j][..len]),
            step => {
                for (input, x) in inputs[j][..len].iter_mut().zip(x[j].iter().step_by(step)) {
                    *input = *x;
                }
            }
        }
    }
    let mut products = [[T::zero(); BLOCK]; N];
    for (k, (y, g)) in y[..len].iter().zip(&g[..len]).enumerate() {
        let mut arguments = [inputs[0][k]; N];
        for j in 1..N {
            arguments[j] = inputs[j][k];
        }
        let slopes = formula.slopes(values(arguments), Expr::Value(*y));
        for j in 0..N {
            products[j][k] = times(slopes[j], *g);
        }
    }
    products
}

/// Numbers as the values of a formula.
#[inline(always)]
fn values<A: Copy, const N: usize>(x: [A; N]) -> [Expr<A>; N] {
    let mut values = [Expr::Value(x[0]); N];
    for j in 1..N {
        values[j] = Expr::Value(x[j]);
    }
    values
}

/// A slope times a cotangent. A 0 of one contributes 0 against an infinity of the other: what is masked out, and where
/// a function is constant, nothing comes back. A cotangent of 0 does so even against a slope that is no number.
#[inline(always)]
pub(super) fn guarded<T: Scalar>(slope: T, g: T) -> T {
    let product = slope * g;
    if g.is_exactly_zero() || (slope.is_exactly_zero() && g.is_infinite()) { T::zero() } else { product }
}

#[inline(always)]
fn times<T: Scalar>(slope: Expr<T>, g: T) -> T {
    match slope {
        Expr::Literal(c) => guarded(T::lit(c), g),
        Expr::Value(slope) => guarded(slope, g),
    }
}

/// `g = slope(x, y) g` for a row. The frequent cases of plain numbers are zipped loops without bounds checks.
fn slope_row<T: Scalar, F: Elementwise<N>, const N: usize, const I: usize>(
    formula: F,
    x: [&[T]; N],
    steps: [usize; N],
    y: &[T],
    g: &mut [T],
) {
    let slope = |x: [T; N], y: T, g: T| times(formula.slopes(values(x), Expr::Value(y))[I], g);
    let len = g.len();
    if const { N == 1 } {
        for (g, (a, y)) in g.iter_mut().zip(x[0].iter().zip(y)) {
            *g = slope([*a; N], *y, *g);
        }
        return;
    }
    if const { N == 2 && T::IS_PLAIN } && steps == [1; N] {
        for (g, ((a, b), y)) in g.iter_mut().zip(x[0][..len].iter().zip(&x[N - 1][..len]).zip(y)) {
            let mut pair = [*a; N];
            pair[N - 1] = *b;
            *g = slope(pair, *y, *g);
        }
        return;
    }
    for (k, (g, y)) in g.iter_mut().zip(y).enumerate() {
        *g = slope(map::element(&x, &steps, k), *y, *g);
    }
}
