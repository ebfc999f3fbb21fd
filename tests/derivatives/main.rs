//! Derivatives beyond the gradient, each on problems with answers in closed form.

mod custom;
mod sparse;
mod taylor;
