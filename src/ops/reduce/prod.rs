//! The product of numbers, and their Euclidean norm.

use super::{Over, scan::CumProd};
use crate::{
    Scalar, Shape, Tensor,
    ops::{Algebra, Builtin, Case, Op, methods, methods::axis_of},
    tensor::kernels::{
        map,
        reduce::{fold, fold_row, larger},
    },
};

/// The product of all numbers, or along an axis.
pub struct Prod(pub(crate) Over);

impl<T: Scalar> Op<T, 1> for Prod {
    fn name(&self) -> &'static str {
        self.0.named(["prod", "prod_axis"])
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        self.0.result(x)
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        self.0.build(x, |lanes, to| fold(x.as_slice(), lanes, T::one(), to, |a, b| a * b))
    }

    /// The product of the others is that of those before times that of those after: right where some are 0.
    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let shape = x.shape();
        let (line, axis) = match self.0 {
            Over::All => (x.clone().reshape(&[shape.elements()]), 0),
            Over::Axis { axis, .. } => (x.clone(), axis),
        };
        let others = CumProd::exclusive(axis, false, line.clone()).mul(CumProd::exclusive(axis, true, line));
        [Some(others.reshape(&shape).mul(self.0.beside(g, &x)))]
    }
}

/// The root of the sum of squares of all numbers.
pub struct Norm;

impl<T: Scalar> Op<T, 1> for Norm {
    fn name(&self) -> &'static str {
        "norm"
    }

    fn shape(&self, _: [&[usize]; 1]) -> Result<Shape, String> {
        Ok(Shape::default())
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        Tensor::scalar(norm(x.as_slice()))
    }

    /// x/|x|, and 0 at 0.
    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(x.ratio(y).mul(g))]
    }
}

/// Where squares overflow or lose digits near 0, the numbers are divided by the largest first.
fn norm<T: Scalar>(x: &[T]) -> T {
    let squares = map::sum_of([x], |[x]| x * x);
    if squares.is_finite() && squares >= T::min_positive_value() / T::epsilon() {
        return squares.sqrt();
    }
    let largest = fold_row(x, T::zero(), |a, b| larger(a.abs(), b.abs()));
    // A scale is a constant, whatever it was taken from.
    let scale = T::lit(largest.real());
    if scale.is_zero() || scale.is_infinite() {
        return scale;
    }
    map::sum_of([x], |[x]| (x / scale) * (x / scale)).sqrt() * scale
}

methods! {
    /// The product of all numbers, of rank 0; 1 for no numbers. Derivatives are right, and finite, at zeros too.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([2.0, 0.0, 3.0]);
    /// assert_eq!(x.prod().item(), 0.0);
    /// assert_eq!(x.prod().backward().wrt(x), Tensor::from([0.0, 6.0, 0.0]));
    /// ```
    fn prod() = |_shape| Builtin::Prod(Prod(Over::All));

    /// The product along an axis, which is kept with size 1 or dropped; 1 for no numbers.
    ///
    /// Beside a number that is infinite or NaN, second derivatives may be finite or NaN, as they are computed.
    ///
    /// # Panics
    /// If there is no such axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
    /// assert_eq!(x.prod_axis(0, false), Tensor::from([3.0, 8.0]));
    /// ```
    fn prod_axis(axis: isize, keep: bool) = |shape|
        Builtin::Prod(Prod(Over::Axis { axis: axis_of("prod_axis", axis, shape), keep }));

    /// The Euclidean norm √Σx² of all numbers, of rank 0, without overflow on the way; its slope at 0 is 0.
    ///
    /// Where a number is infinite, so is the norm, and there is no derivative: a sweep gives NaN for that number, and
    /// tangents are dropped.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([3.0, 4.0]);
    /// assert_eq!(x.norm().item(), 5.0);
    /// assert_eq!(x.norm().backward().wrt(x), Tensor::from([0.6, 0.8]));
    /// assert_eq!(Tensor::from([3e300, 4e300]).norm().item(), 5e300);
    /// ```
    fn norm() = |_shape| Builtin::Norm(Norm);
}

pub(crate) fn prod_cases() -> Vec<Case> {
    let mut cases = super::cases(super::BOTH, |over| Builtin::Prod(Prod(over)), true);
    for zeros in [[[1.5, 0.0, -0.7], [0.3, 1.2, -1.0]], [[0.0, 0.0, 1.3], [0.0, 1.0, 0.5]], [[0.0; 3], [1.0; 3]]] {
        for over in super::BOTH {
            cases.push(Case::new(|| Builtin::Prod(Prod(*over)), &[]).given(vec![zeros.into()]));
        }
    }
    cases
}

pub(crate) fn norm_cases() -> Vec<Case> {
    let mut cases = super::cases(super::ALL, |_| Builtin::Norm(Norm), true);
    // At 0 the norm has a corner, and the slope that lies in the middle.
    cases.iter_mut().filter(|case| case.inputs[0].0.contains(&0)).for_each(|case| case.order = 1);
    cases.push(Case::new(|| Builtin::Norm(Norm), &[]).given(vec![[0.0, 0.0].into()]).order(1));
    cases.push(Case::new(|| Builtin::Norm(Norm), &[]).given(vec![[0.0, 2.0].into()]));
    cases
}
