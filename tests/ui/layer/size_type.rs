//! A size of another type is found by rustc, at the user's token; so is a constant that is not there.
use gradtape::prelude::*;

layer! {
    pub struct Gate(features: u32) { weight: [features, HIDDEN] = init::xavier_uniform }
    forward(x) { x.matmul(weight) }
}

layer! {
    pub struct Slope(slope: f64) { weight: [3] = init::zeros }
    shape [slope] -> [3]
    forward(x) { x * weight }
}

fn main() {
    println!("{}", Gate::<f32>::new(2, &mut Rng::new(7)));
}
