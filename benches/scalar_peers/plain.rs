//! The functions as they are, on the tape's operators.

use crate::{
    objectives::{Objective, Reprojection},
    timing::{Report, Times},
};
use gradtape::Tape;

const TOOL: &str = "gradtape";

pub(crate) fn run<O: Objective>(objective: &O, primal: &Times) -> f64 {
    let x = objective.start();
    let mut tape = Tape::new();
    Report { id: O::ID, tool: TOOL, inputs: x.len(), operations: O::OPERATIONS, primal }.run(|gradient| {
        tape.reset();
        let variables = tape.vars(&x);
        let gradients = objective.eval(&variables).backward();
        gradient.copy_from_slice(&gradients.wrt(&variables));
        tape.memory_bytes()
    })
}

pub(crate) fn reprojection(objective: &Reprojection, primal: &Times) -> f64 {
    let mut tape = Tape::new();
    let inputs = objective.x.len() * 30;
    let report = Report { id: "S3", tool: TOOL, inputs, operations: Reprojection::OPERATIONS, primal };
    report.run(|gradient| {
        let mut bytes = 0;
        for ((x, feature), rows) in objective.x.iter().zip(&objective.features).zip(gradient.chunks_mut(30)) {
            tape.reset();
            let variables = x.map(|x| tape.var(x));
            let results = Reprojection::residual(&variables, feature);
            for (y, row) in results.iter().zip(rows.chunks_mut(15)) {
                row.copy_from_slice(&y.backward().wrt(variables));
            }
            bytes += tape.memory_bytes();
        }
        bytes
    })
}
