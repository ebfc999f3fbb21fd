//! A layer of two inputs cannot stand in a network; a type inside that is no module cannot be visited.
use gradtape::prelude::*;

layer! {
    pub struct Attend(features: usize) { weight: [features, features] = init::xavier_uniform }
    forward(x, context) { x.matmul(weight) + context }
}

/// Knows nothing of parameters.
pub struct Plain;

layer! {
    pub struct Holder(features: usize) {
        weight: [features] = init::zeros,
        inner: Plain = Plain,
        list: Vec<f64> = Vec::new(),
    }
    forward(x) { x * weight }
}

fn main() {
    println!("{}", network!(dense(4, 4), Attend(4)).init(&mut Rng::new(7)));
}
