//! [`Dense`], the fully connected layer. Its node and derivative stand in `ops::fused`.

use super::{Activation, Layer, Module, Param, Path, init};
use crate::{
    Scalar, Tensor, TensorVar,
    ops::{
        Builtin,
        elementwise::{Relu, Tanh},
        linear::{Identity, Linear},
    },
};

/// The fully connected layer: `activation(x · weight + bias)` on the last axis, `[.., inputs]` to `[.., outputs]`.
///
/// The weight `[inputs, outputs]` is drawn by He's normal initialisation where the activation belongs to the relu
/// family (relu, leaky_relu, elu, selu, silu, mish, gelu), else by Xavier's (Glorot's) uniform one; the bias
/// `[outputs]` starts at zero. Product, bias and a relu or tanh are one node of
/// the tape.
///
/// ```
/// use gradtape::nn::{Activation, Dense, Layer};
/// use gradtape::{Rng, Tape, Tensor};
/// let mut layer = Dense::with_activation(2, 3, Activation::Relu, &mut Rng::new(7));
/// layer.weight.set([[1.0, 2.0, 3.0], [-1.0, -2.0, -3.0]])?;
/// layer.bias.set([0.5, 0.5, 0.5])?;
/// let tape = Tape::new();
/// let y = layer.forward(tape.constant([[2.0, 1.0], [0.0, 1.0]]));
/// assert_eq!(y.value(), Tensor::from([[1.5, 2.5, 3.5], [0.0, 0.0, 0.0]]));
/// # Ok::<(), gradtape::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Dense<T> {
    /// The weight, `[inputs, outputs]`.
    pub weight: Param<T>,
    /// The bias, `[outputs]`; empty, `[0]`, and not visited in a layer without one.
    pub bias: Param<T>,
    activation: Activation,
}

impl<T: Scalar> Dense<T> {
    /// A layer without an activation.
    ///
    /// # Panics
    /// If the weight would take more numbers than memory can hold.
    #[track_caller]
    pub fn new(inputs: usize, outputs: usize, rng: &mut (impl rand::Rng + ?Sized)) -> Self {
        Dense::with_activation(inputs, outputs, Activation::Linear, rng)
    }

    /// A layer with an activation behind it.
    ///
    /// # Panics
    /// As [`new`](Self::new).
    #[track_caller]
    pub fn with_activation(
        inputs: usize,
        outputs: usize,
        activation: Activation,
        rng: &mut (impl rand::Rng + ?Sized),
    ) -> Self {
        let shape = [inputs, outputs];
        let weight =
            if activation.is_rectifier() { init::he_normal(&shape, rng) } else { init::xavier_uniform(&shape, rng) };
        Dense { weight: Param::new(weight), bias: Param::new(Tensor::zeros([outputs])), activation }
    }

    /// The layer without its bias.
    #[must_use]
    pub fn without_bias(mut self) -> Self {
        self.bias = Param::new(Tensor::zeros([0]));
        self
    }

    /// The layer with its weight drawn anew by a function of [`init`], or one of your own.
    ///
    /// # Panics
    /// If the function gives another shape than it is asked for.
    ///
    /// ```
    /// use gradtape::nn::{Dense, init};
    /// use gradtape::{Rng, Tensor};
    /// let rng = &mut Rng::new(7);
    /// let layer = Dense::<f64>::new(2, 2, rng).init_weight(init::constant(0.1), rng);
    /// assert_eq!(layer.weight.value(), Tensor::from([[0.1, 0.1], [0.1, 0.1]]));
    /// ```
    #[must_use]
    #[track_caller]
    pub fn init_weight<R: rand::Rng + ?Sized>(
        mut self,
        init: impl FnOnce(&[usize], &mut R) -> Tensor<T>,
        rng: &mut R,
    ) -> Self {
        let weight = init(self.weight.shape(), rng);
        let (asked, given) = (self.weight.shape(), weight.shape());
        assert!(asked == given, "dense: {asked:?} and {given:?}: the initialisation gave a weight of another shape");
        self.weight = Param::new(weight);
        self
    }

    /// The number of inputs.
    pub fn inputs(&self) -> usize {
        self.weight.shape()[0]
    }

    /// The number of outputs.
    pub fn outputs(&self) -> usize {
        self.weight.shape()[1]
    }

    /// The activation behind the layer.
    pub fn activation(&self) -> Activation {
        self.activation
    }

    /// Whether there is a bias.
    fn has_bias(&self) -> bool {
        self.bias.len() == self.outputs()
    }
}

impl<T: Scalar> Layer<T> for Dense<T> {
    #[track_caller]
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        let (shape, weight) = (x.shape(), self.weight.shape());
        match shape.last() {
            None => panic!("dense: [] and {weight:?}: a single number has no axis of features"),
            Some(width) => assert!(
                *width == weight[0],
                "dense: {shape:?} and {weight:?}: the layer expects {} inputs, but gets {width}",
                weight[0]
            ),
        }
        let tape = x.tape();
        let weight = tape.param(&self.weight);
        if !self.has_bias() {
            return self.activation.forward(x.matmul(weight));
        }
        let (linear, rest) = match self.activation {
            Activation::Relu => (Builtin::LinearRelu(Linear(Relu())), Activation::Linear),
            Activation::Tanh => (Builtin::LinearTanh(Linear(Tanh())), Activation::Linear),
            rest => (Builtin::Linear(Linear(Identity)), rest),
        };
        rest.forward(TensorVar::record(T::step(linear), &[x, weight, tape.param(&self.bias)]))
    }
}

impl<T: Scalar> Module<T> for Dense<T> {
    type In<U: Scalar> = Dense<U>;

    fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
        visitor(&path.child("weight"), &self.weight);
        if self.has_bias() {
            visitor(&path.child("bias"), &self.bias);
        }
    }

    fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
        let has_bias = self.has_bias();
        visitor(&path.child("weight"), &mut self.weight);
        if has_bias {
            visitor(&path.child("bias"), &mut self.bias);
        }
    }

    fn convert<U: Scalar>(&self) -> Dense<U> {
        Dense { weight: self.weight.convert(), bias: self.bias.convert(), activation: self.activation }
    }
}
