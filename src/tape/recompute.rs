//! Blocks of a tape whose values are dropped and computed again when the sweep comes to them. Names no operation.

use super::{Cotangents, Slots, Step, Tape, TensorVar, nodes::Kind};
use crate::{Element, Shape, Tensor};
use std::any::Any;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// Where a block begins, and the number of the node behind it, once that is there.
struct Enter {
    end: Arc<OnceLock<u32>>,
}

/// Where a block ends.
struct Leave {
    start: u32,
}

/// `f(x)`, of which nothing but the result is kept: in the sweep, the operations of `f` run again, and what they gave
/// is dropped again afterwards.
///
/// The same bits come out, of random masks too. The price is one more evaluation of `f`, and the gain is the memory of
/// all that it computes on the way. Blocks may lie in blocks: a chain of n blocks in √n groups, each group and each
/// block in it recomputed, takes the memory of 2√n values and two more evaluations; see [`recompute_chain`] for longer
/// ones. What `f` uses beside `x` (parameters, other tensors of the tape) gets its gradients as without.
///
/// Gradients of tensors inside the block are not kept: [`Gradients::wrt`](crate::Gradients::wrt) panics for them. A
/// recorded gradient ([`Tape::gradient`]) computes the values again and keeps them. What a closure
/// ([`Tape::custom`]) has computed stays. Chen et al., "Training Deep Nets with Sublinear Memory Cost", 2016.
///
/// ```
/// use gradtape::{Tape, Tensor, recompute};
/// let tape = Tape::new();
/// let x = tape.tensor(Tensor::from([0.5; 1000]));
/// let y = recompute(|x| x.exp().sin().tanh().sqrt(), x);
/// assert!(tape.memory_bytes() < 17_000); // x and y, each of 8000 bytes
/// let plain = x.exp().sin().tanh().sqrt();
/// assert_eq!(y.sum().backward().wrt(x), plain.sum().backward().wrt(x));
/// ```
///
/// # Panics
/// Where `f` does; if its result is on another tape.
#[track_caller]
pub fn recompute<'t, T: Element>(
    f: impl FnOnce(TensorVar<'t, T>) -> TensorVar<'t, T>,
    x: TensorVar<'t, T>,
) -> TensorVar<'t, T> {
    let end = Arc::new(OnceLock::new());
    x.tape.storage.has_blocks.set(true);
    let inside = TensorVar::record(Box::new(Enter { end: end.clone() }), &[x]);
    let y = f(inside);
    assert!(std::ptr::eq(y.tape, x.tape), "recompute: the result is on another tape");
    let result = TensorVar::record(Box::new(Leave { start: inside.id }), &[y]);
    end.get_or_init(|| result.id);
    x.tape.forget(inside.id, result.id);
    result
}

/// `f(n - 1, .. f(1, f(0, x)))` for `steps` = n steps, of which no more than about `snapshots` states and the values of
/// one step are in memory at once.
///
/// With s snapshots, a chain of up to `binomial(s + r, s)` steps has each step run at most r + 1 times more: the
/// schedule of least work for its memory. 10 snapshots take 1001 steps with r = 4: at most five evaluations more of
/// each step, and one sweep. Griewank and Walther, "Algorithm 799: Revolve", 2000.
///
/// ```
/// use gradtape::{Tape, Tensor, recompute_chain};
/// let tape = Tape::new();
/// let x = tape.tensor([0.5, 0.2]);
/// let y = recompute_chain(|_, x| x + x.sin() * 0.01, 100, 5, x);
/// let mut expected = x;
/// for _ in 0..100 {
///     expected = expected + expected.sin() * 0.01;
/// }
/// assert_eq!(y.sum().backward().wrt(x), expected.sum().backward().wrt(x));
/// ```
///
/// # Panics
/// Where `f` does; if `snapshots` is 0.
#[track_caller]
pub fn recompute_chain<'t, T: Element>(
    f: impl Fn(usize, TensorVar<'t, T>) -> TensorVar<'t, T>,
    steps: usize,
    snapshots: usize,
    x: TensorVar<'t, T>,
) -> TensorVar<'t, T> {
    assert!(snapshots > 0, "recompute_chain: takes at least one snapshot, the state that it begins with");
    chain(&f, 0..steps, snapshots, x)
}

