//! Reductions.

use crate::{
    Scalar, Shape, Tensor, TensorVar,
    ops::{Algebra, Builtin, Case, Op, run},
    tensor::{kernels::map, shape::broadcast},
};

/// The sum over axes, so that a tensor of the given shape would broadcast to the input.
pub struct SumTo(pub(crate) Shape);

impl<T: Scalar> Op<T, 1> for SumTo {
    fn name(&self) -> &'static str {
        if self.0.is_empty() { "sum" } else { "sum_to" }
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        match broadcast(&self.0, x) {
            Ok(shape) if shape[..] == *x => Ok(self.0.clone()),
            _ => Err(format!("{x:?} and {:?}: the smaller shape does not broadcast to the larger one", self.0)),
        }
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        map::sum_to(x, &self.0)
    }

    fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(g.broadcast_to(&x.shape()))]
    }
}

impl<T: Scalar> TensorVar<'_, T> {
    /// The sum of all numbers, of rank 0.
    #[track_caller]
    pub fn sum(self) -> Self {
        TensorVar::record(T::step(Builtin::SumTo(SumTo(Shape::default()))), &[self])
    }
    /// The mean of all numbers, of rank 0; NaN for no numbers.
    #[track_caller]
    pub fn mean(self) -> Self {
        let n: usize = self.shape().iter().product();
        self.sum() * (1.0 / n as f64)
    }
}

impl<T: Scalar> Tensor<T> {
    /// The sum of all numbers, of rank 0.
    #[track_caller]
    pub fn sum(&self) -> Self {
        run(&*T::step(Builtin::SumTo(SumTo(Shape::default()))), &[self])
    }
    /// The mean of all numbers, of rank 0; NaN for no numbers.
    #[track_caller]
    pub fn mean(&self) -> Self {
        self.sum() * (1.0 / self.len() as f64)
    }
}

pub(crate) fn sum_to_cases() -> Vec<Case> {
    let case = |from: &[usize], to: &'static [usize]| Case::new(|| Builtin::SumTo(SumTo(to.into())), &[from]);
    vec![case(&[2, 3], &[]), case(&[2, 3], &[3]), case(&[2, 3, 2], &[3, 1]), case(&[0], &[]), case(&[0, 2], &[2])]
}
