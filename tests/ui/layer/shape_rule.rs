//! Shape rules with unknown names and with what is no formula.
use gradtape::prelude::*;

layer! {
    pub struct Gate(features: usize) { weight: [features, features] = init::xavier_uniform }
    shape [feature] -> [width, features.pow(2), features % 2, 1.5]
    forward(x) { x.matmul(weight) }
}

layer! {
    pub struct Two(features: usize) { weight: [features, features] = init::xavier_uniform }
    shape [features] -> [features]
    forward(x, context) { x.matmul(weight) + context }
}

layer! {
    pub struct Arrow(features: usize) { weight: [features, features] = init::xavier_uniform }
    shape [features], [features]
    forward(x) { x.matmul(weight) }
}

fn main() {
    let rng = &mut Rng::new(7);
    println!("{} {}", network!(Gate(2), Arrow(2)).init(rng), Two::<f32>::new(2, rng));
}
