//! Sums, means and variances.

use super::Over;
use crate::{
    Scalar, Shape, Tensor,
    ops::{Algebra, Builtin, Case, Op, methods, methods::axis_of},
    tape::Cotangents,
    tensor::{
        kernels::{map, reduce, unbroadcast},
        shape::broadcast,
    },
};

/// The sum over axes, so that a tensor of the given shape would broadcast to the input.
pub struct SumTo(pub(crate) Shape);

impl<T: Scalar> Op<T, 1> for SumTo {
    fn name(&self) -> &'static str {
        "sum_to"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        match broadcast(&self.0, x) {
            Ok(shape) if shape[..] == *x => Ok(self.0.clone()),
            _ => Err(format!("{x:?} and {:?}: the smaller shape does not broadcast to the larger one", self.0)),
        }
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        unbroadcast::sum_to(x, &self.0)
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(g.broadcast_to(&x.shape()))]
    }
}

/// The sum of all numbers, or along an axis.
pub struct Sum(pub(crate) Over);

impl<T: Scalar> Op<T, 1> for Sum {
    fn name(&self) -> &'static str {
        self.0.named(["sum", "sum_axis"])
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        self.0.result(x)
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        self.0.build(x, |lanes, to| reduce::sum(x.as_slice(), lanes, to))
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(self.0.beside(g, &x).broadcast_to(&x.shape()))]
    }

    /// The cotangent is spread straight over the gradient.
    fn accumulate(&self, [x]: [&Tensor<T>; 1], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        spread(self.0, x.shape(), &g, into);
    }
}

/// Gives every number the cotangent of the sum that it is in.
fn spread<T: Scalar>(over: Over, shape: &[usize], g: &Tensor<T>, into: &mut Cotangents<'_, T>) {
    if let Over::All = over {
        return into.give_uniform(0, g.item());
    }
    if into.wants(0) {
        let (to, add) = into.slot(0);
        reduce::spread(g.as_slice(), over.lanes(shape), add, to);
    }
}

/// The mean of all numbers, or along an axis.
pub struct Mean(pub(crate) Over);

impl<T: Scalar> Op<T, 1> for Mean {
    fn name(&self) -> &'static str {
        self.0.named(["mean", "mean_axis"])
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        self.0.result(x)
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let n = T::lit(self.0.count(x.shape()) as f64);
        self.0.build(x, |lanes, to| {
            reduce::sum(x.as_slice(), lanes, to);
            to.iter_mut().for_each(|sum| *sum /= n);
        })
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let n = self.0.count(&x.shape()) as f64;
        [Some(self.0.beside(g, &x).scale(1.0 / n).broadcast_to(&x.shape()))]
    }

    /// As of the sum.
    fn accumulate(&self, [x]: [&Tensor<T>; 1], _y: &Tensor<T>, mut g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        if into.wants(0) {
            let factor = T::lit(1.0 / self.0.count(x.shape()) as f64);
            g.pooled_mut().iter_mut().for_each(|g| *g *= factor);
            spread(self.0, x.shape(), &g, into);
        }
    }
}

/// The mean square distance from the mean.
pub struct Variance(pub(crate) Over);

impl<T: Scalar> Op<T, 1> for Variance {
    fn name(&self) -> &'static str {
        self.0.named(["var", "var_axis"])
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        self.0.result(x)
    }

    /// Of the distances themselves: the difference of two large squares would lose all digits.
    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let mean = Mean(self.0.kept()).value([x]);
        let squares = map::map([x, &mean], x.shape().into(), |[x, mean]| (x - mean) * (x - mean));
        Mean(self.0).value([&squares])
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let n = self.0.count(&x.shape()) as f64;
        let distance = x.clone().sub(A::apply(Mean(self.0.kept()), [x.clone()]));
        [Some(distance.mul(self.0.beside(g, &x).scale(2.0 / n)))]
    }
}

methods! {
    /// The sum of all numbers, of rank 0; 0 for no numbers.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.sum(), Tensor::scalar(10.0));
    /// let tape = Tape::new();
    /// let x = tape.tensor(x);
    /// assert_eq!(x.sum().backward().wrt(x), Tensor::ones([2, 2]));
    /// ```
    fn sum() = |_shape| Builtin::Sum(Sum(Over::All));

    /// The sum along an axis, which is kept with size 1 or dropped; 0 for no numbers.
    ///
    /// # Panics
    /// If there is no such axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.sum_axis(0, false), Tensor::from([4.0, 6.0]));
    /// assert_eq!(x.sum_axis(-1, true), Tensor::from([[3.0], [7.0]]));
    /// ```
    fn sum_axis(axis: isize, keep: bool) = |shape|
        Builtin::Sum(Sum(Over::Axis { axis: axis_of("sum_axis", axis, shape), keep }));

    /// The mean of all numbers, of rank 0; NaN for no numbers.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 2.0, 3.0, 6.0]);
    /// assert_eq!(x.mean().item(), 3.0);
    /// assert_eq!(x.mean().backward().wrt(x), Tensor::full([4], 0.25));
    /// ```
    fn mean() = |_shape| Builtin::Mean(Mean(Over::All));

    /// The mean along an axis, which is kept with size 1 or dropped; NaN for no numbers.
    ///
    /// # Panics
    /// If there is no such axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.mean_axis(0, false), Tensor::from([2.0, 3.0]));
    /// ```
    fn mean_axis(axis: isize, keep: bool) = |shape|
        Builtin::Mean(Mean(Over::Axis { axis: axis_of("mean_axis", axis, shape), keep }));

    /// The variance along an axis of n numbers, Σ (x - mean)² / n: that of a population, not the estimate from a
    /// sample, which divides by n - 1. The axis is kept with size 1 or dropped; NaN for no numbers.
    ///
    /// # Panics
    /// If there is no such axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 6.0]]);
    /// assert_eq!(x.var_axis(1, false), Tensor::from([0.25, 2.25]));
    /// ```
    fn var_axis(axis: isize, keep: bool) = |shape|
        Builtin::Variance(Variance(Over::Axis { axis: axis_of("var_axis", axis, shape), keep }));
}

pub(crate) fn sum_to_cases() -> Vec<Case> {
    let case = |from: &[usize], to: &'static [usize]| Case::new(|| Builtin::SumTo(SumTo(to.into())), &[from]);
    vec![case(&[2, 3], &[]), case(&[2, 3], &[3]), case(&[2, 3, 2], &[3, 1]), case(&[0], &[]), case(&[0, 2], &[2])]
}
