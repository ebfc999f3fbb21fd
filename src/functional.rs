//! The functional interface: gradients, Jacobians and Hessians of functions.
