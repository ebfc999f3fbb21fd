//! Metrics: numbers that say how good a model's answers are, for people to read. What training minimises is a loss and
//! lives elsewhere; nothing here has a gradient.
//!
//! A [`Metric`] is a recipe; [`Metric::start`] begins one evaluation, a [`Running`], which is fed batch after batch and
//! can be asked for its value at any time. So a metric that is no mean over batches (the area under a curve, an F1) is
//! as easy to feed as one that is. [`ConfusionMatrix`] counts everything that can be said about classes.
//!
//! Not-a-number is never right: a row of outputs that holds a NaN counts as a row that was answered wrongly, and
//! appears in no class's column.

mod accuracy;
mod classes;
mod confusion;

pub use accuracy::Accuracy;
pub use confusion::ConfusionMatrix;

use crate::Element;
use crate::Tensor;
use crate::data::Target;

/// A number that says how good outputs are, given the targets.
///
/// ```
/// use gradtape::{Tensor, data::Target, metrics::{Metric, Running}};
///
/// /// The share of outputs that are below zero.
/// struct Negative;
///
/// #[derive(Default)]
/// struct Count { negative: usize, all: usize }
///
/// impl Metric<f64> for Negative {
///     fn name(&self) -> &str { "negative" }
///     fn start(&self) -> Box<dyn Running<f64>> { Box::new(Count::default()) }
/// }
///
/// impl Running<f64> for Count {
///     fn update(&mut self, output: &Tensor<f64>, _: &Target<f64>) {
///         self.negative += output.as_slice().iter().filter(|&&y| y < 0.0).count();
///         self.all += output.len();
///     }
///     fn value(&self) -> f64 { self.negative as f64 / self.all as f64 }
/// }
///
/// assert_eq!(Negative.evaluate(&[-1.0, 1.0, 2.0, 3.0].into(), [0, 0, 0, 0]), 0.25);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a metric",
    label = "not a metric",
    note = "metrics are values such as `Accuracy`; of your own, implement `gradtape::metrics::Metric`"
)]
pub trait Metric<T: Element> {
    /// What it is called in a history and beside a progress bar: `"accuracy"`.
    fn name(&self) -> &str;

    /// Begins an evaluation, of an epoch for instance.
    fn start(&self) -> Box<dyn Running<T>>;

    /// The metric of these outputs alone.
    fn evaluate(&self, output: &Tensor<T>, target: impl Into<Target<T>>) -> f64
    where
        Self: Sized,
    {
        let mut running = self.start();
        running.update(output, &target.into());
        running.value()
    }
}

/// An evaluation under way.
pub trait Running<T: Element> {
    /// Takes in the outputs and targets of one more batch.
    fn update(&mut self, output: &Tensor<T>, target: &Target<T>);

    /// The metric of everything taken in so far; NaN before anything was.
    fn value(&self) -> f64;

    /// More than a number, for a report: a table, for instance. Nothing unless a metric says so.
    fn detail(&self) -> Option<String> {
        None
    }
}
