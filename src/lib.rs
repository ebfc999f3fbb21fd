//! gradtape
mod dual;
mod error;
mod float;
pub mod ops;
mod rng;
mod tape;
mod tensor;

pub use dual::Dual;
pub use error::{Error, Result};
pub use float::Element;
pub use ops::{Elementwise, Expr, FromNumber, Number, Operand, Scalar};
pub use rand;
pub use rng::Rng;
pub use tape::{Cotangents, Gradients, Param, Slots, Step, Tape, TensorVar, Var, Wrt};
pub use tensor::{Shape, Tensor};
