//! [`Residual`], a layer around which its input is carried. What stands inside is any other layer.

use super::{Layer, Module, Param, Path};
use crate::{Scalar, TensorVar};

/// `x + inner(x)`: the layer inside learns what to change, and the gradient has a way around it.
///
/// The layer inside keeps the shape. Its parameters have the paths that they have without the `Residual`. In
/// `network!` it is `residual(layer, layer)`. He et al., *Deep residual learning*, 2015.
///
/// ```
/// use gradtape::nn::{Dense, Layer, Module, Residual};
/// use gradtape::{Rng, Tape, Tensor};
/// let block = Residual::new(Dense::<f64>::new(3, 3, &mut Rng::new(7)));
/// let tape = Tape::new();
/// let x = tape.constant(Tensor::ones([2, 3]));
/// assert_eq!(block.forward(x).value(), (x + block.inner.forward(x)).value());
/// assert_eq!(block.named_params()[0].0, "weight");
/// ```
///
/// # Panics
/// In the forward pass, at the line of the caller, if the layer inside changes the shape.
#[derive(Clone, Debug)]
pub struct Residual<L> {
    /// The layer inside.
    pub inner: L,
}

impl<L> Residual<L> {
    /// Carries the input around `inner`.
    pub fn new(inner: L) -> Self {
        Residual { inner }
    }
}

impl<T: Scalar, L: Layer<T>> Layer<T> for Residual<L> {
    #[track_caller]
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        let y = self.inner.forward(x);
        let (before, after) = (x.shape(), y.shape());
        assert!(before == after, "residual: {before:?} and {after:?}: the layer inside changes the shape");
        x + y
    }
}

impl<T: Scalar, M: Module<T>> Module<T> for Residual<M> {
    type In<U: Scalar> = Residual<M::In<U>>;

    fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
        self.inner.visit(path, visitor);
    }

    fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
        self.inner.visit_mut(path, visitor);
    }

    fn convert<U: Scalar>(&self) -> Self::In<U> {
        Residual { inner: self.inner.convert() }
    }
}
