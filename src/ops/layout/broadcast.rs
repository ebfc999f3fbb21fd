//! The same numbers several times: read as a larger shape, and laid out as tiles.

use crate::{
    Scalar, Shape, Tensor,
    ops::{Algebra, Builtin, Case, Op, layout::memory_holds, methods::methods},
    tape::Cotangents,
    tensor::{kernels::map, shape::broadcast},
};

/// The tensor read as if it had a larger shape.
pub struct BroadcastTo(pub(crate) Shape);

impl<T: Scalar> Op<T, 1> for BroadcastTo {
    fn name(&self) -> &'static str {
        "broadcast_to"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        match broadcast(x, &self.0) {
            Ok(shape) if shape == self.0 => memory_holds(shape, x),
            _ => Err(format!("{x:?} and {:?}: the shape does not broadcast to the larger one", self.0)),
        }
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        map::broadcast_to(x, self.0.clone())
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(g.sum_to(&x.shape()))]
    }

    fn accumulate(&self, _x: [&Tensor<T>; 1], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        into.give(0, g);
    }
}

/// Tiles: the tensor so many times along each axis.
pub struct Repeat(pub(crate) Shape);

impl Repeat {
    /// Each axis as two, of the tiles and within a tile.
    fn split(x: &[usize], count: impl Fn(usize) -> usize) -> Shape {
        x.iter().enumerate().flat_map(|(axis, size)| [count(axis), *size]).collect()
    }

    fn result(&self, x: &[usize]) -> Shape {
        x.iter().zip(self.0.iter()).map(|(size, times)| size.saturating_mul(*times)).collect()
    }
}

impl<T: Scalar> Op<T, 1> for Repeat {
    fn name(&self) -> &'static str {
        "repeat"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        if x.len() != self.0.len() {
            return Err(format!("{x:?}: {:?} is not one count for each of the {} axes", self.0, x.len()));
        }
        memory_holds(self.result(x), x)
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        let tile = x.with_shape(Repeat::split(x.shape(), |_| 1));
        let tiles = map::broadcast_to(&tile, Repeat::split(x.shape(), |axis| self.0[axis]));
        tiles.with_shape(self.result(x.shape()))
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let x = x.shape();
        let tiles = g.reshape(&Repeat::split(&x, |axis| self.0[axis]));
        [Some(tiles.sum_to(&Repeat::split(&x, |_| 1)).reshape(&x))]
    }
}

methods! {
    /// The same numbers read as if the tensor had a larger shape: axes of size 1 are repeated, and new ones come
    /// before the first (NumPy's rule).
    ///
    /// # Panics
    /// If the shape does not broadcast to the larger one.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// let row = Tensor::from([1.0, 2.0]);
    /// assert_eq!(row.broadcast_to([2, 2]), Tensor::from([[1.0, 2.0], [1.0, 2.0]]));
    /// ```
    fn broadcast_to(shape: impl AsRef<[usize]>) = |_own| Builtin::BroadcastTo(BroadcastTo(shape.as_ref().into()));

    /// Tiles: the whole tensor repeated `times[axis]` times along each axis, as NumPy's `tile`.
    ///
    /// # Panics
    /// If there is not one count for each axis.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// assert_eq!(Tensor::from([1.0, 2.0]).repeat(&[2]), Tensor::from([1.0, 2.0, 1.0, 2.0]));
    /// assert_eq!(Tensor::<f64>::from([[1.0], [2.0]]).repeat(&[1, 3]).shape(), [2, 3]);
    /// ```
    fn repeat(times: &[usize]) = |_shape| Builtin::Repeat(Repeat(times.into()));
}

pub(crate) fn broadcast_cases() -> Vec<Case> {
    let case =
        |from: &[usize], to: &'static [usize]| Case::new(|| Builtin::BroadcastTo(BroadcastTo(to.into())), &[from]);
    vec![
        case(&[3], &[2, 3]),
        case(&[], &[2, 2]),
        case(&[2, 1, 3], &[2, 2, 3]),
        case(&[2, 3], &[2, 3]),
        case(&[1], &[0]),
        case(&[1, 2], &[3, 0, 2]),
    ]
}

pub(crate) fn repeat_cases() -> Vec<Case> {
    let case = |from: &[usize], times: &'static [usize]| Case::new(|| Builtin::Repeat(Repeat(times.into())), &[from]);
    vec![
        case(&[3], &[2]),
        case(&[2, 3], &[3, 2]),
        case(&[2, 1, 2], &[1, 3, 2]),
        case(&[2], &[0]),
        case(&[0, 2], &[2, 2]),
        case(&[], &[]),
    ]
}
