//! Softmax and its kin.
