//! Progress on standard error: a bar in a terminal, a line for each epoch elsewhere.

use super::Epoch;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::{IsTerminal, stderr};

/// What is shown while a training runs.
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    metrics: String,
}

impl Progress {
    /// For so many steps in all epochs.
    pub(super) fn new(steps: usize) -> Self {
        let bar = stderr().is_terminal().then(|| {
            let bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::stderr());
            let style = ProgressStyle::with_template("{bar:32} {percent}%  {msg}  {eta} left");
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
            bar
        });
        Progress { bar, metrics: String::new() }
    }

    /// After a step of the epoch of that number.
    pub(super) fn step(&self, epoch: usize, loss: f64) {
        if let Some(bar) = &self.bar {
            bar.set_message(format!("epoch {epoch}  loss {loss:.4}{}", self.metrics));
            bar.inc(1);
        }
    }

    pub(super) fn epoch(&mut self, epoch: &Epoch) {
        self.metrics = epoch.metrics.iter().map(|(name, value)| format!("  {name} {value:.4}")).collect();
        match &self.bar {
            Some(bar) => bar.println(epoch.to_string()),
            None => eprintln!("{epoch}"),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
