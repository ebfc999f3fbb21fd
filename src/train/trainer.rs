//! [`Trainer`], the loop. Its one step is forward, loss, backward, reset and update, on one tape that is used again.

use super::{
    Epoch, History,
    best::Best,
    evaluate::{Started, in_batches, values},
};
use crate::{
    Error, Result, Rng, Scalar, Tape, TensorVar,
    data::{Batch, Dataset, Target},
    loss::check_named,
    metrics::Metric,
    nn::{Layer, Module},
    optim::Optimizer,
    rng::shuffle,
};
use std::time::Instant;

type OnEpoch<'d> = Box<dyn FnMut(&Epoch) + 'd>;

/// Trains a model on a data set by an optimizer and a loss.
///
/// Set are, unless said otherwise: 10 epochs, batches of 32 rows, shuffled anew in every epoch, seed 0. The seed
/// decides the order of the rows and the masks of dropout; the same seed, data and first parameters give the same
/// bits.
///
/// The loss is a function of the output and the target of a batch, such as those of [`loss`](crate::loss), or a closure
/// `|output, target| loss::huber(output, target, 0.5)`. What an optimizer has learnt of the parameters stays with the
/// trainer: a second [`fit`](Self::fit) goes on.
///
/// ```
/// use gradtape::optim::Sgd;
/// use gradtape::train::Trainer;
/// use gradtape::{Rng, data::Dataset, loss, nn::Dense};
/// let data = Dataset::new([[0.0], [1.0], [2.0]], [[1.0], [3.0], [5.0]])?;
/// let mut line = Dense::<f64>::new(1, 1, &mut Rng::new(7));
/// let mut trainer = Trainer::new(Sgd::new(0.1), loss::mse).epochs(200).batch_size(3);
/// let history = trainer.fit(&mut line, &data)?;
/// assert_eq!(history.epochs.len(), 200);
/// assert!((line.weight.value().item() - 2.0).abs() < 0.01 && (line.bias.value().item() - 1.0).abs() < 0.01);
/// # Ok::<(), gradtape::Error>(())
/// ```
#[must_use = "a trainer trains when `fit` is called"]
pub struct Trainer<'d, T: Scalar, O, L> {
    optimizer: O,
    loss: L,
    epochs: usize,
    batch_size: usize,
    seed: u64,
    shuffle: bool,
    metrics: Vec<Box<dyn Metric<T> + 'd>>,
    validation: Option<&'d Dataset<T>>,
    patience: Option<usize>,
    on_epoch: Vec<OnEpoch<'d>>,
    progress: bool,
}

