//! The logarithm of a sum of exponentials: blocks of numbers, each swept as soon as it is recorded, so that the tape
//! stays in the cache.

use super::input::{Answer, Input, Result, check, no_function};
use super::real::Real;
use gradtape::{Tape, Tensor, TensorVar};
use serde_json::json;

/// How many numbers are recorded together.
const BLOCK: usize = 2048;

/// The largest of all. Whatever is taken away from all, the result is the same, so that no derivative goes through it.
fn largest(x: &[Tensor<f64>]) -> f64 {
    x.iter().map(|x| x.max().item()).fold(f64::NEG_INFINITY, f64::max)
}

/// What a block adds to the sum.
fn part(x: TensorVar<'_, f64>, largest: f64) -> TensorVar<'_, f64> {
    (x - largest).exp().sum()
}

fn logarithm<T: Real>(sum: T, largest: f64) -> T {
    sum.ln() + largest
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let x: Vec<Tensor<f64>> = input.vector("x")?.chunks(BLOCK).map(Tensor::from).collect();
    check(!x.is_empty(), "x: there must be numbers")?;
    match function {
        "primal" => {
            let mut tape = Tape::inference();
            let (y, runs) = input.run(|| {
                let largest = largest(&x);
                let mut part = |x| {
                    tape.reset();
                    part(tape.constant(x), largest).item()
                };
                logarithm(x.iter().map(&mut part).sum::<f64>(), largest)
            });
            Ok(Answer::new(json!(y), runs))
        }
        "gradient" => {
            let (mut tape, mut gradient) = (Tape::new(), Vec::<Tensor<f64>>::new());
            let ((), runs) = input.run(|| {
                let (largest, mut sum) = (largest(&x), 0.0);
                gradient.clear();
                for x in &x {
                    tape.reset();
                    let x = tape.tensor(x);
                    let part = part(x, largest);
                    sum += part.item();
                    gradient.push(part.backward_to_leaves().wrt(x));
                }
                tape.reset();
                let sum = tape.var(sum);
                let slope = logarithm(sum, largest).backward().wrt(sum);
                for of_sum in &mut gradient {
                    of_sum.as_mut_slice().iter_mut().for_each(|of_sum| *of_sum *= slope);
                }
            });
            Ok(Answer::new(gradient.iter().flat_map(Tensor::iter).copied().collect(), runs))
        }
        _ => no_function(function),
    }
}
