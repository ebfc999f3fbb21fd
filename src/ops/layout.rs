//! Operations that move numbers and compute none: reshaping, permuting and broadcasting axes.

use crate::{
    Scalar, Shape, Tensor, TensorVar,
    ops::{Algebra, Builtin, Case, Op, run},
    tensor::{
        kernels::{map, walk},
        shape::{broadcast, checked_elements, strides},
    },
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
}

/// The axes in another order: axis `i` of the result is axis `order[i]` of the input.
pub struct Permute(pub(crate) Shape);

impl<T: Scalar> Op<T, 1> for Permute {
    fn name(&self) -> &'static str {
        "permute"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(0..x.len()) {
            return Err(format!("{x:?}: {:?} does not name each axis once", self.0));
        }
        Ok(self.0.iter().map(|axis| x[*axis]).collect())
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let own = strides(x.shape());
        let shape: Shape = self.0.iter().map(|axis| x.shape()[*axis]).collect();
        let steps: Vec<usize> = self.0.iter().map(|axis| own[*axis]).collect();
        Tensor::build(shape.clone(), |to| walk::gather(x.as_slice(), 0, &shape, &steps, to))
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let mut inverse = self.0.clone();
        for (i, axis) in self.0.iter().enumerate() {
            inverse[*axis] = i;
        }
        [Some(g.permute(&inverse))]
    }
}

/// The tensor read as if it had a larger shape.
pub struct BroadcastTo(pub(crate) Shape);

impl<T: Scalar> Op<T, 1> for BroadcastTo {
    fn name(&self) -> &'static str {
        "broadcast_to"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        match broadcast(x, &self.0) {
            Ok(shape) if shape == self.0 => Ok(shape),
            _ => Err(format!("{x:?} and {:?}: the shape does not broadcast to the larger one", self.0)),
        }
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        map::broadcast_to(x, self.0.clone())
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(g.sum_to(&x.shape()))]
    }
}

impl<T: Scalar> TensorVar<'_, T> {
    /// The same numbers, row by row, in another shape of as many elements.
    ///
    /// # Panics
    /// If the numbers of elements differ.
    #[track_caller]
    pub fn reshape(self, shape: impl AsRef<[usize]>) -> Self {
        TensorVar::record(T::step(Builtin::Reshape(Reshape(shape.as_ref().into()))), &[self])
    }
}

impl<T: Scalar> Tensor<T> {
    /// The same numbers, row by row, in another shape of as many elements.
    ///
    /// # Panics
    /// If the numbers of elements differ.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let a = Tensor::arange(0.0, 6.0, 1.0).reshape([2, 3]);
    /// assert_eq!(a.get(&[1, 0]), Some(3.0));
    /// ```
    #[track_caller]
    pub fn reshape(&self, shape: impl AsRef<[usize]>) -> Self {
        run(&*T::step(Builtin::Reshape(Reshape(shape.as_ref().into()))), &[self])
    }
}

pub(crate) fn reshape_cases() -> Vec<Case> {
    let case = |from: &[usize], to: &'static [usize]| Case::new(|| Builtin::Reshape(Reshape(to.into())), &[from]);
    vec![case(&[2, 3], &[6]), case(&[1], &[]), case(&[2, 0], &[0, 3]), case(&[4], &[2, 2])]
}
