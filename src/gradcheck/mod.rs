//! Checks of gradients against differences.
