//! Inputs away from kinks, and what the gradient check must let pass: for the tests of what it refuses and of what it
//! must not.

use gradtape::{Tensor, TensorVar, gradcheck::GradCheck};

/// A 2 x 3 matrix and a 3-vector, away from kinks.
pub(crate) fn matrix() -> Tensor<f64> {
    Tensor::from([[0.7, -1.3, 0.4], [1.9, 0.2, -0.6]])
}

pub(crate) fn vector() -> Tensor<f64> {
    Tensor::from([0.9, -0.5, 1.4])
}

#[track_caller]
pub(crate) fn passes<F>(f: F, inputs: &[Tensor<f64>])
where
    F: for<'t> Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
{
    if let Err(error) = GradCheck::new().order(2).check(f, inputs) {
        panic!("a right rule was refused: {error}");
    }
}
