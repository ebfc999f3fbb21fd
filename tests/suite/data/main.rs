//! The data a model learns from and the metrics it is judged by, as a user of the crate meets them. Training with them
//! is tested elsewhere.

mod csv;
mod datasets;
mod metrics;
mod mnist;
mod synthetic;
