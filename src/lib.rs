//! gradtape
// In the order of the layers: a module names only what stands above it in this list.
mod error;
pub mod rng;
mod tensor;

mod tape;

pub mod ops;

pub mod functional;
pub mod gradcheck;

pub mod data;
pub mod metrics;

pub mod loss;
pub mod nn;

pub mod optim;

pub mod train;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

pub use error::{Error, Result};
pub use gradtape_macros::network;
pub use ops::{Elementwise, Expr, FromNumber, Number, Op, Operand, Scalar};
pub use rand;
pub use rng::Rng;
pub use tape::{Cotangents, Gradients, Param, Slots, Step, Tape, TensorVar, Var, Wrt};
pub use tensor::{Dual, Element, Shape, Tensor};

/// What most programs need: `use gradtape::prelude::*;`.
pub mod prelude {
    pub use crate::data::{self, Dataset};
    pub use crate::loss;
    pub use crate::nn::{self, Layer, Module};
    pub use crate::optim::{Adam, Optimizer, Sgd};
    pub use crate::{Dual, Gradients, Param, Rng, Scalar, Tape, Tensor, TensorVar, Var, network};
}
