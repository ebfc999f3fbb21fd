//! [`evaluate`], the loss and metrics of a model on data that it does not learn from.

use crate::{
    Error, Result, Scalar, Tape, TensorVar,
    data::{Batch, Dataset, Target},
    loss::check_named,
    metrics::{Metric, Running},
    nn::Layer,
};

/// What [`evaluate`] finds.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Evaluation {
    /// The mean loss over the rows.
    pub loss: f64,
    /// Name and value of each metric, in the order in which they were given.
    pub metrics: Vec<(String, f64)>,
}

/// Metrics under way, with their names.
pub(super) type Started<'m, T> = Vec<(&'m str, Box<dyn Running<T>>)>;

/// The loss and the metrics of a model on a data set, in batches on an inference tape: dropout is off, and memory is
/// used for a batch only.
///
/// # Errors
/// If the data set has no row.
///
/// ```
/// use gradtape::{Rng, data::synthetic, loss, metrics::Accuracy, network, train::evaluate};
/// let net = network!(dense(2, 8, tanh), dense(8, 2, softmax)).init(&mut Rng::new(7));
/// let found = evaluate(&net, &synthetic::moons(100, 0.1, 1), loss::cross_entropy, &[&Accuracy])?;
/// assert!(found.loss > 0.0);
/// assert_eq!(found.metrics[0].0, "accuracy");
/// # Ok::<(), gradtape::Error>(())
/// ```
#[track_caller]
pub fn evaluate<T, M, L>(model: &M, data: &Dataset<T>, loss: L, metrics: &[&dyn Metric<T>]) -> Result<Evaluation>
where
    T: Scalar,
    M: Layer<T> + ?Sized,
    L: for<'t> Fn(TensorVar<'t, T>, &Target<T>) -> TensorVar<'t, T>,
{
    const BATCH: usize = 256;
    let started = metrics.iter().map(|metric| (metric.name(), metric.start())).collect();
    in_batches(model, data, BATCH, &loss, started)
}

/// The same with batches of a given size.
#[track_caller]
pub(super) fn in_batches<T, M, L>(
    model: &M,
    data: &Dataset<T>,
    size: usize,
    loss: &L,
    mut metrics: Started<'_, T>,
) -> Result<Evaluation>
where
    T: Scalar,
    M: Layer<T> + ?Sized,
    L: for<'t> Fn(TensorVar<'t, T>, &Target<T>) -> TensorVar<'t, T>,
{
    if data.is_empty() {
        return Err(Error::invalid("evaluate: the data set has no row"));
    }
    let (mut tape, mut batch, mut sum) = (Tape::inference(), Batch::default(), 0.0);
    let rows: Vec<usize> = (0..data.len()).collect();
    for rows in rows.chunks(size) {
        tape.reset();
        data.gather_into(rows, &mut batch);
        let output = model.forward(tape.constant(&batch.inputs));
        for (_, metric) in &mut metrics {
            metric.update(&output.value(), &batch.targets);
        }
        check_named(loss, output, &batch.targets);
        sum += loss(output, &batch.targets).item().real() * rows.len() as f64;
    }
    Ok(Evaluation { loss: sum / data.len() as f64, metrics: values(metrics) })
}

/// What the metrics have come to.
pub(super) fn values<T: Scalar>(metrics: Started<'_, T>) -> Vec<(String, f64)> {
    metrics.into_iter().map(|(name, metric)| (name.to_owned(), metric.value())).collect()
}
