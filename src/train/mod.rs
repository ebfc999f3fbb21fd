//! Layer 6: training. The loop over epochs and batches, what it reports, how a model is evaluated, and the files in
//! which its parameters are kept.
//!
//! ```
//! use gradtape::optim::Adam;
//! use gradtape::train::Trainer;
//! use gradtape::{Rng, data::synthetic, loss, metrics::Accuracy, network};
//!
//! let (train, test) = synthetic::moons(200, 0.1, 1).split(0.8)?;
//! let mut net = network!(dense(2, 16, tanh), dense(16, 2, softmax)).init(&mut Rng::new(7));
//! let history = Trainer::new(Adam::new(0.05), loss::cross_entropy)
//!     .epochs(40)
//!     .batch_size(16)
//!     .seed(7)
//!     .metric(Accuracy)
//!     .validation(&test)
//!     .fit(&mut net, &train)?;
//! let last = history.epochs.last().expect("40 epochs");
//! assert!(last.metric("accuracy") > Some(0.9), "{history}");
//! # Ok::<(), gradtape::Error>(())
//! ```

mod best;
#[cfg(feature = "checkpoint")]
pub mod checkpoint;
mod evaluate;
mod history;
mod progress;
mod trainer;

pub use evaluate::{Evaluation, evaluate};
pub use history::{Epoch, History};
pub use trainer::Trainer;
