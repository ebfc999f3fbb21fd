//! Random inputs of a check, by their shapes: what `gradcheck!` calls. What is checked, and how, stands beside this
//! file.

use super::GradCheck;
use crate::{Rng, Tensor, TensorVar, rng};
use std::{cell::Cell, ops::Range};

/// An input as `gradcheck!` declares it.
#[derive(Clone, Debug)]
pub struct Drawn<'a> {
    /// Its name in the report.
    pub name: &'a str,
    /// The sizes of its axes.
    pub shape: &'a [usize],
    /// Where its numbers are drawn uniformly; from the normal distribution where nothing is said.
    pub range: Option<Range<f64>>,
}

impl GradCheck {
    /// The inputs, of this check's seed.
    #[track_caller]
    pub(crate) fn draw(&self, inputs: &[Drawn<'_>]) -> Vec<Tensor<f64>> {
        let mut generator = Rng::new(self.seed);
        let mut drawn = Vec::new();
        for Drawn { name, shape, range } in inputs {
            if let Some(range) = range {
                assert!(range.start < range.end, "gradcheck: {}: the range {range:?} is empty", name.trim());
            }
            let mut input = Tensor::<f64>::zeros(shape);
            input.update(|_, _| match range {
                Some(range) => range.start + (range.end - range.start) * rng::uniform(&mut generator),
                None => rng::normal(&mut generator),
            });
            drawn.push(input);
        }
        drawn
    }
}

/// Checks a function of inputs that are drawn.
///
/// # Panics
/// With the report, if a gradient is wrong.
#[track_caller]
pub fn check_drawn<F>(check: GradCheck, inputs: &[Drawn<'_>], f: F)
where
    F: for<'t> Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
{
    let names = inputs.iter().map(|input| input.name.into()).collect();
    let drawn = check.draw(inputs);
    let nothing = "a size of 0 leaves nothing to check";
    assert!(drawn.iter().any(|input| !input.is_empty()), "gradcheck: the inputs: {nothing}");
    let is_empty = Cell::new(false);
    let result = check.check_named(
        |x| {
            let y = f(x);
            is_empty.set(y.shape().contains(&0));
            y
        },
        &drawn,
        names,
    );
    if let Err(report) = result {
        panic!("gradcheck: {report}");
    }
    assert!(!is_empty.get(), "gradcheck: the result: {nothing}");
}
