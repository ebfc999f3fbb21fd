//! Sizes that are no arguments, no constants, or no numbers.
use gradtape::prelude::*;

layer! {
    pub struct Gate(features: usize) {
        weight: [feature, 2 * hidden] = init::xavier_uniform,
        bias: [1.5] = init::zeros,
        any: [_] = init::zeros,
        negative: [-1] = init::zeros,
    }
    forward(x) { x.matmul(weight) + bias }
}

fn main() {
    println!("{}", Gate::<f32>::new(2, &mut Rng::new(7)));
}
