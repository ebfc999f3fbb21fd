//! Fields that own no parameters and are not skipped.
use gradtape::nn::{Dense, Module};
use gradtape::{Param, Tensor, TensorVar};

/// Knows nothing of parameters.
struct Plain;

#[derive(Module)]
struct Net<T> {
    dense: Dense<T>,
    plain: Plain,
    depth: usize,
    list: Vec<f64>,
}

#[derive(Module)]
struct Borrowed<'a, T> {
    weight: &'a Param<T>,
    value: TensorVar<'a, T>,
    constant: Tensor<T>,
}

fn main() {
    let rng = &mut gradtape::Rng::new(7);
    let net = Net::<f32> { dense: Dense::new(2, 2, rng), plain: Plain, depth: 3, list: Vec::new() };
    println!("{} {}", net.parameter_count(), net.depth);
}
