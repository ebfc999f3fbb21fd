//! Formulas made by `#[elementwise]`, against formulas written by hand. Here are those that several files use.
#![deny(warnings)]

mod awkward;
mod derivatives;
mod kept;
mod language;
mod passes;
mod slices;
mod types;

use gradtape::{Rng, Tensor, elementwise};

#[elementwise]
/// x sigmoid(beta x)
pub fn swish<T>(x: T, beta: T) -> T {
    x / (1.0 + exp(-beta * x))
}

#[elementwise]
fn leaky<T>(x: T, slope: f64) -> T {
    if x > 0.0 { x } else { slope * x }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-12 * b.abs().max(1.0)
}

/// The value and both slopes of swish, by hand.
fn swish_by_hand(x: f64, beta: f64) -> (f64, f64, f64) {
    let s = 1.0 / (1.0 + (-beta * x).exp());
    (x * s, s + beta * x * s * (1.0 - s), x * x * s * (1.0 - s))
}

fn drawn(shapes: &[&[usize]], low: f64, high: f64) -> Vec<Tensor<f64>> {
    let mut rng = Rng::new(3);
    let drawn = |shape: &&[usize]| Tensor::rand(shape, &mut rng) * (high - low) + low;
    shapes.iter().map(drawn).collect()
}
