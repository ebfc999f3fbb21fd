//! Reductions: one number of many, over all of them or along an axis. What keeps the length of an axis, as softmax and
//! cumulative sums do, is in `scan` and in `softmax`.

pub(crate) mod extreme;
pub(crate) mod prod;
pub(crate) mod scan;
pub(crate) mod sum;

use crate::{
    Scalar, Shape, Tensor,
    ops::{Algebra, Builtin, Case},
    tensor::kernels::reduce::Lanes,
};

/// What a reduction goes over.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Over {
    /// All numbers; the result has rank 0.
    All,
    /// An axis, kept with size 1 or dropped.
    Axis { axis: usize, keep: bool },
}

impl Over {
    /// The operation's name: that over all, or that along an axis.
    pub(crate) fn named(self, [all, along]: [&'static str; 2]) -> &'static str {
        match self {
            Over::All => all,
            Over::Axis { .. } => along,
        }
    }

    /// The same with the axis kept.
    pub(crate) fn kept(self) -> Self {
        match self {
            Over::All => Over::All,
            Over::Axis { axis, .. } => Over::Axis { axis, keep: true },
        }
    }

    /// The shape of the result.
    pub(crate) fn result(self, x: &[usize]) -> Result<Shape, String> {
        let mut shape = Shape::default();
        if let Over::Axis { axis, keep } = self {
            if axis >= x.len() {
                return Err(format!("{x:?}: there is no axis {axis}"));
            }
            shape = x.into();
            if keep {
                shape[axis] = 1;
            } else {
                shape.remove(axis);
            }
        }
        Ok(shape)
    }

    /// As [`result`](Self::result), where there must be a number to choose.
    pub(crate) fn result_of_some(self, x: &[usize], which: &str) -> Result<Shape, String> {
        let shape = self.result(x)?;
        // No lane at all is no lane without numbers.
        if self.count(x) == 0 && shape.elements() > 0 {
            return Err(format!("{x:?} and {shape:?}: no numbers have no {which} one"));
        }
        Ok(shape)
    }

    /// How many numbers become one.
    pub(crate) fn count(self, x: &[usize]) -> usize {
        match self {
            Over::All => x.iter().product(),
            Over::Axis { axis, .. } => x[axis],
        }
    }

    pub(crate) fn lanes(self, x: &[usize]) -> Lanes {
        match self {
            Over::All => Lanes::one(self.count(x)),
            Over::Axis { axis, .. } => Lanes::along(x, axis),
        }
    }

    /// The result, written by `write`.
    pub(crate) fn build<T: Scalar>(self, x: &Tensor<T>, write: impl FnOnce(Lanes, &mut [T])) -> Tensor<T> {
        let shape = self.result(x.shape()).expect("the engine has checked the shapes");
        Tensor::build(shape, |to| write(self.lanes(x.shape()), to))
    }

    /// What has the shape of the result, in one that broadcasts to the shape of the input `x`.
    pub(crate) fn beside<T: Scalar, A: Algebra<T>>(self, of_result: A, x: &A) -> A {
        let kept = self.kept().result(&x.shape()).expect("the engine has checked the shapes");
        of_result.reshape(&kept)
    }
}

/// Cases of a reduction, of no numbers too where `empty` says so.
pub(crate) fn cases(over: &'static [Over], builtin: fn(Over) -> Builtin, empty: bool) -> Vec<Case> {
    let mut cases = Vec::new();
    for over in over {
        let shapes: &[&[usize]] = match over {
            Over::All => &[&[], &[5], &[2, 3], &[2, 3, 2], &[1, 1], &[0], &[2, 0]],
            Over::Axis { axis: 0, .. } => &[&[5], &[3, 2], &[1, 3], &[2, 3, 2], &[2, 0], &[0, 2]],
            Over::Axis { .. } => &[&[2, 5], &[2, 1], &[2, 3, 2], &[0, 3], &[2, 0]],
        };
        for shape in shapes {
            if empty || over.result_of_some(shape, "").is_ok() {
                cases.push(Case::new(move || builtin(*over), &[shape]));
            }
        }
    }
    cases
}

pub(crate) const ALL: &[Over] = &[Over::All];
pub(crate) const ALONG: &[Over] = &[
    Over::Axis { axis: 0, keep: false },
    Over::Axis { axis: 0, keep: true },
    Over::Axis { axis: 1, keep: false },
    Over::Axis { axis: 1, keep: true },
];
pub(crate) const BOTH: &[Over] = &[Over::All, ALONG[0], ALONG[1], ALONG[2], ALONG[3]];
