//! Layer 5: optimizers.
