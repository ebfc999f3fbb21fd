//! The outer form of a declaration.
use gradtape::prelude::*;

layer! {}

layer! {
    pub Gate(features: usize) { weight: [features] = init::zeros }
    forward(x) { x * weight }
}

layer! {
    pub struct Generic<T>(features: usize) { weight: [features] = init::zeros }
    forward(x: TensorVar<'t, T>) { x * weight }
}

layer! {
    pub struct Braceless(features: usize)
    forward(x) { x * 2.0 }
    forward(y) { y * 2.0 }
}

layer! {
    pub struct Commas(features: usize; hidden: usize) {
        #[cfg(test)]
        weight: [features hidden] = init::zeros
        buffr mean: [features] = init::zeros,
        buffer layer: nn::Dense<T> = nn::Dense::new(features, hidden, rng),
        type: [features] = init::zeros,
        fn forward(x) { x }
    }
    forward(x) { x.matmul(weight) }
}

fn main() {
    let rng = &mut Rng::new(7);
    println!("{}", network!(Gate(4), Generic(4), Braceless(4), Commas(4, 3)).init(rng));
}
