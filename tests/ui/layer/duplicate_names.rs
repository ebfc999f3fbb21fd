//! One name for two things.
use gradtape::prelude::*;

layer! {
    pub struct Gate(features: usize, features: f64, rng: usize) {
        weight: [features, features] = init::xavier_uniform,
        weight: [features] = init::zeros,
        features: [features] = init::zeros,
        x: [features] = init::zeros,
    }
    forward(x) { x * weight }
}

fn main() {
    println!("{}", Gate::<f32>::new(2, 0.5, 3, &mut Rng::new(7)));
}
