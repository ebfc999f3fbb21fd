//! The reverse sweep over both kinds of nodes. It names no operation: rules give cotangents, the engine adds them.

use super::{
    Cotangents, Gradients, Keep, Tape, cotangents::spread, gradients::Swept, nodes::Kind, recompute, scalars::WIDE,
    step::Kept,
};
use crate::{Element, Tensor};
use std::sync::Arc;

/// Where a sweep starts.
pub(super) enum Start<T> {
    Scalar(u32),
    Tensor(u32, Tensor<T>),
}

/// Goes back from `start` and gives what it brings to everything behind it.
pub(super) fn sweep<T: Element>(tape: &Tape<T>, start: Start<T>, keep: Keep) -> Gradients<T> {
    let mut swept = tape.take_swept();
    // A count of one: nobody but this function holds it.
    let numbers = Arc::get_mut(&mut swept).expect("what take_swept gives has one owner");
    numbers.clear();
    numbers.keep = keep;
    // Scalars and tensors recorded after the start cannot lie behind it.
    let (scalars, tensors) = match start {
        Start::Scalar(index) => (index as usize + 1, tape.storage.nodes.len()),
        Start::Tensor(id, _) => (tape.storage.nodes.get(id).scalars_before as usize, id + 1),
    };
    numbers.scalars.resize(scalars, T::zero());
    numbers.tensors.resize_with(tensors as usize, || None);
    match start {
        Start::Scalar(index) => numbers.scalars[index as usize] = T::one(),
        Start::Tensor(id, seed) => numbers.tensors[id as usize] = Some(seed),
    }
    run(tape, numbers);
    numbers.params.extend_from_slice(&tape.storage.params.borrow());
    tape.keep_swept(&swept);
    Gradients::new(tape.origin, swept)
}

fn run<T: Element>(tape: &Tape<T>, swept: &mut Swept<T>) {
    let Swept { keep, scalars: adjoints, tensors: slots, dropped, .. } = swept;
    let mut high = adjoints.len();
    for id in (0..slots.len() as u32).rev() {
        let node = tape.storage.nodes.get(id);
        let before = node.scalars_before as usize;
        if before < high {
            tape.storage.scalars.sweep(before..high, adjoints);
            high = before;
        }
        if !node.needs || matches!(node.kind, Kind::Leaf) {
            continue;
        }
        let (below, here) = slots.split_at_mut(id as usize);
        let mut into = Cotangents { nodes: &tape.storage.nodes, node, kept: Kept::new(), slots: below };
        match &node.kind {
            Kind::Leaf | Kind::Constant | Kind::Detached => {}
            Kind::ToScalar { offset, var } => {
                let adjoint = adjoints.get(*var as usize).copied().unwrap_or(T::zero());
                if !adjoint.is_exactly_zero() {
                    let (numbers, add) = into.slot(0);
                    if !add {
                        numbers.fill(T::zero());
                    }
                    numbers[*offset] += adjoint;
                }
            }
            Kind::FromScalars(vars) => {
                if let Some(cotangent) = &here[0] {
                    for (var, adjoint) in vars.iter().zip(cotangent.as_slice()) {
                        if *var != WIDE {
                            adjoints[*var as usize] += *adjoint;
                        }
                    }
                }
            }
            Kind::Step(step) => {
                let cotangent = match keep {
                    Keep::All => here[0].clone(),
                    Keep::Leaves => here[0].take(),
                };
                let Some(mut cotangent) = cotangent else { continue };
                if !step.takes_uniform() {
                    spread(&mut cotangent, &node.shape);
                }
                into.kept = node.kept.take();
                let output = tape.value(id);
                tape.with_values(&node.parents, |inputs| step.accumulate(inputs, &output, cotangent, &mut into));
                drop(output);
                dropped.extend(recompute::swept(tape, id, &**step, &mut here[1..]));
            }
        }
    }
    tape.storage.scalars.sweep(0..high, adjoints);
}
