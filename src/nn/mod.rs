//! Layer 4: layers and models, compositions of operations. No derivative stands here or above.
//!
//! A [`Layer`] is a forward pass, a [`Module`](trait@Module) owns named parameters; what [`network!`](crate::network)
//! and
//! [`layer!`](crate::layer) declare is both, and [`#[derive(Module)]`](derive@Module) makes a module of a struct.
//! Written by hand, without a macro, a layer is a struct of [`Param`]s and other modules:
//!
//! ```
//! use gradtape::nn::{Dense, Layer, Module, Param, Path, init};
//! use gradtape::{Rng, Scalar, Tape, TensorVar};
//!
//! /// x times a learned gate.
//! struct Gate<T> {
//!     dense: Dense<T>,
//!     strength: Param<T>,
//! }
//!
//! impl<T: Scalar> Layer<T> for Gate<T> {
//!     fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
//!         x * self.dense.forward(x).sigmoid() * x.tape().param(&self.strength)
//!     }
//! }
//!
//! impl<T: Scalar> Module<T> for Gate<T> {
//!     type In<U: Scalar> = Gate<U>;
//!     fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
//!         self.dense.visit(&path.child("dense"), visitor);
//!         visitor(&path.child("strength"), &self.strength);
//!     }
//!     fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
//!         self.dense.visit_mut(&path.child("dense"), visitor);
//!         visitor(&path.child("strength"), &mut self.strength);
//!     }
//!     fn convert<U: Scalar>(&self) -> Gate<U> {
//!         Gate { dense: Module::<T>::convert(&self.dense), strength: self.strength.convert() }
//!     }
//! }
//!
//! let rng = &mut Rng::new(7);
//! let gate = Gate::<f64> { dense: Dense::new(3, 3, rng), strength: Param::new(init::ones(&[3], rng)) };
//! let names: Vec<String> = gate.named_params().into_iter().map(|(name, _)| name).collect();
//! assert_eq!(names, ["dense.weight", "dense.bias", "strength"]);
//! let tape = Tape::new();
//! let y = gate.forward(tape.constant([[1.0, 2.0, 3.0]]));
//! assert_eq!(y.sum().backward().wrt(&gate.strength).shape(), [3]);
//! ```

mod activation;
pub(crate) mod check;
mod declared;
mod dense;
mod dropout;
mod flatten;
pub mod init;
mod layer;
mod module;
mod path;
mod residual;
#[doc(hidden)]
pub mod shape_rule;
pub(crate) mod summary;

pub use crate::tape::Param;
pub use activation::Activation;
pub use declared::{GivenByName, Initialised, NamedArguments};
pub use dense::Dense;
pub use dropout::Dropout;
pub use flatten::Flatten;
/// Implements the trait [`Module`](trait@Module) for a struct.
pub use gradtape_macros::Module;
pub use layer::Layer;
pub(crate) use layer::{layer_end, layer_start};
pub use module::Module;
pub use path::Path;
pub use residual::Residual;
