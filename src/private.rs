//! What the macros' output calls. Not for users: it changes with the macros, which are of exactly this version.

pub use crate::gradcheck::{Drawn, GradCheck, check_drawn};
pub use crate::nn;
pub use crate::nn::check::CheckModel;
pub use crate::nn::shape_rule;
pub use crate::nn::summary::{Row, Rows, block_rows, layer_row, summary};
pub use crate::ops::formula::{Calls, Comparison, Condition, Constant, ElementwiseArgument, Inner, guarded, slopes};
pub use crate::ops::lane::{FormulaNumber, Lane};
pub use crate::{Elementwise, Expr, Operand, Scalar, TensorVar};
pub use rand;

use crate::Tensor;
use std::fmt;

/// The rows of the elementwise table.
pub mod row {
    pub use crate::ops::elementwise::*;
}

/// What `init::zeros` names in a module that has no `init` of its own.
pub mod initialisers {
    pub use crate::nn::init;
}

/// Where the layers of a network begin.
pub fn layer_start<'t, T: Scalar>(x: TensorVar<'t, T>) -> TensorVar<'t, T> {
    nn::layer_start(x)
}

/// What a network does between two of its layers: `before` went into the one that gave `after`.
#[track_caller]
pub fn layer_end<'t, T: Scalar>(
    start: TensorVar<'t, T>,
    before: TensorVar<'t, T>,
    after: TensorVar<'t, T>,
) -> TensorVar<'t, T> {
    nn::layer_end(start, before, after)
}

/// The sum of branches.
#[track_caller]
pub fn sum<'t, T: Scalar>(branches: &[TensorVar<'t, T>]) -> TensorVar<'t, T> {
    let [first, others @ ..] = branches else { panic!("sum: there is no branch") };
    let mut sum = *first;
    for branch in others {
        // Without this, a branch of width 1 would be broadcast.
        let (expected, given) = (first.shape(), branch.shape());
        assert!(expected == given, "sum: {expected:?} and {given:?}: the branches give different shapes");
        sum += *branch;
    }
    sum
}

/// Branches joined along their last axis.
#[track_caller]
pub fn concat<'t, T: Scalar>(branches: &[TensorVar<'t, T>]) -> TensorVar<'t, T> {
    TensorVar::concat(branches, -1)
}

/// Blocks of layers that are drawn one after the other.
#[track_caller]
pub fn repeated<B>(times: usize, mut block: impl FnMut() -> B) -> Vec<B> {
    (0..times).map(|_| block()).collect()
}

/// The type of a field whose layer could not be read; this has been reported.
#[derive(Clone, Copy, Debug)]
pub struct Unfinished;

/// The first value of a parameter of a `layer!`.
#[track_caller]
pub fn initial<T: Scalar, R: rand::Rng>(
    name: &str,
    shape: &[usize],
    rng: &mut R,
    init: &mut dyn FnMut(&[usize], &mut R) -> Tensor<T>,
) -> Tensor<T> {
    let value = init(shape, rng);
    let given = value.shape();
    assert!(given == shape, "{name}: {shape:?} and {given:?}: the initialisation gave another shape");
    value
}

/// The last axes of the input of a `layer!` with a shape rule; `None` for one of any size.
#[track_caller]
pub fn expects(layer: &str, shape: &[usize], last: &[Option<usize>]) {
    let fits = |(expected, size): (&Option<usize>, &usize)| expected.is_none_or(|expected| expected == *size);
    let axes = shape.iter().rev().take(last.len());
    if shape.len() >= last.len() && last.iter().rev().zip(axes).all(fits) {
        return;
    }
    match (last, shape.last()) {
        ([Some(expected)], Some(width)) => {
            panic!("{layer}: {shape:?}: the layer expects {expected} inputs, but gets {width}")
        }
        _ => {
            let sizes = last.iter().map(|size| size.map_or_else(|| "_".to_string(), |size| size.to_string()));
            let sizes = sizes.collect::<Vec<_>>().join(", ");
            panic!("{layer}: {shape:?}: the layer expects [{sizes}] as last axes")
        }
    }
}

/// The last axes of the output of a `layer!` with a shape rule; `None` for one of which nothing is said.
#[track_caller]
pub fn gives(layer: &str, shape: &[usize], last: &[Option<usize>]) {
    let fits = |(expected, size): (&Option<usize>, &usize)| expected.is_none_or(|expected| expected == *size);
    let given = &shape[shape.len().saturating_sub(last.len())..];
    if given.len() == last.len() && last.iter().zip(given).all(fits) {
        return;
    }
    let sizes = last.iter().map(|size| size.map_or_else(|| "_".to_string(), |size| size.to_string()));
    let sizes = sizes.collect::<Vec<_>>().join(", ");
    panic!("{layer}: the shape rule says [{sizes}], `forward` gives {given:?}")
}

/// `Gate(128, slope = 0.1)`
pub fn show_call(f: &mut fmt::Formatter<'_>, name: &str, arguments: &[(&str, &dyn fmt::Debug)]) -> fmt::Result {
    f.write_str(name)?;
    for (i, (argument, value)) in arguments.iter().enumerate() {
        f.write_str(if i == 0 { "(" } else { ", " })?;
        if !argument.is_empty() {
            write!(f, "{argument} = ")?;
        }
        write!(f, "{value:?}")?;
    }
    f.write_str(if arguments.is_empty() { "" } else { ")" })
}
