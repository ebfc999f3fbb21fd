//! Gradients of eight functions of scalars, on which tapes are compared: a line of JSON each.
//!
//! `cargo bench --bench scalar_peers -- S1 S5 fused` takes functions and tools by name, `plain` or `fused`; without
//! names it runs all. `BUDGET` is the seconds spent on each, `GRAD_DIR` a folder for the gradients.

mod fused;
mod objectives;
mod plain;
mod real;
mod timing;

use objectives::{Chain, Determinant, Gmm, LogSumExp, Lstm, Objective, Ode, Reprojection, Rosenbrock};
use std::hint::black_box;
use timing::{Times, measure};

fn primal<O: Objective>(objective: &O) -> Times {
    let x = objective.start();
    measure(|| {
        black_box(objective.eval(black_box(&x[..])));
    })
}

fn primal_of_reprojection(objective: &Reprojection) -> Times {
    measure(|| {
        for (x, feature) in objective.x.iter().zip(&objective.features) {
            black_box(Reprojection::residual(black_box(x), feature));
        }
    })
}

/// What was asked for.
struct Wanted(Vec<String>);

impl Wanted {
    fn tool(&self, name: &str) -> bool {
        let tools = ["plain", "fused"];
        self.0.iter().any(|word| word == name) || !self.0.iter().any(|word| tools.contains(&word.as_str()))
    }

    fn function(&self, id: &str) -> bool {
        self.0.iter().any(|word| word == id) || !self.0.iter().any(|word| word.starts_with('S'))
    }
}

fn main() {
    // `cargo bench` adds an argument of its own.
    let wanted = Wanted(std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect());
    let mut logarithms = [Vec::new(), Vec::new()];
    macro_rules! run {
        ($($Objective:ident $fused:ident)*) => { $(
            if wanted.function($Objective::ID) {
                let objective = $Objective::default();
                let primal = primal(&objective);
                if wanted.tool("plain") {
                    logarithms[0].push(plain::run(&objective, &primal).ln());
                }
                if wanted.tool("fused") {
                    logarithms[1].push(fused::$fused(&objective, &primal).ln());
                }
            }
        )* };
    }
    run!(Rosenbrock rosenbrock Gmm gmm);
    if wanted.function("S3") {
        let objective = Reprojection::default();
        let primal = primal_of_reprojection(&objective);
        if wanted.tool("plain") {
            logarithms[0].push(plain::reprojection(&objective, &primal).ln());
        }
        if wanted.tool("fused") {
            logarithms[1].push(fused::reprojection(&objective, &primal).ln());
        }
    }
    run!(Lstm lstm Ode ode Chain chain Determinant determinant LogSumExp log_sum_exp);
    for (tool, logarithms) in ["gradtape", "gradtape-fused"].iter().zip(&logarithms) {
        if logarithms.len() > 1 {
            let mean = (logarithms.iter().sum::<f64>() / logarithms.len() as f64).exp();
            eprintln!("{tool}: {mean:.2} ns an operation, geometric mean of {}", logarithms.len());
        }
    }
}
