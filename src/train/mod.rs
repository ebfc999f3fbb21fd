//! Layer 6: training.
