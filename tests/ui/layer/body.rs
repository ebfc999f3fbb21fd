//! Mistakes in a body are rustc's, in the body.
use gradtape::prelude::*;

layer! {
    pub struct Statement(features: usize) { weight: [features, features] = init::xavier_uniform }
    forward(x) { x.matmul(weight); }
}

layer! {
    pub struct Number(features: usize) { weight: [features, features] = init::xavier_uniform }
    forward(x) {
        let y = x.matmul(weight);
        y.item()
    }
}

layer! {
    pub struct Words(features: usize) { weight: [features, features] = init::xavier_uniform }
    forward(x) { x.matmul(wieght).rellu() * features }
}

fn main() {
    let rng = &mut Rng::new(7);
    println!("{}", network!(Statement(2), Number(2), Words(2)).init(rng));
}
