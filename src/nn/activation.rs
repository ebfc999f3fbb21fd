//! [`Activation`], the functions between layers by name. Their values and slopes stand in the rule book.

use super::{Layer, module::without_parameters};
use crate::{Scalar, TensorVar};
use std::fmt;

/// A function between two layers. It is a layer of its own, without parameters.
///
/// Elementwise, but for the last two, which act on the last axis. Parameters are plain numbers, whatever the numbers
/// of the tape are.
///
/// ```
/// use gradtape::nn::{Activation, Layer};
/// use gradtape::{Tape, Tensor};
/// let tape = Tape::new();
/// let y = Activation::LeakyRelu(0.1).forward(tape.constant([-2.0, 3.0]));
/// assert_eq!(y.value(), Tensor::from([-0.2, 3.0]));
/// assert_eq!(Activation::LeakyRelu(0.1).to_string(), "leaky_relu(0.1)");
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Activation {
    /// x itself.
    Linear,
    /// max(x, 0).
    Relu,
    /// x where positive, else the slope times x.
    LeakyRelu(f64),
    /// x where positive, else alpha (e^x - 1).
    Elu(f64),
    /// The self-normalising ELU.
    Selu,
    /// x sigmoid(x).
    Silu,
    /// x tanh(softplus(x)).
    Mish,
    /// ln(1 + e^x).
    Softplus,
    /// x/(1 + |x|).
    Softsign,
    /// x Φ(x), by the error function.
    Gelu,
    /// GELU in its tanh form.
    GeluTanh,
    /// The hyperbolic tangent.
    Tanh,
    /// The logistic function 1/(1 + e^-x).
    Sigmoid,
    /// Probabilities: e^x over its sum along the last axis.
    Softmax,
    /// The logarithm of those.
    LogSoftmax,
}

impl Activation {
    /// Whether it passes positive numbers on about as they are and holds negative ones back: those functions for which
    /// the He initialisation keeps the variance from layer to layer.
    pub(super) fn is_rectifier(self) -> bool {
        use Activation::*;
        matches!(self, Relu | LeakyRelu(_) | Elu(_) | Selu | Silu | Mish | Gelu | GeluTanh)
    }
}

impl<T: Scalar> Layer<T> for Activation {
    #[track_caller]
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        match *self {
            Activation::Linear => x,
            Activation::Relu => x.relu(),
            Activation::LeakyRelu(slope) => x.leaky_relu(slope),
            Activation::Elu(alpha) => x.elu(alpha),
            Activation::Selu => x.selu(),
            Activation::Silu => x.silu(),
            Activation::Mish => x.mish(),
            Activation::Softplus => x.softplus(),
            Activation::Softsign => x.softsign(),
            Activation::Gelu => x.gelu(),
            Activation::GeluTanh => x.gelu_tanh(),
            Activation::Tanh => x.tanh(),
            Activation::Sigmoid => x.sigmoid(),
            Activation::Softmax => x.softmax(-1),
            Activation::LogSoftmax => x.log_softmax(-1),
        }
    }
}

without_parameters!(Activation);

/// As `network!` takes it: `relu`, `leaky_relu(0.1)`.
impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Activation::Linear => "linear",
            Activation::Relu => "relu",
            Activation::LeakyRelu(slope) => return write!(f, "leaky_relu({slope})"),
            Activation::Elu(alpha) => return write!(f, "elu({alpha})"),
            Activation::Selu => "selu",
            Activation::Silu => "silu",
            Activation::Mish => "mish",
            Activation::Softplus => "softplus",
            Activation::Softsign => "softsign",
            Activation::Gelu => "gelu",
            Activation::GeluTanh => "gelu_tanh",
            Activation::Tanh => "tanh",
            Activation::Sigmoid => "sigmoid",
            Activation::Softmax => "softmax",
            Activation::LogSoftmax => "log_softmax",
        })
    }
}
