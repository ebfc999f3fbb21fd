//! The same functions with fewer nodes: pieces of few numbers fused, lists as one node, points summed one by one.

use crate::{
    objectives::{Chain, Determinant, Gmm, LogSumExp, Lstm, Objective, Ode, Reprojection, Rosenbrock, sigmoid},
    timing::{Report, Times},
};
use gradtape::{MultiDual, Tape, Var, fuse, numeric, sum_over};

const TOOL: &str = "gradtape-fused";

fn run<O: Objective>(objective: &O, primal: &Times, f: impl for<'t> Fn(&O, &[Var<'t, f64>]) -> Var<'t, f64>) -> f64 {
    let x = objective.start();
    let mut tape = Tape::new();
    Report { id: O::ID, tool: TOOL, inputs: x.len(), operations: O::OPERATIONS, primal }.run(|gradient| {
        tape.reset();
        let variables = tape.vars(&x);
        let gradients = f(objective, &variables).backward();
        gradient.copy_from_slice(&gradients.wrt(&variables));
        tape.memory_bytes()
    })
}

/// A term is a node of two inputs, the sum one node.
pub(crate) fn rosenbrock(objective: &Rosenbrock, primal: &Times) -> f64 {
    run(objective, primal, |_, x| {
        x.windows(2).map(|pair| fuse([pair[0], pair[1]], |[a, b]| Rosenbrock::term(a, b))).sum()
    })
}

/// Point by point; a point's factors as scalar products.
pub(crate) fn gmm(objective: &Gmm, primal: &Times) -> f64 {
    run(objective, primal, |gmm, p| {
        let (alpha, _, factors) = gmm.split(p);
        let (diagonal, sums) = gmm.prepare(factors);
        let params = [p, &diagonal, &sums].concat();
        let total = sum_over(&params, gmm.data.chunks(gmm.d), |params, x| {
            let (p, rest) = params.split_at(p.len());
            let (diagonal, sums) = rest.split_at(diagonal.len());
            gmm.score_of_point(x, gmm.split(p), diagonal, sums)
        });
        gmm.finish(total, alpha, factors, &diagonal)
    })
}

/// Forward alone: 15 variables, 2 results.
pub(crate) fn reprojection(objective: &Reprojection, primal: &Times) -> f64 {
    let inputs = objective.x.len() * 30;
    let report = Report { id: "S3", tool: TOOL, inputs, operations: Reprojection::OPERATIONS, primal };
    report.run(|gradient| {
        for ((x, feature), rows) in objective.x.iter().zip(&objective.features).zip(gradient.chunks_mut(30)) {
            let results = Reprojection::residual(&MultiDual::variables(*x), feature);
            for (y, row) in results.iter().zip(rows.chunks_mut(15)) {
                row.copy_from_slice(&y.tangents);
            }
        }
        0
    })
}

/// A gate's sum is one scalar product, a cell two nodes.
pub(crate) fn lstm(objective: &Lstm, primal: &Times) -> f64 {
    run(objective, primal, |lstm, p| {
        let (ni, nh) = (lstm.inputs, lstm.units);
        let (w, u, b, h, c) = lstm.split(p);
        let (mut h, mut c) = (h.to_vec(), c.to_vec());
        let mut outputs = Vec::new();
        // A gate's weights in a row: those of the inputs, of the last outputs, and the bias.
        let rows: Vec<Vec<Var<'_, f64>>> = (0..4 * nh)
            .map(|row| [&w[row * ni..(row + 1) * ni], &u[row * nh..(row + 1) * nh], &[b[row]]].concat())
            .collect();
        let mut next = h.clone();
        let mut state = vec![Var::from(1.0); ni + nh + 1];
        for x in lstm.x.chunks(ni) {
            for (state, x) in state.iter_mut().zip(x) {
                *state = Var::from(*x);
            }
            state[ni..ni + nh].copy_from_slice(&h);
            for j in 0..nh {
                let z: [Var<'_, f64>; 4] = std::array::from_fn(|gate| numeric::dot(&rows[gate * nh + j], &state));
                c[j] = fuse([z[0], z[1], z[3], c[j]], |[z0, z1, z3, c]| sigmoid(z1) * c + sigmoid(z0) * z3.tanh());
                next[j] = fuse([z[2], c[j]], |[z2, c]| sigmoid(z2) * c.tanh());
            }
            h.copy_from_slice(&next);
            outputs.extend_from_slice(&next);
        }
        let errors: Vec<_> = outputs.iter().zip(&lstm.y).map(|(h, y)| *h - *y).collect();
        numeric::sum_of_squares(&errors)
    })
}

/// A step is two nodes of six inputs.
pub(crate) fn ode(objective: &Ode, primal: &Times) -> f64 {
    run(objective, primal, |ode, p| {
        let (mut x, mut y) = (p[4], p[5]);
        for _ in 0..ode.steps {
            [x, y] = fuse([p[0], p[1], p[2], p[3], x, y], |[a, b, c, d, x, y]| {
                let (x, y) = Ode::step(&[a, b, c, d], x, y, ode.h);
                [x, y]
            });
        }
        x + y
    })
}

/// A step is one node, the sum another.
pub(crate) fn chain(objective: &Chain, primal: &Times) -> f64 {
    run(objective, primal, |chain, p| {
        let mut x = p[0];
        let steps = (0..chain.n).map(|_| {
            x = fuse([x], |[x]| x.sin() * 1.0001 + 0.1);
            x
        });
        let steps: Var<'_, f64> = steps.sum();
        steps + p[0]
    })
}

/// Nothing to gain: each element waits for the one before.
pub(crate) fn determinant(objective: &Determinant, primal: &Times) -> f64 {
    run(objective, primal, |determinant, p| determinant.eval(p))
}

/// One node.
pub(crate) fn log_sum_exp(objective: &LogSumExp, primal: &Times) -> f64 {
    run(objective, primal, |_, x| numeric::logsumexp(x))
}
