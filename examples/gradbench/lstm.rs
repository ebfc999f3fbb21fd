//! A recurrent net with diagonal weights: every gate is a formula, and one node of a tape of scalars.

use super::input::{Answer, Input, Result, check, no_function};
use super::real::Real;
use gradtape::numeric::{Numeric, dot};
use gradtape::ops::Operand;
use gradtape::{Tape, Tensor, elementwise};
use serde_json::json;

// Two inputs each: a node of the tape like a sum's or a product's.

#[elementwise]
fn gate<T>(x: T, bias: T) -> T {
    1.0 / (1.0 + exp(-(x + bias)))
}

#[elementwise]
fn squashed<T>(x: T, bias: T) -> T {
    tanh(x + bias)
}

#[elementwise]
fn shown<T>(cell: T, output: T) -> T {
    output * tanh(cell)
}

#[elementwise]
fn with_exponential<T>(sum: T, y: T) -> T {
    sum + exp(y)
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
    let mut state: Vec<T> = state.iter().map(|x| T::of(*x)).collect();
    let (main, extra) = parameters.split_at(8 * layers * b);
    let (in_weights, out) = extra.split_at(b);
    let (out_weights, out_biases) = out.split_at(b);
    let mut z = vec![T::zero(); b];
    let (mut total, mut count) = (T::zero(), 0.0);
    for (now, then) in sequence.chunks_exact(b).zip(sequence.chunks_exact(b).skip(1)) {
        for ((z, weight), x) in z.iter_mut().zip(in_weights).zip(now) {
            *z = *weight * *x;
        }
        for (main, state) in main.chunks_exact(8 * b).zip(state.chunks_exact_mut(2 * b)) {
            let (weights, biases) = main.split_at(4 * b);
            let (hiddens, cells) = state.split_at_mut(b);
            for i in 0..b {
                let of = |part: usize| (weights[part * b + i], biases[part * b + i]);
                let [forget, input, output, change] = [of(0), of(1), of(2), of(3)];
                let forget = gate(z[i] * forget.0, forget.1);
                let input = gate(hiddens[i] * input.0, input.1);
                let output = gate(z[i] * output.0, output.1);
                let change = squashed(hiddens[i] * change.0, change.1);
                cells[i] = cells[i] * forget + change * input;
                hiddens[i] = shown(cells[i], output);
                z[i] = hiddens[i];
            }
        }
        for ((z, weight), bias) in z.iter_mut().zip(out_weights).zip(out_biases) {
            *z = *z * *weight + *bias;
        }
        let normaliser = z.iter().fold(T::of(2.0), |sum, y| with_exponential(sum, *y)).ln();
        total += dot(&z, then) - normaliser * then.iter().sum::<f64>();
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
                variables.into_iter().map(|x| gradients.wrt(x)).collect::<Vec<_>>()
            });
            Ok(Answer::new(json!(gradient), runs))
        }
        _ => no_function(function),
    }
}
