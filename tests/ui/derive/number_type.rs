//! No type of numbers, or several that it might be.
use gradtape::nn::{Dense, Module, Param};

#[derive(Module)]
struct Fixed {
    dense: Dense<f32>,
}

#[derive(Module)]
struct Pair<T, L> {
    scale: Param<T>,
    inner: L,
}

#[derive(Module)]
#[module(number = N)]
struct Stated<T> {
    scale: Param<T>,
}

fn main() {}
