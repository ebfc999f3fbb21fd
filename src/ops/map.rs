//! How an elementwise function runs over tensors: its value and its pullback as loops, with broadcasting.

use crate::{
    Scalar, Shape, Tensor,
    ops::{Algebra, Elementwise, Expr, Op, Operand, rows},
    tape::{Cotangents, Kept},
    tensor::{
        guarded,
        kernels::map,
        parallel::for_each_chunk,
        shape::{broadcast, is_same},
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
        broadcast_all(&x)
    }

    fn value(&self, x: [&Tensor<T>; N]) -> Tensor<T> {
        let shape = broadcast_all(&x.map(Tensor::shape)).expect("the engine has checked the shapes");
        Tensor::build(shape.clone(), |out| {
            map::write_each_row(x, &shape, out, &|x, steps, _, out| rows::values(self.0, x, steps, out));
        })
    }

    /// A formula keeps its slopes: what they and the value have in common is computed once, and the sweep is left with
    /// a product.
    fn value_keeping(&self, x: [&Tensor<T>; N], needs: [bool; N]) -> Option<(Tensor<T>, Kept<T>)> {
        /// Fewer numbers are not worth a second tensor.
        const FEWEST: usize = 1024;
        let shape = x[0].shape();
        let is_worth = || x[0].len() >= FEWEST && x.iter().all(|x| is_same(x.shape(), shape));
        if const { !F::KEEPS_SLOPES || !F::VECTORISES } || !T::IS_PLAIN || !is_worth() {
            return None;
        }
        let mut kept: [Option<Tensor<T>>; N] = needs.map(|needs| needs.then(|| Tensor::fresh(shape.into())));
        let value = Tensor::build(shape.into(), |out| {
            let slopes = kept.each_mut().map(|slope| slope.as_mut().map(Tensor::pooled_mut));
            map::write_each_row(x, shape, (out, slopes), &|x, _, _, (y, slopes)| {
                if const { F::WIDEST } {
                    rows::value_and_slopes(self.0, x, y, slopes);
                } else {
                    value_and_slopes_apart(self.0, x, y, slopes);
                }
            });
        });
        Some((value, kept.into_iter().collect()))
    }

    fn takes_uniform(&self) -> bool {
        const { !F::SLOPES_TOGETHER || (F::KEEPS_SLOPES && F::VECTORISES) }
    }

    fn pullback<A: Algebra<T>>(&self, x: [A; N], y: A, g: A, needs: [bool; N]) -> [Option<A>; N] {
        A::chain(self.0, x, y, g, needs)
    }

    fn accumulate(&self, x: [&Tensor<T>; N], y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        let kept = into.kept();
        if !kept.is_empty() {
            for (i, slope) in kept.into_iter().enumerate() {
                if let Some(slope) = slope {
                    into.give(i, product(slope, &g));
                }
            }
            return;
        }
        let mut g = g;
        let is_uniform = !is_same(g.shape(), y.shape());
        let takes_number = const { !F::SLOPES_TOGETHER } && x.iter().all(|x| is_same(x.shape(), y.shape()));
        if is_uniform && !takes_number {
            g = Tensor::filled(y.shape().into(), g.item());
        }
        if const { F::SLOPES_TOGETHER && N > 1 } {
            let several = (0..N).filter(|i| into.wants(*i)).count() > 1;
            // Where few loops are to be compiled, one serves for all.
            if const { !F::WIDEST } || several {
                return times_all_slopes(self.0, x, y, &g, into);
            }
        }
        let mut g = Some(g);
        for i in 0..N {
            if !into.wants(i) {
                continue;
            }
            // The last one may be written over the cotangent itself.
            let own = if wants_more(i + 1, N, into) { g.clone() } else { g.take() };
            let Some(own) = own else { continue };
            if is_uniform && takes_number {
                give_slope_times(self.0, i, x, y, own.item(), into);
            } else if !add_times_slope(self.0, i, x, y, &own, into)
                && let Some(cotangent) = times_slope(self.0, i, x, y, own)
            {
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

/// What a slope is, as far as its formula tells without numbers.
#[derive(Clone, Copy)]
enum Known {
    Argument(usize),
    Result,
    /// It is to be computed.
    Computed,
}

impl Operand for Known {
    fn apply<F: Elementwise<N>, const N: usize>(_: F, _: [Self; N]) -> Self {
        Known::Computed
    }

    fn like(self, _: f64) -> Self {
        Known::Computed
    }
}

fn known_slope<F: Elementwise<N>, const N: usize>(formula: F, i: usize) -> Expr<Known> {
    let x = std::array::from_fn(|j| Expr::Value(Known::Argument(j)));
    formula.slopes(x, Expr::Value(Known::Result))[i]
}

/// The loop of the slope towards argument `i`: a function for each, so that only its slope is computed. There is none
/// for the fourth and later ones.
fn slope_loop<T: Scalar, F: Elementwise<N>, const N: usize>(i: usize) -> Option<rows::SlopeLoop<T, F, N>> {
    match i {
        0 => Some(rows::slope::<T, F, N, 0>),
        1 if const { N > 1 } => Some(rows::slope::<T, F, N, 1>),
        2 if const { N > 2 } => Some(rows::slope::<T, F, N, 2>),
        _ => None,
    }
}

/// So many numbers are worth a loop in pieces, which saves passes over memory.
const PIECES: usize = 1024;

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
    match known_slope(formula, i) {
        Expr::Literal(0.0) => return None,
        Expr::Literal(1.0) => return Some(g),
        Expr::Literal(c) => {
            return Some(scale(g, T::lit(c)));
        }
        Expr::Value(_) => {}
    }
    let Some(row) = slope_loop::<T, F, N>(i) else { return Some(times_slope_of_many(formula, i, x, y, g)) };
    let y_numbers = y.as_slice();
    if let Some(numbers) = g.own() {
        map::write_each_row(x, y.shape(), numbers, &|x, steps, at, numbers| {
            row(formula, x, steps, &y_numbers[at], None, numbers);
        });
        return Some(g);
    }
    Some(Tensor::build(y.shape().into(), |to| {
        map::write_each_row(x, y.shape(), to, &|x, steps, at, to| {
            row(formula, x, steps, &y_numbers[at.clone()], Some(&g.as_slice()[at]), to);
        });
    }))
}

/// Adds what [`times_slope`] gives straight to the cotangent of argument `i`, in one pass, where it has begun and there
/// are many numbers. Says whether it has.
fn add_times_slope<T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    i: usize,
    x: [&Tensor<T>; N],
    y: &Tensor<T>,
    g: &Tensor<T>,
    into: &mut Cotangents<'_, T>,
) -> bool {
    if y.len() < PIECES || !is_same(x[i].shape(), y.shape()) {
        return false;
    }
    let (Expr::Value(_), Some(row)) = (known_slope(formula, i), slope_loop::<T, F, N>(i)) else { return false };
    let Some(sums) = into.begun(i) else { return false };
    map::write_each_row(x, y.shape(), sums, &|x, steps, at, sums| {
        let g = rows::Multiplier::Numbers(&g.as_slice()[at.clone()]);
        rows::slope_in_pieces(formula, row, x, steps, &y.as_slice()[at], g, true, sums);
    });
    true
}

/// The same for a cotangent that is one number everywhere, with arguments of the shape of the result; added or written.
fn give_slope_times<T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    i: usize,
    x: [&Tensor<T>; N],
    y: &Tensor<T>,
    number: T,
    into: &mut Cotangents<'_, T>,
) {
    let is_one = T::IS_PLAIN && number == T::one();
    match known_slope(formula, i) {
        Expr::Literal(0.0) => return,
        Expr::Literal(1.0) => return into.give_uniform(i, number),
        Expr::Literal(c) => return into.give_uniform(i, guarded(T::lit(c), number)),
        Expr::Value(Known::Argument(j)) if is_one => return into.give(i, x[j].clone()),
        Expr::Value(Known::Result) if is_one => return into.give(i, y.clone()),
        Expr::Value(_) => {}
    }
    let row = slope_loop::<T, F, N>(i);
    let (Some(row), true) = (row, y.len() >= PIECES) else {
        let g = Tensor::filled(y.shape().into(), number);
        return times_slope(formula, i, x, y, g).into_iter().for_each(|cotangent| into.give(i, cotangent));
    };
    let (to, add) = into.slot(i);
    map::write_each_row(x, y.shape(), to, &|x, steps, at, to| {
        let g = rows::Multiplier::Number(number);
        rows::slope_in_pieces(formula, row, x, steps, &y.as_slice()[at], g, add, to);
    });
}

/// The same numbers by the loops that there are anyway: one more is slow to compile without optimisation.
fn value_and_slopes_apart<T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    x: [&[T]; N],
    y: &mut [T],
    mut slopes: [Option<&mut [T]>; N],
) {
    rows::values(formula, x, [1; N], y);
    if const { N > 1 } {
        return rows::slopes(formula, x, [1; N], y, &vec![T::one(); y.len()], slopes);
    }
    if let Some(slopes) = &mut slopes[0] {
        slopes.fill(T::one());
        rows::slope::<T, F, N, 0>(formula, x, [1; N], y, None, slopes);
    }
}