fn chain<'t, T: Element>(
    f: &dyn Fn(usize, TensorVar<'t, T>) -> TensorVar<'t, T>,
    steps: Range<usize>,
    snapshots: usize,
    x: TensorVar<'t, T>,
) -> TensorVar<'t, T> {
    let n = steps.len();
    match n {
        0 => return x,
        1 => return recompute(|x| f(steps.start, x), x),
        _ => {}
    }
    let middle = steps.start + first_part(n, snapshots);
    let left = match middle - steps.start {
        1 => chain(f, steps.start..middle, 1, x),
        _ => recompute(|x| chain(f, steps.start..middle, snapshots, x), x),
    };
    chain(f, middle..steps.end, snapshots.saturating_sub(1).max(1), left)
}

/// How many steps of n lie before the first snapshot: they are run once more than those behind it.
fn first_part(n: usize, snapshots: usize) -> usize {
    if snapshots == 1 {
        return n - 1;
    }
    let repeats = (1..).find(|r| binomial(snapshots + r, snapshots) >= n).expect("binomials have no bound");
    n.saturating_sub(binomial(snapshots - 1 + repeats, snapshots - 1)).max(1)
}

fn binomial(n: usize, k: usize) -> usize {
    (0..k).fold(1usize, |product, i| product.saturating_mul(n - i) / (i + 1))
}

/// After a node was run again: what lies inside a block is dropped once its end is there.
pub(super) fn ran<T: Element>(tape: &Tape<T>, id: u32, step: &dyn Step<T>) {
    if let Some(block) = step.op().downcast_ref::<Leave>() {
        tape.forget(block.start, id);
    }
}

/// After the sweep has gone back through a node: if a block begins there, its values are dropped, and its cotangents,
/// which are `above`. Gives the nodes whose cotangents are gone.
pub(super) fn swept<T: Element>(
    tape: &Tape<T>,
    id: u32,
    step: &dyn Step<T>,
    above: &mut [Option<Tensor<T>>],
) -> Option<Range<u32>> {
    let end = *step.op().downcast_ref::<Enter>()?.end.get()?;
    tape.forget(id, end);
    for (node, slot) in (id + 1..end).zip(above) {
        if !matches!(tape.storage.nodes.get(node).kind, Kind::Leaf) {
            *slot = None;
        }
    }
    Some(id + 1..end)
}

/// The value passes, and so does its cotangent.
macro_rules! passage {
    ($Passage:ident, $name:literal) => {
        impl<T: Element> Step<T> for $Passage {
            fn name(&self) -> &'static str {
                $name
            }

            fn shape(&self, inputs: &[&[usize]]) -> Result<Shape, String> {
                Ok(inputs[0].into())
            }

            fn value(&self, inputs: &[&Tensor<T>]) -> Option<Tensor<T>> {
                Some(inputs[0].clone())
            }

            fn accumulate(&self, _: &[&Tensor<T>], _: &Tensor<T>, cotangent: Tensor<T>, into: &mut Cotangents<'_, T>) {
                into.give(0, cotangent);
            }

            fn pullback<'t>(
                &self,
                _: &[TensorVar<'t, T>],
                _: TensorVar<'t, T>,
                cotangent: TensorVar<'t, T>,
                _: &[bool],
            ) -> Result<Slots<TensorVar<'t, T>>, String> {
                Ok(Slots::from_iter([Some(cotangent)]))
            }

            fn op(&self) -> &dyn Any {
                self
            }
        }
    };
}
passage!(Enter, "recompute");
passage!(Leave, "end_recompute");

#[cfg(test)]
mod tests {
    use super::*;

    /// Steps run again, and states in memory at once, if the schedule is what it should be.
    #[test]
    fn a_schedule_repeats_no_step_more_often_than_binomials_say() {
        fn repeats(steps: usize, snapshots: usize, depth: usize) -> usize {
            match steps {
                0 => 0,
                1 => depth + 1,
                _ => {
                    let first = first_part(steps, snapshots);
                    let left = repeats(first, snapshots, if first == 1 { depth } else { depth + 1 });
                    left.max(repeats(steps - first, snapshots.saturating_sub(1).max(1), depth))
                }
            }
        }
        for snapshots in 2..12 {
            for r in 1..4 {
                let longest = binomial(snapshots + r, snapshots);
                for steps in [longest, longest - 1, longest / 2 + 1] {
                    let found = repeats(steps, snapshots, 0);
                    assert!(found <= r + 1, "{steps} steps with {snapshots} snapshots: {found} and not {}", r + 1);
                }
            }
        }
    }
}
