//! A border around a tensor, and its removal.

use crate::{
    Scalar, Shape, Tensor,
    ops::{Algebra, Builtin, Case, Op, layout::memory_holds, methods::methods},
    tape::Cotangents,
    tensor::{kernels::strided, shape::strides},
};

/// For each axis, how many positions come before and after.
#[derive(Clone)]
struct Border(Vec<(usize, usize)>);

impl Border {
    fn check(&self, x: &[usize]) -> Result<(), String> {
        if self.0.len() == x.len() {
            return Ok(());
        }
        Err(format!("{x:?}: {:?} is not one pair for each of the {} axes", self.0, x.len()))
    }

    fn around(&self, inner: &[usize]) -> Shape {
        let sum =
            |(size, (before, after)): (&usize, &(usize, usize))| size.saturating_add(*before).saturating_add(*after);
        inner.iter().zip(&self.0).map(sum).collect()
    }

    fn within(&self, outer: &[usize]) -> Option<Shape> {
        let rest = |(size, (before, after)): (&usize, &(usize, usize))| size.checked_sub(*before)?.checked_sub(*after);
        outer.iter().zip(&self.0).map(rest).collect::<Option<Vec<usize>>>().map(|sizes| sizes.into_iter().collect())
    }

    /// Where the inner box begins in a tensor of shape `outer`.
    fn start(&self, outer: &[usize]) -> usize {
        strides(outer).iter().zip(&self.0).map(|(stride, (before, _))| stride * before).sum()
    }
}

/// A border of one value around the tensor.
pub struct Pad {
    border: Border,
    value: f64,
}

/// The tensor without a border: the transpose of [`Pad`] with zeros.
pub struct Crop(Border);

impl<T: Scalar> Op<T, 1> for Pad {
    fn name(&self) -> &'static str {
        "pad"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        self.border.check(x)?;
        memory_holds(self.border.around(x), x)
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let shape = self.border.around(x.shape());
        Tensor::build(shape.clone(), |to| {
            to.fill(T::lit(self.value));
            strided::write(x.as_slice(), self.border.start(&shape), x.shape(), &strides(&shape), to, false);
        })
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(A::apply(Crop(self.border.clone()), [g]))]
    }

    fn accumulate(&self, [x]: [&Tensor<T>; 1], y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        let (slot, add) = into.slot(0);
        strided::read(g.as_slice(), self.border.start(y.shape()), x.shape(), &strides(y.shape()), slot, add);
    }
}

impl<T: Scalar> Op<T, 1> for Crop {
    fn name(&self) -> &'static str {
        "crop"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        self.0.check(x)?;
        self.0.within(x).ok_or_else(|| format!("{x:?}: {:?} is more than there is", self.0.0))
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let shape = self.0.within(x.shape()).expect("the engine has checked the border");
        Tensor::build(shape.clone(), |to| {
            strided::read(x.as_slice(), self.0.start(x.shape()), &shape, &strides(x.shape()), to, false);
        })
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(A::apply(Pad { border: self.0.clone(), value: 0.0 }, [g]))]
    }
}

methods! {
    /// A border of one value: for each axis, how many positions `(before, after)`.
    ///
    /// # Panics
    /// If there is not one pair for each axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let a = Tensor::<f64>::from([[1.0, 2.0]]);
    /// assert_eq!(a.pad(&[(1, 0), (0, 1)], 9.0), Tensor::from([[9.0, 9.0, 9.0], [1.0, 2.0, 9.0]]));
    /// ```
    fn pad(border: &[(usize, usize)], value: f64) = |_shape| Builtin::Pad(Pad { border: Border(border.into()), value });
}

type Sides = &'static [(usize, usize)];

fn samples() -> Vec<(&'static [usize], Sides)> {
    vec![
        (&[3], &[(1, 2)]),
        (&[2, 3], &[(0, 1), (2, 0)]),
        (&[2, 1, 2], &[(1, 1), (0, 0), (0, 3)]),
        (&[2], &[(0, 0)]),
        (&[0, 2], &[(1, 1), (1, 0)]),
        (&[0, 2], &[(0, 0), (1, 1)]),
        (&[], &[]),
    ]
}

pub(crate) fn pad_cases() -> Vec<Case> {
    let case = |(shape, border): (&'static [usize], Sides)| {
        Case::new(move || Builtin::Pad(Pad { border: Border(border.into()), value: 1.5 }), &[shape])
    };
    samples().into_iter().map(case).collect()
}

pub(crate) fn crop_cases() -> Vec<Case> {
    let case = |(shape, border): (&'static [usize], Sides)| {
        let outer = Border(border.into()).around(shape);
        Case::new(move || Builtin::Crop(Crop(Border(border.into()))), &[&outer])
    };
    samples().into_iter().map(case).collect()
}
