//! [`Layer`], a forward pass, and sequences of layers. What a layer owns is a [`Module`](super::Module)'s business.

use crate::{Scalar, TensorVar, ops::softmax::Softmax};

/// A function from a batch to a batch that may have parameters: a layer, or a whole network.
///
/// The gradient comes from the tape, so a layer is its forward pass and nothing else. It takes `&self`: several threads
/// may evaluate one layer, each on a tape of its own. The trait is object safe, and a list of boxed layers is a layer
/// again, which applies them one after the other.
///
/// ```
/// use gradtape::nn::{Activation, Dense, Layer};
/// use gradtape::{Rng, Tape};
/// let rng = &mut Rng::new(7);
/// let net: Vec<Box<dyn Layer<f32> + Send + Sync>> =
///     vec![Box::new(Dense::new(4, 8, rng)), Box::new(Activation::Tanh), Box::new(Dense::new(8, 2, rng))];
/// let tape = Tape::new();
/// let y = net.forward(tape.constant([[0.1, 0.2, 0.3, 0.4]]));
/// assert_eq!(y.shape(), [1, 2]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a layer for numbers of type `{T}`",
    label = "not a layer",
    note = "declare it with `layer!` and one input, or implement `gradtape::nn::Layer` for it: one function, `forward`"
)]
pub trait Layer<T: Scalar> {
    /// The output for the input `x`, recorded on its tape.
    ///
    /// A shape that does not fit is reported at the caller's line.
    #[track_caller]
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T>;
}

impl<T: Scalar, L: Layer<T> + ?Sized> Layer<T> for &L {
    #[track_caller]
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        (**self).forward(x)
    }
}

impl<T: Scalar, L: Layer<T> + ?Sized> Layer<T> for Box<L> {
    #[track_caller]
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        (**self).forward(x)
    }
}

/// One after the other; none at all gives back its input.
impl<T: Scalar, L: Layer<T>> Layer<T> for [L] {
    #[track_caller]
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        let (start, mut y) = (layer_start(x), x);
        for layer in self {
            y = layer_end(start, y, layer.forward(y));
        }
        y
    }
}

/// One after the other; none at all gives back its input.
impl<T: Scalar, L: Layer<T>> Layer<T> for Vec<L> {
    #[track_caller]
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        self.as_slice().forward(x)
    }
}

/// One after the other; none at all gives back its input.
impl<T: Scalar, L: Layer<T>, const N: usize> Layer<T> for [L; N] {
    #[track_caller]
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        self.as_slice().forward(x)
    }
}

/// Where the layers begin that take `x`: the newest node of its tape. What stands before it, such as the output of
/// another branch, is not theirs to drop.
pub(crate) fn layer_start<'t, T: Scalar>(x: TensorVar<'t, T>) -> TensorVar<'t, T> {
    x.newest()
}

/// Ends a layer that made `after` of `before` in a network that begins at `start`: on an inference tape, everything
/// between there and `after` is dropped, but for the logits under a softmax, which the loss asks for.
pub(crate) fn layer_end<'t, T: Scalar>(
    start: TensorVar<'t, T>,
    before: TensorVar<'t, T>,
    after: TensorVar<'t, T>,
) -> TensorVar<'t, T> {
    // The input of the layer itself goes too, if the network has made it.
    let first = if before.id() > start.id() { before.sibling(before.id() - 1) } else { start };
    match after.made_by::<Softmax>() {
        Some((_, logits)) => logits.end_layer(first),
        None => after.end_layer(first),
    }
    after
}