/// A kept slope times a cotangent, or times the one number that a cotangent of rank 0 stands for.
fn product<T: Scalar>(mut slope: Tensor<T>, g: &Tensor<T>) -> Tensor<T> {
    let (len, nanoseconds) = (slope.len(), slope.len() / map::ELEMENTS_IN_A_NANOSECOND);
    if g.shape() != slope.shape() {
        let c = g.item();
        return if c == T::one() { slope } else { scale(slope, c) };
    }
    for_each_chunk(slope.pooled_mut(), len, map::CHUNK, nanoseconds, &|at, numbers| {
        numbers.iter_mut().zip(&g.as_slice()[at]).for_each(|(slope, g)| *slope = guarded(*slope, *g));
    });
    slope
}

fn scale<T: Scalar>(mut g: Tensor<T>, c: T) -> Tensor<T> {
    let (len, nanoseconds) = (g.len(), g.len() / map::ELEMENTS_IN_A_NANOSECOND);
    if let Some(numbers) = g.own() {
        for_each_chunk(numbers, len, map::CHUNK, nanoseconds, &|_, numbers| {
            numbers.iter_mut().for_each(|g| *g = guarded(c, *g));
        });
        return g;
    }
    Tensor::build(g.shape().into(), |to| {
        for_each_chunk(to, len, map::CHUNK, nanoseconds, &|at, to| {
            to.iter_mut().zip(&g.as_slice()[at]).for_each(|(to, g)| *to = guarded(c, *g));
        });
    })
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
    map::write_each_row(x, y.shape(), numbers, &|x, steps, at, numbers: &mut [T]| {
        for (k, (g, y)) in numbers.iter_mut().zip(&y.as_slice()[at]).enumerate() {
            *g = times(formula.slopes(Expr::values(map::element(&x, &steps, k)), Expr::Value(*y))[i], *g);
        }
    });
    g
}

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
    let numbers = cotangents.each_mut().map(|cotangent| cotangent.as_mut().map(Tensor::pooled_mut));
    map::write_each_row(x, y.shape(), numbers, &|x, steps, at, to| {
        rows::slopes(formula, x, steps, &y.as_slice()[at.clone()], &g.as_slice()[at], to);
    });
    for (i, cotangent) in cotangents.into_iter().enumerate() {
        if let Some(cotangent) = cotangent {
            into.give(i, cotangent);
        }
    }
}

#[inline(always)]
pub(super) fn times<T: Scalar>(slope: Expr<T>, g: T) -> T {
    match slope {
        Expr::Literal(c) => guarded(T::lit(c), g),
        Expr::Value(slope) => guarded(slope, g),
    }
}
