//! The logarithm of a sum of exponentials: tensors of a size that stays in the cache.

use super::input::{Answer, Input, Result, check, no_function};
use gradtape::{Tape, Tensor, TensorVar};
use serde_json::json;

/// How many numbers a tensor holds.
const BLOCK: usize = 8192;

fn logsumexp<'t>(x: &[TensorVar<'t, f64>]) -> TensorVar<'t, f64> {
    let maxima: Vec<_> = x.iter().map(|x| x.max()).collect();
    let a = TensorVar::stack(&maxima, 0).max();
    let sums: Vec<_> = x.iter().map(|x| (*x - a).exp().sum()).collect();
    a + TensorVar::stack(&sums, 0).sum().ln()
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
            let mut tape = Tape::new();
            let (gradient, runs) = input.run(|| {
                tape.reset();
                let x: Vec<_> = x.iter().map(|x| tape.tensor(x)).collect();
                let gradients = logsumexp(&x).backward_to_leaves();
                x.iter().map(|x| gradients.wrt(*x)).collect::<Vec<_>>()
            });
            Ok(Answer::new(gradient.iter().flat_map(Tensor::iter).copied().collect(), runs))
        }
        _ => no_function(function),
    }
}
