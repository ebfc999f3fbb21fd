//! The engine: order of time, memory, and that no gradient is silently wrong or missing.

#[path = "../common/mod.rs"]
mod common;

mod recording;
mod refused;
mod sweep;
