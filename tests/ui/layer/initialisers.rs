//! First values that are no functions of a shape.
use gradtape::prelude::*;

layer! {
    pub struct Gate(features: usize) {
        weight: [features, features] = xavier_unifrm,
        bias: [features] = 0,
        shift: [features] = -0.5,
        scale: [features] = [1.0, 2.0],
        other: [features] = |shape| init::zeros(shape),
        forgotten: [features],
        empty: [features] =,
        inner: nn::Dense<T>,
    }
    forward(x) { x * weight }
}

fn main() {
    println!("{}", Gate::<f32>::new(2, &mut Rng::new(7)));
}
