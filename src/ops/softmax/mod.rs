//! Softmax, its logarithm, and the logarithm of a sum of exponentials. The losses made of them are in `cross_entropy`.
//!
//! All take the largest number away first, so that no exponential overflows. Where the largest is itself infinite,
//! those equal to it share the probability evenly: that is the limit, and a row of which everything is masked with -∞
//! gives 1/n each instead of NaN.

pub(crate) mod cross_entropy;

pub(crate) use cross_entropy::{SoftmaxCrossEntropy, SoftmaxCrossEntropySoft};

use crate::{
    Element, Scalar, Shape, Tensor,
    ops::{Algebra, Builtin, Case, Op, elementwise::Exp, methods, methods::axis_of, reduce::Over, rows},
    tape::Cotangents,
    tensor::{
        kernels::{
            dispatch::{InstructionSet, multiversion},
            map,
            reduce::{Lanes, each_group, fold_row, lanes_into, larger},
        },
        parallel::for_each_chunk,
    },
};

/// `x - largest`, and 0 for an infinity beside itself, with the tangents of x.
#[inline(always)]
pub(super) fn below<T: Element>(x: T, largest: T) -> T {
    if largest.is_finite() || x != largest {
        return x - largest;
    }
    let mut at_zero = x;
    at_zero.set_part(0, 0.0);
    at_zero
}

multiversion! {
    /// Writes x - largest of a row, and gives the largest, as a constant: whatever is taken away from all, the answers
    /// are the same.
    fn below_largest[T: Element][T](set: InstructionSet, row: &[T], out: &mut [T]) -> T {
        let largest = T::lit(fold_row(row, T::neg_infinity(), larger).real());
        for (out, x) in out.iter_mut().zip(row) {
            *out = below(*x, largest);
        }
        largest
    }
}

multiversion! {
    /// A row times a number.
    fn scale[T: Element][T](set: InstructionSet, row: &mut [T], factor: T) {
        row.iter_mut().for_each(|x| *x *= factor);
    }
}

multiversion! {
    /// A row over a number.
    fn divide[T: Element][T](set: InstructionSet, row: &mut [T], by: T) {
        row.iter_mut().for_each(|x| *x /= by);
    }
}

multiversion! {
    /// Replaces every number e of a row by a b - e c, with the numbers of two others. Without `a` it is 1.
    fn combine[T: Element][T](set: InstructionSet, row: &mut [T], a: Option<&[T]>, b: &[T], c: T) {
        match a {
            Some(a) => row.iter_mut().zip(a.iter().zip(b)).for_each(|(e, (a, b))| *e = *a * *b - *e * c),
            None => row.iter_mut().zip(b).for_each(|(e, b)| *e = *b - *e * c),
        }
    }
}

/// For rows of n numbers, writes e^(x - largest), and calls `f(row, x, what was written, largest, its sum)`.
///
/// Exponentials of several rows are taken together: a row may be shorter than a vector.
fn exponentials<T: Scalar>(x: &[T], n: usize, out: &mut [T], mut f: impl FnMut(usize, &[T], &mut [T], T, T)) {
    /// So many rows keep their largest number on the stack.
    const ROWS: usize = 64;
    let mut largest = [T::zero(); ROWS];
    for (group, (x, out)) in x.chunks(ROWS * n).zip(out.chunks_mut(ROWS * n)).enumerate() {
        for ((row, out), largest) in x.chunks_exact(n).zip(out.chunks_exact_mut(n)).zip(&mut largest) {
            *largest = below_largest(InstructionSet::detected(), row, out);
        }
        rows::values_in_place(Exp(), out);
        for (i, ((row, out), largest)) in x.chunks_exact(n).zip(out.chunks_exact_mut(n)).zip(&largest).enumerate() {
            let sum = map::sum(out);
            f(group * ROWS + i, row, out, *largest, sum);
        }
    }
}

/// A number of a lane, from its own number, its numbers, the largest, and the logarithm of the sum.
type OfLane<'a, T> = &'a (dyn Fn(usize, &[T], T, T) -> T + Sync);

/// Writes `f(lane, numbers, largest, logarithm of the sum of e^(x - largest))` of each lane. On several threads if the
/// lanes are rows and there is enough to do.
fn logarithms<T: Scalar>(x: &[T], lanes: Lanes, to: &mut [T], f: OfLane<'_, T>) {
    let (n, len) = (lanes.n, to.len());
    if x.is_empty() {
        return to.fill(T::neg_infinity());
    }
    let write = |lanes: Lanes, x: &[T], start: usize, to: &mut [T]| {
        let mut powers: Tensor<T> = Tensor::fresh(Shape::from([lanes.group()]));
        let powers = powers.pooled_mut();
        each_group([x], lanes, |first, [x]| {
            exponentials(x, n, &mut powers[..x.len()], |row, x, _, largest, sum| {
                to[first + row] = f(start + first + row, x, largest, sum.ln());
            });
        });
    };
    if lanes.inner > 1 {
        return write(lanes, x, 0, to);
    }
    for_each_chunk(to, len, (map::CHUNK / n).max(1), x.len(), &|at, to| {
        write(lanes.rows(at.len()), &x[at.start * n..at.end * n], at.start, to);
    });
}

