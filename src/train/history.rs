//! [`History`], what training reports of its epochs.

use std::fmt;

/// One pass over the training data.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Epoch {
    /// Counted from 1.
    pub number: usize,
    /// The mean loss of the training batches, each before its step.
    pub loss: f64,
    /// The loss of the validation data behind the epoch, if there are such data.
    pub validation_loss: Option<f64>,
    /// Name and value of each metric: of the validation data if there are such, else of the training batches.
    pub metrics: Vec<(String, f64)>,
    /// How long it took, validation included.
    pub seconds: f64,
}

impl Epoch {
    /// The value of a metric by its name.
    pub fn metric(&self, name: &str) -> Option<f64> {
        self.metrics.iter().find(|(known, _)| known == name).map(|(_, value)| *value)
    }

    /// The loss that tells whether a model is better: that of the validation data, if there are such.
    pub fn deciding_loss(&self) -> f64 {
        self.validation_loss.unwrap_or(self.loss)
    }
}

/// One line: `epoch 3: loss 0.1234, validation 0.2345, accuracy 0.9321, 1.2 s`.
impl fmt::Display for Epoch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epoch {}: loss {:.4}", self.number, self.loss)?;
        if let Some(loss) = self.validation_loss {
            write!(f, ", validation {loss:.4}")?;
        }
        for (name, value) in &self.metrics {
            write!(f, ", {name} {value:.4}")?;
        }
        write!(f, ", {:.1} s", self.seconds)
    }
}

/// What a training run reports.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct History {
    /// The epochs in order.
    pub epochs: Vec<Epoch>,
    /// Whether early stopping ended it before its last epoch.
    pub stopped_early: bool,
}

impl History {
    /// The epoch of the lowest loss: of the validation data, if there are such.
    pub fn best(&self) -> Option<&Epoch> {
        let known = self.epochs.iter().filter(|epoch| !epoch.deciding_loss().is_nan());
        known.min_by(|a, b| a.deciding_loss().total_cmp(&b.deciding_loss()))
    }
}

/// One line an epoch.
impl fmt::Display for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, epoch) in self.epochs.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            epoch.fmt(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epoch(number: usize, loss: f64, validation_loss: Option<f64>) -> Epoch {
        Epoch { number, loss, validation_loss, metrics: vec![("accuracy".into(), 0.93214)], seconds: 1.23 }
    }

    #[test]
    fn an_epoch_is_one_line() {
        let plain = epoch(3, 0.12341, None);
        assert_eq!(plain.to_string(), "epoch 3: loss 0.1234, accuracy 0.9321, 1.2 s");
        let line = "epoch 3: loss 0.1234, validation 0.2345, accuracy 0.9321, 1.2 s";
        assert_eq!(epoch(3, 0.12341, Some(0.23451)).to_string(), line);
        assert_eq!((plain.metric("accuracy"), plain.metric("recall")), (Some(0.93214), None));
    }

    #[test]
    fn the_best_epoch_is_that_of_the_lowest_validation_loss() {
        let epochs = vec![epoch(1, 0.1, Some(0.5)), epoch(2, 0.2, Some(0.3)), epoch(3, 0.05, Some(f64::NAN))];
        let history = History { epochs, stopped_early: false };
        assert_eq!(history.best().map(|epoch| epoch.number), Some(2));
        assert_eq!(history.to_string().lines().count(), 3);
        assert_eq!(History::default().best(), None);
    }
}
