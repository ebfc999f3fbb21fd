//! A Gaussian mixture with a Wishart prior: tensors, on which a component is a matrix product for all points at once.

use super::input::{Answer, Input, Result, check, lists, no_function};
use gradtape::{Tape, Tensor, TensorVar};
use serde_json::json;
use std::f64::consts::{LN_2, PI};

struct Data {
    x: Tensor<f64>,
    m: f64,
    gamma: f64,
    /// Where the entries of a factor lie in a row of `[exp q, l, 0]`.
    places: Vec<usize>,
}

/// alpha, mu, q and l: rows of components.
type Parameters<T> = [T; 4];

fn objective<'t>(data: &Data, [alpha, mu, q, l]: Parameters<TensorVar<'t, f64>>) -> TensorVar<'t, f64> {
    let (&[n, d], k) = (data.x.shape(), mu.shape()[0]) else { unreachable!("the points are a matrix") };
    let tape = mu.tape();
    let x = tape.constant(&data.x);
    let scales = q.exp();
    let packed = TensorVar::concat(&[scales, l, tape.constant(Tensor::zeros([k, 1]))], 1);
    let factors = packed.index_select(1, &data.places).reshape([k, d, d]);
    let component = |c: usize| {
        let row = |of: TensorVar<'t, f64>| of.slice(0, c, c + 1, 1);
        let y = (x - row(mu)).matmul(row(factors).reshape([d, d]));
        y.square().sum_axis(1, false)
    };
    let distances = TensorVar::stack(&(0..k).map(component).collect::<Vec<_>>(), 0);
    let weights = (alpha + q.sum_axis(1, false)).reshape([k, 1]);
    let beta = weights - 0.5 * distances;
    let (n, half) = (n as f64, 0.5 * data.gamma * data.gamma);
    let prior = data.m * q.sum() - half * (scales.square().sum() + l.square().sum());
    beta.logsumexp_axis(0, false).sum() - n * alpha.logsumexp_axis(0, false) + prior + constant(data, k)
}

/// What no parameter changes.
fn constant(data: &Data, k: usize) -> f64 {
    let (n, d) = (data.x.shape()[0] as f64, data.x.shape()[1] as f64);
    let v = d + data.m + 1.0;
    let lgammas = (0..data.x.shape()[1]).map(|j| 0.5 * (v - j as f64)).collect::<Vec<_>>();
    let lgamma = 0.25 * d * (d - 1.0) * PI.ln() + Tensor::from(lgammas).lgamma().sum().item();
    k as f64 * (v * d * (data.gamma.ln() - 0.5 * LN_2) - lgamma) - 0.5 * n * d * (2.0 * PI).ln()
}

/// The places of a lower triangle that is stored column by column behind its diagonal; of its transpose, row by row.
fn places(d: usize) -> Vec<usize> {
    let zero = d + d * (d - 1) / 2;
    let mut places = vec![zero; d * d];
    let mut next = d;
    for column in 0..d {
        places[column * d + column] = column;
        for row in column + 1..d {
            places[column * d + row] = next;
            next += 1;
        }
    }
    places
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let (x, m, gamma) = (input.tensor::<2>("x")?, input.count("m")? as f64, input.number("gamma")?);
    let alpha = input.tensor::<1>("alpha")?;
    let tensor = |name: &str| input.tensor::<2>(name);
    let [mu, q, mut l] = [tensor("mu")?, tensor("q")?, tensor("l")?];
    let (d, k) = (x.shape()[1], alpha.len());
    check(d > 0 && k > 0, "x and alpha: there must be points and components")?;
    check([&mu, &q].iter().all(|of| of.shape() == [k, d]), "mu and q: not a number for each component and axis")?;
    if d == 1 {
        // Of lists of nothing there is no telling how many.
        l = Tensor::zeros([k, 0]);
    }
    check(l.shape() == [k, d * (d - 1) / 2], "l: not a lower triangle for each component")?;
    let data = Data { x, m, gamma, places: places(d) };
    let parameters = [alpha, mu, q, l];
    match function {
        "objective" => {
            let mut tape = Tape::inference();
            let (y, runs) = input.run(|| {
                tape.reset();
                objective(&data, parameters.each_ref().map(|of| tape.constant(of))).item()
            });
            Ok(Answer::new(json!(y), runs))
        }
        "jacobian" => {
            let mut tape = Tape::new();
            let ([alpha, mu, q, l], runs) = input.run(|| {
                tape.reset();
                let variables = parameters.each_ref().map(|of| tape.tensor(of));
                let gradients = objective(&data, variables).backward_to_leaves();
                variables.map(|of| gradients.wrt(of))
            });
            let output = json!({"alpha": lists(&alpha), "mu": lists(&mu), "q": lists(&q), "l": lists(&l)});
            Ok(Answer::new(output, runs))
        }
        _ => no_function(function),
    }
}