impl<'d, T, O, L> Trainer<'d, T, O, L>
where
    T: Scalar,
    O: Optimizer<T>,
    L: for<'t> Fn(TensorVar<'t, T>, &Target<T>) -> TensorVar<'t, T>,
{
    /// A trainer with the usual settings.
    pub fn new(optimizer: O, loss: L) -> Self {
        Trainer {
            optimizer,
            loss,
            epochs: 10,
            batch_size: 32,
            seed: 0,
            shuffle: true,
            metrics: Vec::new(),
            validation: None,
            patience: None,
            on_epoch: Vec::new(),
            progress: false,
        }
    }

    /// How often to go over the data.
    pub fn epochs(mut self, epochs: usize) -> Self {
        self.epochs = epochs;
        self
    }

    /// How many rows a step sees; the last one of an epoch sees what is left.
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.batch_size = rows;
        self
    }

    /// What the order of the rows and the masks of dropout come from.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether every epoch sees the rows in a new random order.
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// Reports a metric for every epoch, beside those set before: of the validation data if there are such, else of the
    /// training batches as they were answered on the way.
    pub fn metric(mut self, metric: impl Metric<T> + 'd) -> Self {
        self.metrics.push(Box::new(metric));
        self
    }

    /// Evaluates the model on other data after every epoch.
    pub fn validation(mut self, data: &'d Dataset<T>) -> Self {
        self.validation = Some(data);
        self
    }

    /// Stops when so many epochs have gone by without a lower loss (of the validation data; without such, of the
    /// training data, which are gone through once more for it), and
    /// puts the parameters and buffers of the best epoch back, also when the last epoch is reached.
    pub fn early_stopping(mut self, patience: usize) -> Self {
        self.patience = Some(patience);
        self
    }

    /// Calls a function after every epoch, beside those set before.
    pub fn on_epoch(mut self, call: impl FnMut(&Epoch) + 'd) -> Self {
        self.on_epoch.push(Box::new(call));
        self
    }

    /// Shows progress on standard error: with the crate's feature `progress`, in a terminal, a bar with loss, metrics
    /// and the time left; else a line for each epoch.
    pub fn progress(mut self, show: bool) -> Self {
        self.progress = show;
        self
    }

    /// The optimizer, to change its learning rate for instance.
    pub fn optimizer_mut(&mut self) -> &mut O {
        &mut self.optimizer
    }

    /// Trains the model.
    ///
    /// # Errors
    /// If a batch has no row, the training or validation data have none, or the loss of a batch is not finite: the
    /// model then has the parameters of before that batch; with early stopping, those of the best epoch, if one has
    /// ended.
    ///
    /// # Panics
    /// As the layers and the loss do where shapes do not fit, at this line for a loss of [`loss`](crate::loss) that is
    /// given by its name.
    #[track_caller]
    pub fn fit<M: Layer<T> + Module<T> + ?Sized>(&mut self, model: &mut M, data: &Dataset<T>) -> Result<History> {
        self.check(data)?;
        let mut tape = Tape::training(self.seed);
        let mut rng = Rng::new(self.seed);
        let mut order: Vec<usize> = (0..data.len()).collect();
        let mut batch = Batch::default();
        let mut best = self.patience.map(Best::new);
        let mut history = History::default();
        let mut progress =
            self.progress.then(|| super::progress::Progress::new(self.epochs * data.len().div_ceil(self.batch_size)));
        for number in 1..=self.epochs {
            let start = Instant::now();
            if self.shuffle {
                shuffle(&mut rng, &mut order);
            }
            let mut running = if self.validation.is_none() { start_all(&self.metrics) } else { Vec::new() };
            let mut sum = 0.0;
            for (i, rows) in order.chunks(self.batch_size).enumerate() {
                data.gather_into(rows, &mut batch);
                let output = model.forward(tape.constant(&batch.inputs));
                check_named(&self.loss, output, &batch.targets);
                let loss = (self.loss)(output, &batch.targets);
                let gradients = loss.backward_to_leaves();
                let loss = loss.item().real();
                if !loss.is_finite() {
                    if let Some(best) = best {
                        best.restore(model);
                    }
                    return Err(not_finite(number, i + 1, loss));
                }
                for (_, metric) in &mut running {
                    metric.update(&output.value(), &batch.targets);
                }
                // The tape lets go of the weights first, so that they are changed in place.
                tape.reset();
                self.optimizer.step(model, &gradients);
                sum += loss * rows.len() as f64;
                if let Some(progress) = &progress {
                    progress.step(number, loss);
                }
            }
            let (validation_loss, metrics) = match self.validation {
                None => (None, values(running)),
                Some(data) => {
                    let found = in_batches(model, data, self.batch_size, &self.loss, start_all(&self.metrics))?;
                    (Some(found.loss), found.metrics)
                }
            };
            let loss = sum / data.len() as f64;
            let epoch = Epoch { number, loss, validation_loss, metrics, seconds: start.elapsed().as_secs_f64() };
            if let Some(progress) = &mut progress {
                progress.epoch(&epoch);
            }
            for call in &mut self.on_epoch {
                call(&epoch);
            }
            let stop = match &mut best {
                None => false,
                Some(best) => {
                    // The loss of the training batches was that of other parameters, those before each step.
                    let loss = match epoch.validation_loss {
                        Some(loss) => loss,
                        None => in_batches(model, data, self.batch_size, &self.loss, Vec::new())?.loss,
                    };
                    best.after_epoch(loss, model)
                }
            };
            history.epochs.push(epoch);
            if stop {
                history.stopped_early = number < self.epochs;
                break;
            }
        }
        if let Some(best) = best {
            best.restore(model);
        }
        Ok(history)
    }

    fn check(&self, data: &Dataset<T>) -> Result<()> {
        if self.batch_size == 0 {
            return Err(Error::invalid("fit: a batch of 0 rows; the batch size must be 1 or more"));
        }
        if data.is_empty() {
            return Err(Error::invalid("fit: the training data have no row"));
        }
        if self.validation.is_some_and(Dataset::is_empty) {
            return Err(Error::invalid("fit: the validation data have no row"));
        }
        Ok(())
    }
}

fn start_all<'m, T: Scalar>(metrics: &'m [Box<dyn Metric<T> + '_>]) -> Started<'m, T> {
    metrics.iter().map(|metric| (metric.name(), metric.start())).collect()
}

#[cold]
fn not_finite(epoch: usize, batch: usize, loss: f64) -> Error {
    Error::invalid(format!(
        "fit: the loss of epoch {epoch}, batch {batch} is {loss}; try a smaller learning rate, and look for numbers in \
         the data that are not finite or very large"
    ))
}
