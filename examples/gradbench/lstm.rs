//! A recurrent net with diagonal weights: formulas of lists of scalars, one node for each unit, whose values and slopes
//! are computed in vectors.

use super::input::{Answer, Input, Result, check, no_function};
use super::real::Real;
use gradtape::numeric::{Numeric, dot};
use gradtape::ops::Operand;
use gradtape::{Tape, Tensor, elementwise};
use serde_json::json;

#[elementwise]
fn gate<T>(x: T, weight: T, bias: T) -> T {
    1.0 / (1.0 + exp(-(x * weight + bias)))
}

#[elementwise]
fn next_cell<T>(cell: T, forget: T, input: T, x: T, weight: T, bias: T) -> T {
    cell * forget + tanh(x * weight + bias) * input
}

#[elementwise]
fn shown<T>(cell: T, output: T) -> T {
    output * tanh(cell)
}

#[elementwise]
fn affine<T>(x: T, weight: T, bias: T) -> T {
    x * weight + bias
}

#[elementwise]
fn exponential<T>(y: T) -> T {
    exp(y)
}

struct Data {
    layers: usize,
    units: usize,
    state: Vec<f64>,
    sequence: Vec<f64>,
}

/// The loss; the parameters are those of the layers, then the extra ones.
fn loss<T: Real + Numeric + Operand>(data: &Data, parameters: &[T]) -> T {
    let Data { layers, units: b, ref state, ref sequence } = *data;
    let row = |row: &[f64]| row.iter().map(|x| T::of(*x)).collect::<Vec<T>>();
    let mut state: Vec<_> = state.chunks_exact(2 * b).map(|of| (row(&of[..b]), row(&of[b..]))).collect();
    let (main, extra) = parameters.split_at(8 * layers * b);
    let (in_weights, out) = extra.split_at(b);
    let (out_weights, out_biases) = out.split_at(b);
    let (mut total, mut count) = (T::zero(), 0.0);
    for (now, then) in sequence.chunks_exact(b).zip(sequence.chunks_exact(b).skip(1)) {
        let mut z: Vec<T> = in_weights.iter().zip(now).map(|(weight, x)| *weight * *x).collect();
        for (main, (hidden, cell)) in main.chunks_exact(8 * b).zip(&mut state) {
            let part = |i: usize| &main[i * b..(i + 1) * b];
            let forget = gate(&z[..], part(0), part(4));
            let input = gate(&hidden[..], part(1), part(5));
            let output = gate(&z[..], part(2), part(6));
            *cell = next_cell(&cell[..], &forget, &input, hidden, part(3), part(7));
            *hidden = shown(&cell[..], &output);
            z.copy_from_slice(hidden);
        }
        let y = affine(&z[..], out_weights, out_biases);
        let normaliser = exponential(&y).into_iter().fold(T::of(2.0), |sum, y| sum + y).ln();
        total += dot(&y, then) - normaliser * then.iter().sum::<f64>();
        count += b as f64;
    }
    -total / count
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let tensor = |name: &str| input.tensor::<2>(name);
    let [main, extra, state] = [tensor("main_params")?, tensor("extra_params")?, tensor("state")?];
    let sequence = tensor("sequence")?;
    let (layers, units) = (state.shape()[0] / 2, state.shape()[1]);
    check(units > 0 && sequence.shape()[0] > 1, "state and sequence: there must be units and two characters")?;
    let fit = |of: &Tensor<f64>, shape: [usize; 2]| of.shape() == shape;
    let fits = fit(&main, [2 * layers, 4 * units]) && fit(&extra, [3, units]) && fit(&state, [2 * layers, units]);
    check(fits && sequence.shape()[1] == units, "the shapes do not fit together")?;
    let parameters = [main.into_vec(), extra.into_vec()].concat();
    let data = Data { layers, units, state: state.into_vec(), sequence: sequence.into_vec() };
    match function {
        "objective" => {
            let (loss, runs) = input.run(|| loss(&data, &parameters));
            Ok(Answer::new(json!(loss), runs))
        }
        "jacobian" => {
            let mut tape = Tape::new();
            let (gradient, runs) = input.run(|| {
                tape.reset();
                let variables = tape.vars(&parameters);
                let gradients = loss(&data, &variables).backward();
                gradients.wrt(&variables)
            });
            Ok(Answer::new(json!(gradient), runs))
        }
        _ => no_function(function),
    }
}
