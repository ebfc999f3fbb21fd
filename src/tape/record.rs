//! The one door through which operations come onto the tape. What an operation is stands in `step`.

use super::{
    TensorVar,
    nodes::{Kind, Parents},
    step::{Kept, Step},
};
use crate::{Element, tensor::shape::is_same};
use smallvec::SmallVec;
use std::panic::Location;

impl<T: Element> TensorVar<'_, T> {
    /// Records an operation and computes it. All operations come through here; users' own by
    /// [`ops::apply`](crate::ops::apply).
    ///
    /// # Panics
    /// At the caller's line, if the inputs are on different tapes or their shapes do not fit the operation.
    #[track_caller]
    pub fn record(step: Box<dyn Step<T>>, inputs: &[Self]) -> Self {
        match try_record(step, inputs, Location::caller()) {
            Ok(result) => result,
            Err(message) => panic!("{message}"),
        }
    }
}

fn try_record<'t, T: Element>(
    step: Box<dyn Step<T>>,
    inputs: &[TensorVar<'t, T>],
    location: &'static Location<'static>,
) -> Result<TensorVar<'t, T>, String> {
    let Some(first) = inputs.first() else { return Err(format!("{}: takes at least one tensor", step.name())) };
    let tape = first.tape;
    if let Some(other) = inputs.iter().find(|input| !std::ptr::eq(input.tape, tape)) {
        let (name, first, other) = (step.name(), first.describe(), other.describe());
        return Err(format!("{name}: {first} and {other} are on different tapes"));
    }
    let shape = match inputs {
        [a] => step.shape(&[a.shape()]),
        [a, b] => step.shape(&[a.shape(), b.shape()]),
        [a, b, c] => step.shape(&[a.shape(), b.shape(), c.shape()]),
        _ => step.shape(&inputs.iter().map(|input| input.shape()).collect::<Vec<_>>()),
    };
    // Left where it is until it is copied to the node: to copy what was just written in parts is to wait for it.
    let promised = match &shape {
        Ok(shape) => shape,
        Err(reason) => return Err(format!("{}: {reason}", step.name())),
    };
    let parents: Parents = match inputs {
        [a] => Parents::from_slice(&[a.id]),
        [a, b] => Parents::from_slice(&[a.id, b.id]),
        [a, b, c] => Parents::from_slice(&[a.id, b.id, c.id]),
        _ => inputs.iter().map(|input| input.id).collect(),
    };
    let wanted: SmallVec<[bool; 4]> = match inputs {
        [a] => SmallVec::from_slice(&[a.node().needs]),
        [a, b] => SmallVec::from_slice(&[a.node().needs, b.node().needs]),
        [a, b, c] => SmallVec::from_slice(&[a.node().needs, b.node().needs, c.node().needs]),
        _ => inputs.iter().map(|input| input.node().needs).collect(),
    };
    let needs = wanted.contains(&true);
    let mut kept = Kept::new();
    let value = tape.with_values(&parents, |values| {
        if needs && let Some((value, keeping)) = step.value_keeping(values, &wanted) {
            kept = keeping;
            return Some(value);
        }
        step.value(values)
    });
    if let Some(value) = &value {
        let given = value.shape();
        if !is_same(promised, given) {
            let name = step.name();
            return Err(format!("{name}: {promised:?} and {given:?}: the value has another shape than the rule says"));
        }
    }
    let result = tape.push(Kind::Step(step), parents, promised, needs, location);
    *result.node().value.borrow_mut() = value;
    if !kept.is_empty() {
        result.node().kept.set(kept);
    }
    Ok(result)
}
