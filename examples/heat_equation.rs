//! A network that is never shown a solution: it learns the heat equation from its derivatives.
//!
//! `u_t = α u_xx` on 0 < x < 1 and 0 < t < 1 with `u = sin πx` at t = 0 and `u = 0` at both ends, of which the solution
//! is `e^(-α π² t) sin πx`. The network's u has the right values at the start and at the ends by its form; in between,
//! it is trained until the equation holds (a physics-informed network: Raissi, Perdikaris and Karniadakis, 2019).

use gradtape::prelude::*;
use std::f64::consts::PI;
use std::time::Instant;

const DIFFUSIVITY: f64 = 0.1;

network! {
    /// A function of time and place.
    struct Field { hidden: dense(2, 16, tanh), more: dense(16, 16, tanh), output: dense(16, 1) }
}

/// u at points (t, x), one a row.
fn solution<'t>(net: &Field<f64>, points: TensorVar<'t, f64>) -> TensorVar<'t, f64> {
    let (t, x) = (points.slice(1, 0, 1, 1), points.slice(1, 1, 2, 1));
    (x * PI).sin() + t * x * (1.0 - x) * net.forward(points)
}

/// The mean square of u_t - α u_xx.
fn residual<'t>(net: &Field<f64>, points: TensorVar<'t, f64>) -> TensorVar<'t, f64> {
    let tape = points.tape();
    // A row of the gradient is that of its own point: the sum over points has no other terms.
    let first = tape.gradient(solution(net, points).sum(), &[points])[0];
    let second = tape.gradient(first.slice(1, 1, 2, 1).sum(), &[points])[0];
    (first.slice(1, 0, 1, 1) - DIFFUSIVITY * second.slice(1, 1, 2, 1)).square().mean()
}

/// The largest error on a grid that no training point lies on.
fn error(net: &Field<f64>) -> f64 {
    let tape = Tape::inference();
    let grid: Vec<f64> = (0..400).flat_map(|i| [(i / 20) as f64 / 19.0, (i % 20) as f64 / 19.0]).collect();
    let exact = grid.chunks(2).map(|p| (-DIFFUSIVITY * PI * PI * p[0]).exp() * (PI * p[1]).sin());
    let points = Tensor::from_vec(grid.clone(), [400, 2]).expect("400 points of two numbers");
    let found = solution(net, tape.constant(points)).value();
    found.iter().zip(exact).map(|(found, exact)| (found - exact).abs()).fold(0.0, f64::max)
}

fn main() {
    let mut rng = Rng::new(7);
    let mut net = Field::init(&mut rng);
    let mut optimizer = Adam::new(3e-2);
    let mut tape = Tape::new();
    let points = Tensor::rand([64, 2], &mut rng);
    let steps = 600;
    println!("before: largest error {:.4}", error(&net));
    let start = Instant::now();
    for step in 0..=steps {
        optimizer.set_learning_rate(3e-2 * 0.01f64.powf(step as f64 / steps as f64));
        tape.reset();
        let loss = residual(&net, tape.tensor(&points));
        if step % 100 == 0 {
            println!("step {step:>4}: mean square of u_t - α u_xx {:.2e}", loss.item());
        }
        let gradients = loss.backward_to_leaves();
        tape.reset();
        optimizer.step(&mut net, &gradients);
    }
    let after = error(&net);
    println!("after {:.1} s: largest error {after:.5}", start.elapsed().as_secs_f64());
    assert!(after < 5e-3, "{after}");
}
