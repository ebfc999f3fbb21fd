//! Progress on standard error: a line for each epoch, or in a terminal a bar, which takes the feature `progress`.

use super::Epoch;

/// What is shown while a training runs.
pub(super) struct Progress {
    bar: Option<bar::Bar>,
    metrics: String,
}

impl Progress {
    /// For so many steps in all epochs.
    pub(super) fn new(steps: usize) -> Self {
        Progress { bar: bar::Bar::in_a_terminal(steps), metrics: String::new() }
    }

    /// After a step of the epoch of that number.
    pub(super) fn step(&self, epoch: usize, loss: f64) {
        if let Some(bar) = &self.bar {
            bar.step(format!("epoch {epoch}  loss {loss:.4}{}", self.metrics));
        }
    }

    pub(super) fn epoch(&mut self, epoch: &Epoch) {
        self.metrics = epoch.metrics.iter().map(|(name, value)| format!("  {name} {value:.4}")).collect();
        match &self.bar {
            Some(bar) => bar.print(epoch.to_string()),
            None => eprintln!("{epoch}"),
        }
    }
}

#[cfg(feature = "progress")]
mod bar {
    use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
    use std::io::{IsTerminal, stderr};

    pub(super) struct Bar(ProgressBar);

    impl Bar {
        pub(super) fn in_a_terminal(steps: usize) -> Option<Self> {
            stderr().is_terminal().then(|| {
                let bar = ProgressBar::with_draw_target(Some(steps as u64), ProgressDrawTarget::stderr());
                let style = ProgressStyle::with_template("{bar:32} {percent}%  {msg}  {eta} left");
                bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
                Bar(bar)
            })
        }

        pub(super) fn step(&self, message: String) {
            self.0.set_message(message);
            self.0.inc(1);
        }

        pub(super) fn print(&self, line: String) {
            self.0.println(line);
        }
    }

    impl Drop for Bar {
        fn drop(&mut self) {
            self.0.finish_and_clear();
        }
    }
}

#[cfg(not(feature = "progress"))]
mod bar {
    /// There is none.
    pub(super) enum Bar {}

    impl Bar {
        pub(super) fn in_a_terminal(_: usize) -> Option<Self> {
            None
        }

        pub(super) fn step(&self, _: String) {}

        pub(super) fn print(&self, _: String) {}
    }
}
