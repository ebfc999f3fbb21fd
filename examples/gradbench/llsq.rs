//! A polynomial fitted to a step: blocks of points, each a vector times the matrix of their powers, each swept as soon
//! as it is recorded, so that the tape stays in the cache.

use super::input::{Answer, Input, Result, check, lists, no_function};
use gradtape::{Tape, Tensor, TensorVar};
use serde_json::json;

/// How many points are recorded together.
const BLOCK: usize = 256;

/// The sum of the squares at the given points of `[-1, 1]`.
fn squares<'t>(x: TensorVar<'t, f64>, t: &[f64]) -> TensorVar<'t, f64> {
    let signs: Vec<f64> = t.iter().map(|t| if *t == 0.0 { 0.0 } else { t.signum() }).collect();
    let residuals = x.tape().constant(signs) - x.matmul(powers(t, x.shape()[0]));
    0.5 * residuals.square().sum()
}

/// A row for each power, from 0.
fn powers(t: &[f64], rows: usize) -> Tensor<f64> {
    let mut powers = Tensor::ones([rows, t.len()]);
    let mut rest = powers.as_mut_slice();
    while rest.len() > t.len() {
        let (row, below) = rest.split_at_mut(t.len());
        for ((next, power), t) in below.iter_mut().zip(row).zip(t) {
            *next = *power * *t;
        }
        rest = below;
    }
    powers
}

/// The points, block by block.
fn blocks(n: usize) -> impl Iterator<Item = Vec<f64>> {
    let t = move |i: usize| if n > 1 { -1.0 + 2.0 * i as f64 / (n - 1) as f64 } else { -1.0 };
    (0..n).step_by(BLOCK).map(move |start| (start..n.min(start + BLOCK)).map(t).collect())
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let (x, n) = (input.tensor::<1>("x")?, input.count("n")?);
    check(!x.is_empty(), "x: there must be coefficients")?;
    match function {
        "primal" => {
            let mut tape = Tape::inference();
            let mut part = |t: Vec<f64>| {
                tape.reset();
                squares(tape.constant(&x), &t).item()
            };
            let (y, runs) = input.run(|| blocks(n).map(&mut part).sum::<f64>());
            Ok(Answer::new(json!(y), runs))
        }
        "gradient" => {
            let mut tape = Tape::new();
            let mut part = |t: Vec<f64>| {
                tape.reset();
                let x = tape.tensor(&x);
                squares(x, &t).backward_to_leaves().wrt(x)
            };
            let zeros = || Tensor::zeros([x.len()]);
            let (gradient, runs) = input.run(|| blocks(n).map(&mut part).fold(zeros(), |sum, part| sum + part));
            Ok(Answer::new(lists(&gradient), runs))
        }
        _ => no_function(function),
    }
}
