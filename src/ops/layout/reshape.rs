//! The same numbers in another shape. The buffer is shared.

use crate::{
    Scalar, Shape, Tensor,
    ops::{
        Algebra, Builtin, Case, Op,
        layout::new_axis,
        methods::{axis_of, methods},
    },
    tape::Cotangents,
    tensor::shape::{checked_elements, elements},
};

/// The same numbers, row by row, in another shape.
pub struct Reshape(pub(crate) Shape);

impl<T: Scalar> Op<T, 1> for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        let (have, want) = (checked_elements(x), checked_elements(&self.0));
        if have == want {
            return Ok(self.0.clone());
        }
        let count = |n: Option<usize>| n.map_or("more than memory can hold".into(), |n| n.to_string());
        Err(format!("{x:?} and {:?}: {} numbers do not fill {}", self.0, count(have), count(want)))
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        x.with_shape(self.0.clone())
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(g.reshape(&x.shape()))]
    }

    fn accumulate(&self, [x]: [&Tensor<T>; 1], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        let reshaped = g.with_shape(x.shape().into());
        // So that the buffer has one owner, and may be added to.
        drop(g);
        into.give(0, reshaped);
    }
}

methods! {
    /// The same numbers, row by row, in another shape of as many elements.
    ///
    /// # Panics
    /// If the numbers of elements differ.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let a = Tensor::<f64>::arange(0.0, 6.0, 1.0).reshape([2, 3]);
    /// assert_eq!(a, Tensor::from([[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]));
    /// ```
    #[doc(alias = "view")]
    fn reshape(shape: impl AsRef<[usize]>) = |_own| Builtin::Reshape(Reshape(shape.as_ref().into()));

    /// All numbers, row by row, along one axis: the shape `[n]`, also of a single number.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// assert_eq!(Tensor::from([[1.0, 2.0], [3.0, 4.0]]).flatten(), Tensor::from([1.0, 2.0, 3.0, 4.0]));
    /// ```
    fn flatten() = |shape| Builtin::Reshape(Reshape([elements(shape)].into()));

    /// Without an axis of size 1.
    ///
    /// # Panics
    /// If there is no such axis, or it has another size.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let column = Tensor::from([[1.0], [2.0]]);
    /// assert_eq!(column.squeeze(-1), Tensor::from([1.0, 2.0]));
    /// ```
    fn squeeze(axis: isize) = |shape| Builtin::Reshape(Reshape(squeezed(shape, axis)));

    /// With a new axis of size 1 where `axis` says: axis `axis` of the result, from the end if negative.
    ///
    /// # Panics
    /// If it is not from `-rank - 1` to `rank`.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let row = Tensor::from([1.0, 2.0]);
    /// assert_eq!(row.unsqueeze(0), Tensor::from([[1.0, 2.0]]));
    /// assert_eq!(row.unsqueeze(-1), Tensor::from([[1.0], [2.0]]));
    /// ```
    #[doc(alias = "expand_dims")]
    fn unsqueeze(axis: isize) = |shape| Builtin::Reshape(Reshape(unsqueezed(shape, axis)));
}

#[track_caller]
fn squeezed(shape: &[usize], axis: isize) -> Shape {
    let axis = axis_of("squeeze", axis, shape);
    let mut result = Shape::from(shape);
    let size = result.remove(axis);
    assert!(size == 1, "squeeze: {shape:?}: axis {axis} has size {size}, not 1");
    result
}

#[track_caller]
fn unsqueezed(shape: &[usize], axis: isize) -> Shape {
    let mut result = Shape::from(shape);
    match new_axis(axis, shape) {
        Ok(axis) => result.insert(axis, 1),
        Err(reason) => panic!("unsqueeze: {reason}"),
    }
    result
}

pub(crate) fn reshape_cases() -> Vec<Case> {
    let case = |from: &[usize], to: &'static [usize]| Case::new(|| Builtin::Reshape(Reshape(to.into())), &[from]);
    vec![
        case(&[2, 3], &[6]),
        case(&[1], &[]),
        case(&[], &[1, 1]),
        case(&[2, 0], &[0, 3]),
        case(&[4], &[2, 2]),
        case(&[2, 3, 2], &[4, 3]),
    ]
}
