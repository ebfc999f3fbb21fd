//! The reverse sweep over both kinds of nodes. It names no operation: rules give cotangents, the engine adds them.

use super::{
    Cotangents, Gradients, Keep, Tape,
    cotangents::spread,
    nodes::Kind,
    recompute,
    scalars::CONSTANT,
    step::Kept,
    swept::{Owned, Swept},
};
use crate::{Element, Tensor, tensor::shape::is_same};

/// Where a sweep starts.
pub(super) enum Start<T> {
    Scalar(u32),
    Tensor(u32, Tensor<T>),
    /// A tensor that is one number, with a cotangent of 1.
    Number(u32),
}

/// Goes back from `start` and gives what it brings to everything behind it.
pub(super) fn sweep<T: Element>(tape: &Tape<T>, start: Start<T>, keep: Keep) -> Gradients<T> {
    let mut swept = Owned::take();
    swept.keep = keep;
    let is_done = match start {
        Start::Scalar(index) => sweep_scalars(tape, index, &mut swept),
        Start::Tensor(..) | Start::Number(_) => false,
    };
    if !is_done {
        sweep_all(tape, start, &mut swept);
        swept.params.extend_from_slice(&tape.storage.params.borrow());
    }
    Gradients::new(tape, swept)
}

/// On a tape of scalars alone only the adjoints of variables are kept, and the workspace is zeros again when the sweep
/// is over: so half of the memory is written that keeping all adjoints would write. Says whether it has been done.
fn sweep_scalars<T: Element>(tape: &Tape<T>, index: u32, swept: &mut Swept<T>) -> bool {
    if tape.storage.nodes.len() > 0 || !T::IS_PLAIN {
        return false;
    }
    let (scalars, end) = (&tape.storage.scalars, index as usize + 1);
    // Taken out while it is not zeros.
    let mut adjoints = tape.storage.workspace.take();
    if adjoints.len() < end {
        adjoints.resize(end.max(scalars.len()), T::zero());
    }
    adjoints[end - 1] = T::one();
    let leaves = scalars.leaves().min(end);
    scalars.sweep_unguarded(leaves..end, &mut adjoints, &mut swept.late);
    // A NaN anywhere has come as far as a variable. It may be 0 times an infinity, which is for the sweep to decide
    // that looks at each adjoint.
    let mut has_nan = swept.late.iter().any(|(_, adjoint)| adjoint.is_nan());
    swept.scalars.extend(adjoints[..leaves].iter_mut().map(|adjoint| {
        has_nan |= adjoint.is_nan();
        std::mem::replace(adjoint, T::zero())
    }));
    tape.storage.workspace.set(adjoints);
    swept.from = Some(index);
    if has_nan {
        swept.clear();
    }
    !has_nan
}

fn sweep_all<T: Element>(tape: &Tape<T>, start: Start<T>, numbers: &mut Swept<T>) {
    // Scalars and tensors recorded after the start cannot lie behind it.
    let (scalars, tensors) = match start {
        Start::Scalar(index) => (index as usize + 1, tape.storage.nodes.before_scalar(index)),
        Start::Tensor(id, _) | Start::Number(id) => (tape.storage.nodes.get(id).scalars_before as usize, id + 1),
    };
    numbers.scalars.resize(scalars, T::zero());
    numbers.tensors.resize_with(tensors as usize, || None);
    match start {
        Start::Scalar(index) => numbers.scalars[index as usize] = T::one(),
        Start::Tensor(id, seed) => numbers.tensors[id as usize] = Some(seed),
        Start::Number(id) => numbers.tensors[id as usize] = Some(Tensor::scalar(T::one())),
    }
    run(tape, numbers);
}

fn run<T: Element>(tape: &Tape<T>, swept: &mut Swept<T>) {
    let Swept { keep, scalars: adjoints, tensors: slots, dropped, .. } = swept;
    let mut cursor = tape.storage.scalars.cursor(adjoints.len());
    for id in (0..slots.len() as u32).rev() {
        let node = tape.storage.nodes.get(id);
        tape.storage.scalars.sweep(node.scalars_before as usize, &mut cursor, adjoints);
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
                        if *var != CONSTANT {
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
                if !is_same(cotangent.shape(), &node.shape) && !step.takes_uniform() {
                    spread(&mut cotangent, &node.shape);
                }
                into.kept = node.kept.take();
                let output = tape.value(id);
                let value = |id| tape.value(id);
                // Not by a closure, into which the cotangent would be copied.
                match *node.parents {
                    [a] => step.accumulate(&[&value(a)], &output, cotangent, &mut into),
                    [a, b] => step.accumulate(&[&value(a), &value(b)], &output, cotangent, &mut into),
                    [a, b, c] => step.accumulate(&[&value(a), &value(b), &value(c)], &output, cotangent, &mut into),
                    _ => tape.with_values(&node.parents, |inputs| {
                        step.accumulate(inputs, &output, cotangent, &mut into);
                    }),
                }
                drop(output);
                if tape.storage.has_blocks.get() {
                    dropped.extend(recompute::swept(tape, id, &**step, &mut here[1..]));
                }
            }
        }
    }
    tape.storage.scalars.sweep(0, &mut cursor, adjoints);
}
