//! Runge and Kutta's method along a chain of equations, back over it step by step: the states are kept, and each step
//! is recorded on its own, on a small tape of scalars, of the components that anything comes back to.

use super::input::{self, Answer, Input, Result, check, no_function};
use super::real::Real;
use gradtape::ops::Operand;
use gradtape::{Tape, elementwise, numeric::dot};
use serde_json::json;

#[elementwise]
fn moved<T>(y: T, slope: T, by: f64) -> T {
    y + by * slope
}

/// How many components are moved side by side.
const TILE: usize = 64;

/// A step by `h`. In front of the first component stands a constant 1.
fn step<T: Real + Operand>(x: &[T], y: &mut [T], h: f64) {
    // The old state and the four slopes of a tile, behind those of the component before it.
    let (mut old, mut slopes) = ([T::one(); TILE + 1], [[T::zero(); TILE + 1]; 4]);
    for (x, y) in x.chunks(TILE).zip(y.chunks_mut(TILE)) {
        let n = x.len();
        old[1..=n].copy_from_slice(y);
        let [k1, k2, k3, k4] = &mut slopes;
        for i in 0..n {
            k1[i + 1] = x[i] * old[i];
        }
        for i in 0..n {
            k2[i + 1] = x[i] * moved(old[i], k1[i], 0.5 * h);
        }
        for i in 0..n {
            k3[i + 1] = x[i] * moved(old[i], k2[i], 0.5 * h);
        }
        for i in 0..n {
            k4[i + 1] = x[i] * moved(old[i], k3[i], h);
        }
        for i in 1..=n {
            y[i - 1] = moved(old[i], moved(k1[i] + k4[i], k2[i] + k3[i], 2.0), h / 6.0);
        }
        for list in [&mut old, k1, k2, k3] {
            list[0] = list[n];
        }
    }
}

/// How far a step carries a number along the chain: a component for each of its four slopes.
const REACH: usize = 4;

/// The state at time 2, after so many steps from 0; hands out the state before each step.
fn integrate(x: &[f64], steps: usize, mut before: impl FnMut(&[f64])) -> Vec<f64> {
    let mut y = vec![0.0; x.len()];
    for _ in 0..steps {
        before(&y);
        step(x, &mut y, 2.0 / steps as f64);
    }
    y
}

/// The derivative of the last component.
fn gradient(x: &[f64], steps: usize, states: &mut Vec<f64>, tape: &mut Tape<f64>) -> Vec<f64> {
    let n = x.len();
    states.clear();
    integrate(x, steps, |state| states.extend_from_slice(state));
    let (mut gradient, mut cotangent) = (vec![0.0; n], vec![0.0; n]);
    cotangent[n - 1] = 1.0;
    for state in states.chunks_exact(n).rev() {
        // What lies before takes no part in what comes after.
        let Some(first) = cotangent.iter().position(|cotangent| *cotangent != 0.0) else { break };
        let part = first.saturating_sub(REACH)..n;
        tape.reset();
        let (x, before) = (tape.vars(&x[part.clone()]), tape.vars(&state[part.clone()]));
        let mut after = before.clone();
        step(&x, &mut after, 2.0 / steps as f64);
        let cotangents = &mut cotangent[part.clone()];
        let gradients = dot(&after, cotangents).backward();
        for (k, cotangent) in cotangents.iter_mut().enumerate() {
            *cotangent = gradients.wrt(before[k]);
            gradient[part.start + k] += gradients.wrt(x[k]);
        }
    }
    gradient
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let (x, steps) = (input.vector("x")?, input.size("s")?);
    check(!x.is_empty(), "x: there must be components")?;
    match function {
        "primal" => {
            let (y, runs) = input.run(|| integrate(&x, steps, |_| ()));
            Ok(Answer::new(json!(y), runs))
        }
        "gradient" => {
            let numbers = x.len().checked_mul(steps).ok_or("s: there are too many states")?;
            let (mut states, mut tape) = (input::reserved(numbers)?, Tape::new());
            let (gradient, runs) = input.run(|| gradient(&x, steps, &mut states, &mut tape));
            Ok(Answer::new(json!(gradient), runs))
        }
        _ => no_function(function),
    }
}