/// The axis kept with size 1: the shape of a sum along it.
fn kept(shape: &[usize], axis: usize) -> Shape {
    let mut kept = Shape::from(shape);
    kept[axis] = 1;
    kept
}

/// e^x over the sum of e^x along an axis.
pub struct Softmax {
    /// Counted from the front.
    pub(crate) axis: usize,
}

impl<T: Scalar> Op<T, 1> for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        Over::Axis { axis: self.axis, keep: true }.result(x).map(|_| x.into())
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        Tensor::build(x.shape().into(), |to| {
            let lanes = Lanes::along(x.shape(), self.axis);
            lanes_into([x.as_slice()], lanes, false, to, |_, [x], to| {
                exponentials(x, lanes.n, to, |_, _, e, _, sum| divide(InstructionSet::detected(), e, sum));
            });
        })
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let terms = g.mul(y.clone());
        let sum = terms.clone().sum_to(&kept(&y.shape(), self.axis));
        [Some(terms.sub(y.mul(sum)))]
    }

    fn accumulate(&self, _: [&Tensor<T>; 1], y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        if !into.wants(0) {
            return;
        }
        let (to, add) = into.slot(0);
        let lanes = Lanes::along(y.shape(), self.axis);
        lanes_into([y.as_slice(), g.as_slice()], lanes, add, to, |_, [y, g], to| {
            to.copy_from_slice(y);
            for (to, (y, g)) in to.chunks_exact_mut(lanes.n).zip(y.chunks_exact(lanes.n).zip(g.chunks_exact(lanes.n))) {
                let sum = map::sum_of([y, g], |[y, g]| g * y);
                combine(InstructionSet::detected(), to, Some(y), g, sum);
            }
        });
    }
}

/// x minus the logarithm of the sum of e^x along an axis.
pub struct LogSoftmax {
    /// Counted from the front.
    pub(crate) axis: usize,
}

impl<T: Scalar> Op<T, 1> for LogSoftmax {
    fn name(&self) -> &'static str {
        "log_softmax"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        Over::Axis { axis: self.axis, keep: true }.result(x).map(|_| x.into())
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        Tensor::build(x.shape().into(), |to| {
            let lanes = Lanes::along(x.shape(), self.axis);
            lanes_into([x.as_slice()], lanes, false, to, |_, [x], to| {
                exponentials(x, lanes.n, to, |_, x, to, largest, sum| {
                    let rest = sum.ln();
                    to.iter_mut().zip(x).for_each(|(to, x)| *to = below(*x, largest) - rest);
                });
            });
        })
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let sum = g.clone().sum_to(&kept(&y.shape(), self.axis));
        [Some(g.sub(y.exp().mul(sum)))]
    }

    fn accumulate(&self, _: [&Tensor<T>; 1], y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        if !into.wants(0) {
            return;
        }
        let (to, add) = into.slot(0);
        let lanes = Lanes::along(y.shape(), self.axis);
        lanes_into([y.as_slice(), g.as_slice()], lanes, add, to, |_, [y, g], to| {
            to.copy_from_slice(y);
            rows::values_in_place(Exp(), to);
            for (to, g) in to.chunks_exact_mut(lanes.n).zip(g.chunks_exact(lanes.n)) {
                combine(InstructionSet::detected(), to, None, g, map::sum(g));
            }
        });
    }
}

/// The logarithm of the sum of e^x along an axis.
pub struct LogSumExp {
    /// Counted from the front.
    pub(crate) axis: usize,
    pub(crate) keep: bool,
}

impl LogSumExp {
    fn over(&self) -> Over {
        Over::Axis { axis: self.axis, keep: self.keep }
    }
}

impl<T: Scalar> Op<T, 1> for LogSumExp {
    fn name(&self) -> &'static str {
        "logsumexp_axis"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        self.over().result(x)
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        self.over().build(x, |lanes, to| {
            logarithms(x.as_slice(), lanes, to, &|_, _, largest, rest| largest + rest);
        })
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let g = self.over().beside(g, &x);
        [Some(A::apply(Softmax { axis: self.axis }, [x]).mul(g))]
    }

    fn accumulate(&self, [x]: [&Tensor<T>; 1], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        if !into.wants(0) {
            return;
        }
        let (to, add) = into.slot(0);
        let lanes = Lanes::along(x.shape(), self.axis);
        lanes_into([x.as_slice()], lanes, add, to, |first, [x], to| {
            exponentials(x, lanes.n, to, |lane, _, e, _, sum| {
                scale(InstructionSet::detected(), e, g.as_slice()[first + lane] / sum);
            });
        });
    }
}

