//! How an elementwise function runs over tensors: its value and its pullback as loops, with broadcasting.

use crate::{
    Scalar, Shape, Tensor,
    ops::{Algebra, Elementwise, Expr, Op},
    tape::Cotangents,
    tensor::{
        kernels::{map, walk},
        shape::{broadcast, broadcast_strides},
    },
};

/// An elementwise function as an operation on tensors: one node, however long the formula.
#[derive(Clone, Copy)]
pub(crate) struct Map<F>(pub(crate) F);

impl<T: Scalar, F: Elementwise<N>, const N: usize> Op<T, N> for Map<F> {
    fn name(&self) -> &'static str {
        F::NAME
    }

    fn shape(&self, x: [&[usize]; N]) -> Result<Shape, String> {
        let mut shape = Shape::from(x[0]);
        for other in &x[1..] {
            shape = broadcast(&shape, other)?;
        }
        Ok(shape)
    }

    fn value(&self, x: [&Tensor<T>; N]) -> Tensor<T> {
        let shape = Op::<T, N>::shape(self, x.map(Tensor::shape)).expect("the engine has checked the shapes");
        map::map(x, shape, |x| T::apply(self.0, x))
    }

    fn pullback<A: Algebra<T>>(&self, x: [A; N], y: A, g: A, needs: [bool; N]) -> [Option<A>; N] {
        A::chain(self.0, x, y, g, needs)
    }

    fn accumulate(&self, x: [&Tensor<T>; N], y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        let mut wanted: [bool; N] = std::array::from_fn(|i| into.wants(i));
        let mut g = Some(g);
        for i in 0..N {
            if std::mem::take(&mut wanted[i]) {
                // The last one may be written over the cotangent itself.
                let own = if wanted.contains(&true) { g.clone() } else { g.take() };
                let Some(own) = own else { return };
                if let Some(cotangent) = times_slope(self.0, i, x, y, own) {
                    into.give(i, cotangent);
                }
            }
        }
    }
}

/// `g` times the partial derivative towards argument `i`; `None` where that is the literal 0.
///
/// A `g` of 0 gives 0, even against an infinite slope.
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
        _ => {}
    }
    let slope = |x: [T; N], y: T, g: T| {
        if g.is_exactly_zero() {
            return g;
        }
        match formula.slopes(x.map(Expr::Value), Expr::Value(y))[i] {
            Expr::Literal(c) => T::lit(c) * g,
            Expr::Value(slope) => slope * g,
        }
    };
    if g.own().is_none() {
        let old = g;
        g = Tensor::fresh(old.shape().into());
        let numbers = g.own().expect("a fresh tensor has one owner");
        walk_rows(x, y, |x, steps, y, at| {
            let row = &mut numbers[at..at + y.len()];
            slope_row(x, steps, y, row, Some(&old.as_slice()[at..at + y.len()]), &slope);
        });
    } else if let Some(numbers) = g.own() {
        walk_rows(x, y, |x, steps, y, at| {
            slope_row(x, steps, y, &mut numbers[at..at + y.len()], None, &slope);
        });
    }
    Some(g)
}

/// Visits rows of the arguments, broadcast to the shape of `y`, and of `y` itself with their start in it.
fn walk_rows<T: Scalar, const N: usize>(
    x: [&Tensor<T>; N],
    y: &Tensor<T>,
    mut visit: impl FnMut([&[T]; N], [usize; N], &[T], usize),
) {
    let shape = y.shape();
    if x.iter().all(|x| x.shape() == shape) {
        return visit(x.map(Tensor::as_slice), [1; N], y.as_slice(), 0);
    }
    let strides = x.map(|x| broadcast_strides(x.shape(), shape));
    let mut at = 0;
    walk::rows(shape, std::array::from_fn(|j| &strides[j][..]), |offsets, steps, len| {
        let rows = std::array::from_fn(|j| &x[j].as_slice()[offsets[j]..]);
        visit(rows, steps, &y.as_slice()[at..at + len], at);
        at += len;
    });
}

/// `out = slope(x, y, g)` for a row, where `g` is `out` itself if not given. The frequent cases are zipped loops
/// without bounds checks, which vectorise.
#[inline(always)]
fn slope_row<T: Scalar, const N: usize>(
    x: [&[T]; N],
    steps: [usize; N],
    y: &[T],
    out: &mut [T],
    g: Option<&[T]>,
    slope: &impl Fn([T; N], T, T) -> T,
) {
    let len = out.len();
    let pick = |a: T, b: T| std::array::from_fn(|j| if j == 0 { a } else { b });
    match (N, &steps[..], g) {
        (1, [1], Some(g)) => {
            for ((out, g), (a, y)) in out.iter_mut().zip(g).zip(x[0][..len].iter().zip(y)) {
                *out = slope(pick(*a, *a), *y, *g);
            }
        }
        (1, [1], None) => {
            for (out, (a, y)) in out.iter_mut().zip(x[0][..len].iter().zip(y)) {
                *out = slope(pick(*a, *a), *y, *out);
            }
        }
        (2, [1, 1], Some(g)) => {
            let rows = x[0][..len].iter().zip(&x[1][..len]).zip(y);
            for ((out, g), ((a, b), y)) in out.iter_mut().zip(g).zip(rows) {
                *out = slope(pick(*a, *b), *y, *g);
            }
        }
        (2, [1, 1], None) => {
            let rows = x[0][..len].iter().zip(&x[1][..len]).zip(y);
            for (out, ((a, b), y)) in out.iter_mut().zip(rows) {
                *out = slope(pick(*a, *b), *y, *out);
            }
        }
        _ => {
            for i in 0..len {
                let arguments = std::array::from_fn(|j| x[j][i * steps[j]]);
                out[i] = slope(arguments, y[i], g.map_or(out[i], |g| g[i]));
            }
        }
    }
}
