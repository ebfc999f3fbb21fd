//! [`Flatten`]. How a reshape is recorded, and its derivative, stand in `ops`.

use super::{Layer, module::without_parameters};
use crate::{Scalar, TensorVar};

/// Puts the axes of each example behind each other: `[batch, a, b, ..]` to `[batch, a b ..]`.
///
/// The first axis is the batch and stays. No number is computed or copied.
///
/// ```
/// use gradtape::nn::{Flatten, Layer};
/// use gradtape::{Tape, Tensor};
/// let tape = Tape::new();
/// let images = tape.constant(Tensor::<f32>::zeros([64, 1, 28, 28]));
/// assert_eq!(Flatten.forward(images).shape(), [64, 784]);
/// ```
///
/// # Panics
/// In the forward pass, for an input of fewer than two axes, which has no batch of examples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Flatten;

impl<T: Scalar> Layer<T> for Flatten {
    #[track_caller]
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        let shape = x.shape();
        match shape {
            [batch, example @ ..] if !example.is_empty() => x.reshape([*batch, example.iter().product()]),
            _ => panic!("flatten: {shape:?}: the first axis is the batch; a single example gets one by `unsqueeze(0)`"),
        }
    }
}

without_parameters!(Flatten);