methods! {
    /// e^x over the sum of e^x along an axis: positive numbers that add up to 1. Right for numbers of any size.
    ///
    /// Where the largest number is infinite, those equal to it share the 1 evenly: so do all of a row of -∞.
    ///
    /// # Panics
    /// If there is no such axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let x = Tensor::<f64>::from([[0.0, 0.0], [1000.0, -1000.0]]);
    /// assert_eq!(x.softmax(-1), Tensor::from([[0.5, 0.5], [1.0, 0.0]]));
    /// ```
    fn softmax(axis: isize) = |shape| Builtin::Softmax(Softmax { axis: axis_of("softmax", axis, shape) });

    /// The logarithm of [`softmax`](Self::softmax), without the digits lost on the way: x - ln Σ e^x along an axis.
    ///
    /// # Panics
    /// If there is no such axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let x = Tensor::<f64>::from([[0.0, 0.0], [1000.0, -1000.0]]);
    /// assert_eq!(x.log_softmax(-1), Tensor::from([[-2f64.ln(), -2f64.ln()], [0.0, -2000.0]]));
    /// ```
    fn log_softmax(axis: isize) = |shape| Builtin::LogSoftmax(LogSoftmax { axis: axis_of("log_softmax", axis, shape) });

    /// ln Σ e^x along an axis, which is kept with size 1 or dropped; -∞ for no numbers. Right for numbers of any size.
    ///
    /// Its gradient is the [`softmax`](Self::softmax), also where the answer is infinite.
    ///
    /// # Panics
    /// If there is no such axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let x = Tensor::from([[0.0, 0.0], [1000.0, -1000.0]]);
    /// assert_eq!(x.logsumexp_axis(1, false), Tensor::from([2f64.ln(), 1000.0]));
    /// ```
    fn logsumexp_axis(axis: isize, keep: bool) = |shape|
        Builtin::LogSumExp(LogSumExp { axis: axis_of("logsumexp_axis", axis, shape), keep });
}

fn cases(builtin: fn(usize) -> Builtin) -> Vec<Case> {
    const SHAPES: &[(&[usize], usize)] =
        &[(&[4], 0), (&[2, 3], 1), (&[3, 2], 0), (&[2, 3, 2], 1), (&[2, 1], 1), (&[2, 0], 1), (&[0, 2], 1)];
    SHAPES.iter().map(|(shape, axis)| Case::new(move || builtin(*axis), &[*shape])).collect()
}

pub(crate) fn softmax_cases() -> Vec<Case> {
    let mut cases = cases(|axis| Builtin::Softmax(Softmax { axis }));
    let masked = [[f64::NEG_INFINITY, 0.5, 1.0], [0.3, -0.2, f64::NEG_INFINITY]];
    cases.push(Case::new(|| Builtin::Softmax(Softmax { axis: 1 }), &[]).given(vec![masked.into()]));
    cases
}

pub(crate) fn log_softmax_cases() -> Vec<Case> {
    cases(|axis| Builtin::LogSoftmax(LogSoftmax { axis }))
}

pub(crate) fn logsumexp_cases() -> Vec<Case> {
    let mut all = cases(|axis| Builtin::LogSumExp(LogSumExp { axis, keep: true }));
    all.extend(cases(|axis| Builtin::LogSumExp(LogSumExp { axis, keep: false })));
    // Along an axis of size 0 the answer is infinite.
    all.retain(|case| case.inputs[0].0 != [2, 0]);
    let large = [[800.0, 799.0, -800.0], [-800.0, -800.5, -801.0]];
    let last = || Builtin::LogSumExp(LogSumExp { axis: 1, keep: false });
    all.push(Case::new(last, &[]).given(vec![large.into()]));
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Tape;

    #[test]
    fn the_logits_behind_a_softmax_and_its_axis_can_be_found() {
        let tape = Tape::<f64>::new();
        let logits = tape.tensor(Tensor::zeros([2, 3]));
        let (softmax, input) = logits.softmax(-1).made_by::<Softmax>().expect("a softmax");
        assert_eq!((softmax.axis, input.id()), (1, logits.id()));
        let (logarithm, input) = logits.log_softmax(-2).made_by::<LogSoftmax>().expect("a log_softmax");
        assert_eq!((logarithm.axis, input.id()), (0, logits.id()));
        assert!(logits.softmax(0).made_by::<LogSoftmax>().is_none());
    }
}
