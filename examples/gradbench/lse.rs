//! The logarithm of a sum of exponentials: blocks of numbers, whose exponentials stay in the cache until they are added
//! up, on one tape of tensors.

use super::input::{Answer, Input, Result, check, no_function};
use gradtape::{Tape, Tensor, TensorVar, elementwise, recompute};
use serde_json::json;

/// How many numbers lie in a block.
const BLOCK: usize = 2048;

#[elementwise]
fn exponential<T>(x: T, largest: f64) -> T {
    exp(x - largest)
}

/// Of all numbers in these blocks. What is taken away is a number, as it is added again.
fn logsumexp<'t>(x: &[TensorVar<'t, f64>]) -> TensorVar<'t, f64> {
    let largest = x.iter().map(|x| x.value().max().item()).fold(f64::NEG_INFINITY, f64::max);
    let part = |x: TensorVar<'t, f64>| exponential(x, largest).sum();
    // Without a sweep to come nobody asks for the exponentials again.
    let part = |x: &TensorVar<'t, f64>| if x.tape().is_inference() { recompute(part, *x) } else { part(*x) };
    TensorVar::stack(&x.iter().map(part).collect::<Vec<_>>(), 0).sum().ln() + largest
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let x: Vec<Tensor<f64>> = input.vector("x")?.chunks(BLOCK).map(Tensor::from).collect();
    check(!x.is_empty(), "x: there must be numbers")?;
    match function {
        "primal" => {
            let mut tape = Tape::inference();
            let (y, runs) = input.run(|| {
                tape.reset();
                logsumexp(&x.iter().map(|x| tape.constant(x)).collect::<Vec<_>>()).item()
            });
            Ok(Answer::new(json!(y), runs))
        }
        "gradient" => {
            let (mut tape, mut gradient) = (Tape::new(), Vec::new());
            let ((), runs) = input.run(|| {
                tape.reset();
                let variables: Vec<_> = x.iter().map(|x| tape.tensor(x)).collect();
                let gradients = logsumexp(&variables).backward_to_leaves();
                gradient.clear();
                variables.into_iter().for_each(|x| gradient.extend_from_slice(gradients.wrt(x).as_slice()));
            });
            Ok(Answer::new(json!(gradient), runs))
        }
        _ => no_function(function),
    }
}
