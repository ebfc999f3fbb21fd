//! Cumulative sums and products along an axis, and the recurrence that their derivatives of any order are made of.

use super::Over;
use crate::{
    Scalar, Shape, Tensor,
    ops::{Algebra, Builtin, Case, Op, methods, methods::axis_of},
    tensor::kernels::{reduce::Lanes, scan},
};

/// What runs along an axis keeps the shape.
fn same_shape(x: &[usize], axis: usize) -> Result<Shape, String> {
    Over::Axis { axis, keep: true }.result(x).map(|_| x.into())
}

/// The sum of each number and all before it along an axis; in reverse, of all after it.
pub struct CumSum {
    pub(crate) axis: usize,
    pub(crate) reverse: bool,
}

impl<T: Scalar> Op<T, 1> for CumSum {
    fn name(&self) -> &'static str {
        "cumsum"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        same_shape(x, self.axis)
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let lanes = Lanes::along(x.shape(), self.axis);
        let numbers = x.as_slice();
        Tensor::build(x.shape().into(), |to| {
            scan::scan(lanes, self.reverse, to, |i| numbers[i], |i, before| before + numbers[i]);
        })
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(A::apply(CumSum { axis: self.axis, reverse: !self.reverse }, [g]))]
    }
}

/// The product of each number and all before it along an axis; in reverse, and all after it.
pub struct CumProd {
    pub(crate) axis: usize,
    pub(crate) reverse: bool,
}

impl CumProd {
    /// The products without the number itself.
    pub(super) fn exclusive<T: Scalar, A: Algebra<T>>(axis: usize, reverse: bool, x: A) -> A {
        A::apply(Shift { axis, forward: !reverse, fill: 1.0 }, [A::apply(CumProd { axis, reverse }, [x])])
    }
}

impl<T: Scalar> Op<T, 1> for CumProd {
    fn name(&self) -> &'static str {
        "cumprod"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        same_shape(x, self.axis)
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let lanes = Lanes::along(x.shape(), self.axis);
        let numbers = x.as_slice();
        Tensor::build(x.shape().into(), |to| {
            scan::scan(lanes, self.reverse, to, |i| numbers[i], |i, before| before * numbers[i]);
        })
    }

    /// Forward: x[k] is a factor of y[i] for i >= k, beside y[k-1] and x[k+1] .. x[i]. So its cotangent is y[k-1] times
    /// r[k] = g[k] + x[k+1] r[k+1]. Nothing is divided by x, which may be 0.
    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let CumProd { axis, reverse } = *self;
        let after = A::apply(Shift { axis, forward: reverse, fill: 0.0 }, [x]);
        let rest = A::apply(Recurrence { axis, reverse: !reverse }, [after, g]);
        let before = A::apply(Shift { axis, forward: !reverse, fill: 1.0 }, [y]);
        [Some(rest.mul(before))]
    }
}

/// y[k] = b[k] + a[k] y[k-1] along an axis, and y = b at the first; in reverse, with y[k+1].
pub struct Recurrence {
    pub(crate) axis: usize,
    pub(crate) reverse: bool,
}

impl<T: Scalar> Op<T, 2> for Recurrence {
    fn name(&self) -> &'static str {
        "recurrence"
    }

    fn shape(&self, [a, b]: [&[usize]; 2]) -> Result<Shape, String> {
        if a != b {
            return Err(format!("{a:?} and {b:?}: factors and terms have the same shape"));
        }
        same_shape(a, self.axis)
    }

    fn value(&self, [a, b]: [&Tensor<T>; 2]) -> Tensor<T> {
        let lanes = Lanes::along(a.shape(), self.axis);
        let (factors, terms) = (a.as_slice(), b.as_slice());
        Tensor::build(a.shape().into(), |to| {
            scan::scan(lanes, self.reverse, to, |i| terms[i], |i, before| terms[i] + factors[i] * before);
        })
    }

    /// The cotangent of b runs the other way: r[k] = g[k] + a[k+1] r[k+1]; that of a[k] is r[k] y[k-1].
    fn pullback<A: Algebra<T>>(&self, [a, _b]: [A; 2], y: A, g: A, needs: [bool; 2]) -> [Option<A>; 2] {
        let Recurrence { axis, reverse } = *self;
        let after = A::apply(Shift { axis, forward: reverse, fill: 0.0 }, [a]);
        let rest = A::apply(Recurrence { axis, reverse: !reverse }, [after, g]);
        let of_factor = needs[0].then(|| {
            let before = A::apply(Shift { axis, forward: !reverse, fill: 0.0 }, [y]);
            rest.clone().mul(before)
        });
        [of_factor, Some(rest)]
    }
}

