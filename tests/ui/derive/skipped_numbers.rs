//! What is skipped is cloned: it cannot hold numbers, and must be `Clone`.
use gradtape::nn::{Dense, Module};

/// Cannot be cloned.
struct Plain;

#[derive(Module)]
struct Net<T> {
    dense: Dense<T>,
    #[module(skip)]
    last: Vec<T>,
}

#[derive(Module)]
struct Unclonable<T> {
    dense: Dense<T>,
    #[module(skip)]
    plain: Plain,
}

fn main() {
    let rng = &mut gradtape::Rng::new(7);
    let net = Net::<f32> { dense: Dense::new(2, 2, rng), last: vec![1.0] };
    println!("{} {:?}", net.parameter_count(), net.last);
}
