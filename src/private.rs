//! What the macros' output calls. Not for users: it changes with the macros, which are of exactly this version.

pub use crate::nn;
pub use crate::nn::shape_rule;
pub use crate::nn::summary::{Row, count_params, summary};
pub use crate::{Scalar, TensorVar};
pub use rand;

/// What a network does between two of its layers: `before` went into the one that gave `after`.
#[track_caller]
pub fn layer_end<'t, T: Scalar>(
    input: TensorVar<'t, T>,
    before: TensorVar<'t, T>,
    after: TensorVar<'t, T>,
) -> TensorVar<'t, T> {
    nn::layer_end(input, before, after)
}