/// The numbers moved by one place along an axis, forward or back, with `fill` where nothing came from.
pub struct Shift {
    pub(crate) axis: usize,
    pub(crate) forward: bool,
    pub(crate) fill: f64,
}

impl<T: Scalar> Op<T, 1> for Shift {
    fn name(&self) -> &'static str {
        "shift"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        same_shape(x, self.axis)
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let lanes = Lanes::along(x.shape(), self.axis);
        Tensor::build(x.shape().into(), |to| {
            scan::shift(x.as_slice(), lanes, self.forward, T::lit(self.fill), to);
        })
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(A::apply(Shift { axis: self.axis, forward: !self.forward, fill: 0.0 }, [g]))]
    }
}

methods! {
    /// The sum of each number and all before it along an axis.
    ///
    /// # Panics
    /// If there is no such axis.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 2.0, 3.0]);
    /// let y = x.cumsum(0);
    /// assert_eq!(y.value(), Tensor::from([1.0, 3.0, 6.0]));
    /// assert_eq!(y.sum().backward().wrt(x), Tensor::from([3.0, 2.0, 1.0]));
    /// ```
    fn cumsum(axis: isize) = |shape|
        Builtin::CumSum(CumSum { axis: axis_of("cumsum", axis, shape), reverse: false });

    /// The product of each number and all before it along an axis. Derivatives are right, and finite, at zeros too.
    ///
    /// # Panics
    /// If there is no such axis.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([2.0, 0.0, 3.0]);
    /// let y = x.cumprod(-1);
    /// assert_eq!(y.value(), Tensor::from([2.0, 0.0, 0.0]));
    /// assert_eq!(y.sum().backward().wrt(x), Tensor::from([1.0, 8.0, 0.0]));
    /// ```
    fn cumprod(axis: isize) = |shape|
        Builtin::CumProd(CumProd { axis: axis_of("cumprod", axis, shape), reverse: false });
}

const SHAPES: &[(&[usize], usize)] =
    &[(&[4], 0), (&[2, 3], 1), (&[3, 2], 0), (&[2, 3, 2], 1), (&[2, 1], 1), (&[2, 0], 1), (&[0, 2], 1)];

/// Cases of something that runs along an axis, in one direction and the other, on `N` inputs.
fn cases<const N: usize>(builtin: fn(usize, bool) -> Builtin) -> Vec<Case> {
    let mut cases = Vec::new();
    for (shape, axis) in SHAPES {
        for direction in [false, true] {
            cases.push(Case::new(move || builtin(*axis, direction), &[*shape; N]));
        }
    }
    cases
}

pub(crate) fn cumsum_cases() -> Vec<Case> {
    cases::<1>(|axis, reverse| Builtin::CumSum(CumSum { axis, reverse }))
}

pub(crate) fn cumprod_cases() -> Vec<Case> {
    let mut all = cases::<1>(|axis, reverse| Builtin::CumProd(CumProd { axis, reverse }));
    let zeros = [[1.5, 0.0, -0.7, 1.2, 0.4], [0.0, 1.5, -0.7, 0.0, 2.0], [0.0, 0.0, 1.1, 0.0, 0.9]];
    all.push(Case::new(|| Builtin::CumProd(CumProd { axis: 1, reverse: false }), &[]).given(vec![zeros.into()]));
    all
}

pub(crate) fn recurrence_cases() -> Vec<Case> {
    cases::<2>(|axis, reverse| Builtin::Recurrence(Recurrence { axis, reverse }))
}

pub(crate) fn shift_cases() -> Vec<Case> {
    cases::<1>(|axis, forward| Builtin::Shift(Shift { axis, forward, fill: 1.0 }))
}
