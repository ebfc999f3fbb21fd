//! No forward pass, and one without input.
use gradtape::prelude::*;

layer! {
    pub struct Gate(features: usize) { weight: [features, features] = init::xavier_uniform }
}

layer! {
    pub struct Bias(features: usize) { weight: [features] = init::zeros }
    forward() { weight }
}

layer! {
    pub struct Method(features: usize) { weight: [features] = init::zeros }
    forward(&self, x) { x * self.weight }
}

fn main() {
    let rng = &mut Rng::new(7);
    let net = network!(Gate(2), Bias(2), Method(2)).init(rng);
    println!("{net}");
}
