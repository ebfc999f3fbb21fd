//! Layer 5: optimizers, which change the parameters of a model by their gradients. How gradients come about is not
//! known here.
//!
//! All take their formulas and usual values from PyTorch. A step is one pass over weight, gradient and state of each
//! parameter, in place. What an optimizer remembers of a parameter is found by the parameter's identity: moving a
//! model, or adding, freezing and reordering layers, leaves it with its owner; a clone of a parameter begins anew.
//!
//! Frozen parameters and buffers stay as they are, and so does a parameter that the loss did not reach: neither decay
//! nor momentum moves it.
//!
//! ```
//! use gradtape::optim::{Optimizer, Sgd};
//! use gradtape::{Param, Tape, Tensor};
//! let mut weight = Param::<f64>::new([1.0, -2.0]);
//! let mut optimizer = Sgd::new(0.1);
//! for _ in 0..50 {
//!     let tape = Tape::new();
//!     let loss = tape.param(&weight).square().sum();
//!     optimizer.step(&mut weight, &loss.backward());
//! }
//! assert!(weight.value().iter().all(|w| w.abs() < 1e-3));
//! ```

mod adam;
mod memory;
mod sgd;
mod update;

pub use adam::Adam;
pub use sgd::Sgd;

use crate::{Scalar, nn::Module, tape::Gradients};

/// Changes a model by gradients of its loss.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an optimizer for numbers of type `{T}`",
    label = "not an optimizer",
    note = "optimizers are made by `Sgd::new(0.1)`, `Adam::new(1e-3)`, ...; of your own, implement \
            `gradtape::optim::Optimizer`"
)]
pub trait Optimizer<T: Scalar> {
    /// One step: every trained parameter that has a gradient is changed.
    ///
    /// In place where nothing else holds the weights: [`Tape::reset`](crate::Tape::reset) before the step, after
    /// `backward`, lets a tape go of them.
    ///
    /// # Panics
    /// If none of the model's parameters was on the tape: the gradients are of another model.
    #[track_caller]
    fn step<M: Module<T> + ?Sized>(&mut self, model: &mut M, gradients: &Gradients<T>);

    /// How far a step goes.
    fn learning_rate(&self) -> f64;

    /// Changes how far the next steps go, as a schedule does.
    ///
    /// # Panics
    /// If the rate is negative or not finite.
    #[track_caller]
    fn set_learning_rate(&mut self, rate: f64);
}

#[track_caller]
fn check_rate(optimizer: &str, rate: f64) {
    assert!(rate >= 0.0 && rate.is_finite(), "{optimizer}: a learning rate is at least 0 and finite; found {rate}");
}

#[track_caller]
fn check_decay(optimizer: &str, decay: f64) {
    assert!(decay >= 0.0 && decay.is_finite(), "{optimizer}: a weight decay is at least 0 and finite; found {decay}");
}

/// The share of the past that a running mean keeps.
#[track_caller]
fn check_share(optimizer: &str, what: &str, share: f64) {
    assert!((0.0..1.0).contains(&share), "{optimizer}: {what} is from 0 up to, not including, 1; found {share}");
}

#[cfg(test)]
mod tests;
