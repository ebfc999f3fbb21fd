//! Runge and Kutta's method along a chain of equations. The states between the steps are kept, and a gradient goes back
//! over a step by stretches of the chain: each is recorded on its own, when a cotangent comes back to it.

use super::input::{self, Answer, Input, Result, check, no_function};
use super::real::Real;
use gradtape::elementwise;
use gradtape::functional::Gradient;
use gradtape::ops::Operand;
use serde_json::json;

#[elementwise]
fn moved<T>(y: T, slope: T, by: f64) -> T {
    y + by * slope
}

/// How many components are moved side by side.
const TILE: usize = 64;

/// What a component hands on along the chain in a step: its old state, and its first three slopes.
const LINK: usize = 4;

/// The old state and the four slopes of a stretch of the chain, behind those of the component before it.
type Stages<T> = [[T; TILE + 1]; 5];

/// Those in front of the first component, where a constant 1 stands.
fn first<T: Real>() -> Stages<T> {
    let mut stages = [[T::zero(); TILE + 1]; 5];
    stages[0][0] = T::one();
    stages
}

/// A step by `h` of a stretch of the chain; afterwards the next one may follow.
fn stretch<T: Real + Operand>(x: &[T], y: &mut [T], stages: &mut Stages<T>, h: f64) {
    let n = x.len();
    let [old, k1, k2, k3, k4] = stages;
    old[1..=n].copy_from_slice(y);
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
    for list in [old, k1, k2, k3] {
        list[0] = list[n];
    }
}

/// The state at time 2, after so many steps from 0; hands out every stretch before it is moved, and what comes along
/// the chain.
fn integrate(x: &[f64], steps: usize, mut before: impl FnMut(&[f64], [f64; LINK])) -> Vec<f64> {
    let mut y = vec![0.0; x.len()];
    for _ in 0..steps {
        let mut stages = first();
        for (x, y) in x.chunks(TILE).zip(y.chunks_mut(TILE)) {
            before(y, std::array::from_fn(|k| stages[k][0]));
            stretch(x, y, &mut stages, 2.0 / steps as f64);
        }
    }
    y
}

/// A stretch's new state and what it hands on, from its x, its state and what comes along the chain.
fn outputs<T: Real + Operand>(inputs: &[T], h: f64) -> Vec<T> {
    let (numbers, link) = inputs.split_at(inputs.len() - LINK);
    let (x, y) = numbers.split_at(numbers.len() / 2);
    let (mut outputs, mut stages) = (y.to_vec(), first());
    stages.iter_mut().zip(link).for_each(|(list, link)| list[0] = *link);
    stretch(x, &mut outputs, &mut stages, h);
    outputs.extend(stages[..LINK].iter().map(|list| list[0]));
    outputs
}

/// The derivative of the last component.
fn derivative(x: &[f64], steps: usize, states: &mut Vec<f64>, gradient: &mut Gradient<f64>) -> Vec<f64> {
    states.clear();
    integrate(x, steps, |y, link| {
        states.extend_from_slice(y);
        states.extend(link);
    });
    let (h, stretches) = (2.0 / steps as f64, x.len().div_ceil(TILE));
    let mut derivative = vec![0.0; x.len()];
    // The cotangents of each stretch and of what it hands on.
    let mut cotangents = vec![[0.0; TILE + LINK]; stretches];
    let last = x.len() - 1;
    cotangents[last / TILE][last % TILE] = 1.0;
    let mut end = states.len();
    for _ in 0..steps {
        for (i, x) in x.chunks(TILE).enumerate().rev() {
            let n = x.len();
            let start = end - n - LINK;
            let inputs = x.iter().chain(&states[start..end]).copied();
            end = start;
            let pulled = gradient.pull(|inputs| outputs(inputs, h), inputs, &cotangents[i][..n + LINK]);
            let mut of_link = &[0.0; LINK][..];
            if let Some(pulled) = pulled {
                let (of_x, rest) = pulled.split_at(n);
                derivative[i * TILE..].iter_mut().zip(of_x).for_each(|(sum, of_x)| *sum += of_x);
                cotangents[i][..n].copy_from_slice(&rest[..n]);
                of_link = &rest[n..];
            }
            if i > 0 {
                cotangents[i - 1][TILE..].copy_from_slice(of_link);
            }
        }
    }
    derivative
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let (x, steps) = (input.vector("x")?, input.size("s")?);
    check(!x.is_empty(), "x: there must be components")?;
    match function {
        "primal" => {
            let (y, runs) = input.run(|| integrate(&x, steps, |_, _| ()));
            Ok(Answer::new(json!(y), runs))
        }
        "gradient" => {
            let of_step = x.len() + LINK * x.len().div_ceil(TILE);
            let numbers = of_step.checked_mul(steps).ok_or("s: there are too many states")?;
            let (mut states, mut gradient) = (input::reserved(numbers)?, Gradient::new());
            let (derivative, runs) = input.run(|| derivative(&x, steps, &mut states, &mut gradient));
            Ok(Answer::new(json!(derivative), runs))
        }
        _ => no_function(function),
    }
}
