//! Sections that do not exist, and one that is nearly right.
use gradtape::prelude::*;

layer! {
    pub struct Gate(features: usize) { weight: [features, features] = init::xavier_uniform }
    shap [features] -> [features]
    forward(x) { x.matmul(weight) }
}

layer! {
    pub struct Other(features: usize) { weight: [features] = init::zeros },
    backward(g) { g }
    fn forward(x) { x * weight }
}

fn main() {
    let rng = &mut Rng::new(7);
    let tape = Tape::<f32>::new();
    let x = tape.constant([[1.0, 2.0]]);
    println!("{} {}", Gate::new(2, rng).forward(x), Other::<f32>::new(2, rng).features);
}
