#![doc = include_str!("../README.md")]
//!
//! # The house
//!
//! Layers, from the bottom: [`Tensor`] (numbers; no tape), [`Tape`] (the engine; it names no operation), [`ops`] (the
//! rule book, where the derivative of every operation stands), [`functional`], [`implicit`], [`ode`] and
//! [`mod@gradcheck`] (what can be done with a function; solutions of equations have their derivatives from the
//! equation), [`nn`] and [`loss`] (compositions), [`optim`], [`train`]. Beside them [`data`] and [`metrics`], without
//! tape. A module names only what lies below it.
#![cfg_attr(docsrs, feature(doc_cfg))]

mod error;
pub mod rng;
mod tensor;

mod tape;

pub mod ops;

pub mod functional;
pub mod gradcheck;
pub mod implicit;
pub mod ode;

pub mod data;
pub mod metrics;

pub mod loss;
pub mod nn;

pub mod optim;

pub mod train;

#[doc(hidden)]
pub mod macros;

#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

/// The vector kernels, for their tests.
#[doc(hidden)]
pub mod __vector {
    pub use crate::tensor::kernels::dispatch::InstructionSet;
    pub use crate::tensor::kernels::vector::{VectorFunction, VectorMath, VectorNumber, VectorPair};
}

pub use error::{Error, Result};
pub use functional::{
    Gradient, grad, hessian, hessian_diagonal, hessian_sparse, hvp, jacobian, jacobian_forward, jacobian_reverse,
    jacobian_sparse, jvp, laplacian, value_and_grad, vjp,
};
pub use gradtape_macros::elementwise;
pub use num_traits;
pub use ops::{
    Elementwise, ElementwiseArgument, Expr, FromNumber, Fused, Number, Op, Operand, Scalar, fuse, numeric, vectorized,
};
pub use rand;
pub use rng::Rng;
pub use tape::{
    Cotangents, Gradients, Kept, OperationCount, Param, Slots, Statistics, Step, Tape, TensorVar, Var, Wrt, recompute,
    recompute_chain, sum_over,
};
pub use tensor::{Dual, Element, MultiDual, Shape, Taylor, Tensor, threads, with_threads};

#[doc = include_str!("performance.md")]
pub mod performance {}

#[doc = include_str!("scalar_guide.md")]
pub mod scalar_guide {}

/// What most programs need: `use gradtape::prelude::*;`.
pub mod prelude {
    pub use crate::data::{self, Dataset};
    pub use crate::functional::{
        grad, hessian, hessian_diagonal, hvp, jacobian, jacobian_reverse, jvp, value_and_grad, vjp,
    };
    pub use crate::gradcheck::GradCheck;
    pub use crate::loss;
    pub use crate::metrics::{Accuracy, ConfusionMatrix, Metric};
    pub use crate::nn::{self, Layer, Module};
    pub use crate::optim::{Adam, Optimizer, Sgd};
    pub use crate::train::{History, Trainer};
    pub use crate::{
        Dual, Gradients, Param, Rng, Scalar, Tape, Tensor, TensorVar, Var, elementwise, gradcheck, layer, network,
    };
}
