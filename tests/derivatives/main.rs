//! Derivatives beyond the gradient, each on problems with answers in closed form.

mod custom;
mod implicit;
mod ode;
mod sparse;
mod taylor;
mod tensors;
mod worked;
