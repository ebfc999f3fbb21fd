//! What a sweep gives: gradients that outlive their tape. How they are computed is in `sweep`, where they are kept in
//! `swept`.

use super::{
    Tape, TensorVar, Var,
    nodes::Kind,
    param::{KnownParam, ParamId},
    swept::{Owned, Swept},
};
use crate::{Element, Param, Tensor, tensor::kernels::map::add_into};
use std::sync::atomic::{AtomicU64, Ordering};

/// The state of a tape that gradients belong to: which tape, and after how many resets.
#[derive(Clone, Copy, Debug)]
struct Origin {
    tape: u64,
    epoch: u64,
}

/// Of a new tape: a number and not an allocation of its own, as of a parameter; no result depends on it.
pub(super) fn next_number() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Which gradients a sweep leaves behind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keep {
    /// Those of intermediate values too.
    All,
    /// Those of variables and parameters; the buffers of the others are used again during the sweep.
    Leaves,
}

/// The gradient of one value with respect to everything it depends on.
///
/// Owns its numbers: it outlives the tape, and can be sent to another thread.
///
/// ```
/// use gradtape::Tape;
/// let tape = Tape::new();
/// let (x, y) = (tape.var(2.0), tape.var(3.0));
/// let gradients = (x * y + x).backward();
/// assert_eq!((gradients.wrt(x), gradients.wrt(y)), (4.0, 2.0));
/// ```
#[derive(Clone, Debug)]
pub struct Gradients<T>(Source<T>);

#[derive(Clone, Debug)]
enum Source<T> {
    Sweep {
        origin: Origin,
        swept: Owned<T>,
    },
    /// Sums over several tapes, of parameters only.
    Merged(Vec<(ParamId, Tensor<T>)>),
}

impl<T: Element> Gradients<T> {
    pub(super) fn new(tape: &Tape<T>, swept: Owned<T>) -> Self {
        let origin = Origin { tape: tape.number, epoch: tape.storage.epoch() };
        Gradients(Source::Sweep { origin, swept })
    }

    /// The gradient with respect to a `Var` (a number), a `TensorVar` or a `&Param` (a tensor of its shape), or to
    /// several `Var`: an array of them, a slice or a `&Vec`.
    ///
    /// Zero where the value does not depend on it. So is that of a buffer, and of a parameter that was not on the tape
    /// at all: a loss may use a part of a model, and all its parameters can be asked for. A clone is another parameter
    /// than the one it was made of.
    ///
    /// ```
    /// use gradtape::{Param, Tape, Tensor};
    /// let (used, unused) = (Param::new([1.0]), Param::new([2.0]));
    /// let tape = Tape::new();
    /// let gradients = tape.param(&used).square().sum().backward();
    /// assert_eq!(gradients.wrt(&used), Tensor::from([2.0]));
    /// assert_eq!(gradients.wrt(&unused), Tensor::from([0.0]));
    /// assert_eq!(gradients.wrt(&used.clone()), Tensor::from([0.0]));
    /// ```
    ///
    /// # Panics
    /// If the handle of a scalar or a tensor is of another tape than the gradients, or of before or after a reset of
    /// it; if it is a constant; if it is an intermediate value and only leaves were kept.
    #[track_caller]
    #[doc(alias = "grad")]
    pub fn wrt<V: Wrt<T>>(&self, variable: V) -> V::Grad {
        variable.find(self)
    }

    /// Adds the gradients of parameters from another tape, as several threads make them of one model. Afterwards
    /// only parameters can be asked for.
    ///
    /// ```
    /// use gradtape::{Param, Tape, Tensor};
    /// let weight = Param::new([1.0, 1.0]);
    /// let gradients = |x: [f64; 2]| {
    ///     let tape = Tape::new();
    ///     (tape.param(&weight) * tape.constant(x)).sum().backward()
    /// };
    /// let mut sum = gradients([1.0, 2.0]);
    /// sum.merge(&gradients([10.0, 20.0]));
    /// assert_eq!(sum.wrt(&weight), Tensor::from([11.0, 22.0]));
    /// ```
    pub fn merge(&mut self, other: &Gradients<T>) {
        let mut sum = self.of_params();
        for (id, more) in other.of_params() {
            match sum.iter_mut().find(|(known, _)| *known == id) {
                Some((_, sum)) => add_into(sum.pooled_mut(), more.as_slice()),
                None => sum.push((id, more)),
            }
        }
        self.0 = Source::Merged(sum);
    }

    fn of_params(&self) -> Vec<(ParamId, Tensor<T>)> {
        match &self.0 {
            Source::Merged(sum) => sum.clone(),
            Source::Sweep { swept, .. } => swept
                .params
                .iter()
                .filter_map(|param| {
                    let gradient = swept.tensors.get(param.node as usize)?.clone()?;
                    Some((param.id, gradient))
                })
                .collect(),
        }
    }

    /// The gradient of a parameter, where there is one.
    pub(crate) fn of_param(&self, param: &Param<T>) -> Option<&Tensor<T>> {
        self.look_up(param, 0).flatten()
    }

    /// The same; or `None` where the parameter was neither on the tape nor on one of those merged with a gradient. As
    /// a rule it is number `place` of them, and else it is looked for.
    pub(crate) fn look_up(&self, param: &Param<T>, place: usize) -> Option<Option<&Tensor<T>>> {
        match &self.0 {
            Source::Merged(sum) => sum.iter().find(|(id, _)| *id == param.id).map(|(_, gradient)| Some(gradient)),
            Source::Sweep { swept, .. } => {
                let is_it = |known: &&KnownParam| known.id == param.id;
                let there = swept.params.get(place).filter(is_it);
                let first = || swept.params.partition_point(|known| known.id < param.id);
                let known = there.or_else(|| swept.params.get(first()).filter(is_it))?;
                Some(swept.tensors.get(known.node as usize).and_then(Option::as_ref))
            }
        }
    }

    /// Writes the gradient of each scalar. That they are of one tape is seen by comparing it.
    #[inline]
    #[track_caller]
    fn each(&self, variables: &[Var<'_, T>], found: &mut [T]) {
        let mut last: Option<(&Tape<T>, &Swept<T>)> = None;
        for (variable, found) in variables.iter().zip(found) {
            let (tape, swept) = match (last, variable.tape) {
                (Some((tape, swept)), Some(own)) if std::ptr::eq(tape, own) => (tape, swept),
                (_, Some(tape)) => (tape, self.of_tape(tape, &format_args!("the scalar {}", variable.value))),
                (_, None) => panic!(
                    "wrt: {} is a constant, not a variable of a tape; no gradient is computed for it",
                    variable.value
                ),
            };
            *found = swept.scalar(tape, variable.index);
            last = Some((tape, swept));
        }
    }

    #[track_caller]
    pub(super) fn of_tape(&self, tape: &Tape<T>, variable: &dyn std::fmt::Display) -> &Swept<T> {
        match &self.0 {
            Source::Merged(_) => {
                panic!("wrt: merged gradients are of parameters only; ask each tape's own before merging")
            }
            Source::Sweep { origin, .. } if origin.tape != tape.number => {
                panic!("wrt: these gradients come from another tape than {variable}")
            }
            Source::Sweep { origin, .. } if origin.epoch != tape.storage.epoch() => {
                panic!(
                    "wrt: these gradients are not of the same reset of the tape as {variable}, \
                     or of another point of sum_over; ask before the reset"
                )
            }
            Source::Sweep { swept, .. } => swept,
        }
    }
}

/// What a gradient can be asked for: [`Var`], [`TensorVar`] and `&`[`Param`].
#[diagnostic::on_unimplemented(
    message = "there is no gradient with respect to `{Self}`",
    label = "expected a `Var`, a `TensorVar` or a `&Param`, all of numbers of type `{T}`",
    note = "handles are `Copy`: write `grads.wrt(x)`, for several `grads.wrt([x, y])` or `grads.wrt(&vars)`; for a \
            parameter of a network write `grads.wrt(&net.layer.weight)`"
)]
pub trait Wrt<T> {
    /// A number for a scalar, a tensor of the same shape for a tensor.
    type Grad;

    /// The gradient in `gradients`.
    #[track_caller]
    fn find(self, gradients: &Gradients<T>) -> Self::Grad;
}

impl<T: Element> Wrt<T> for Var<'_, T> {
    type Grad = T;

    #[track_caller]
    fn find(self, gradients: &Gradients<T>) -> T {
        let [found] = [self].find(gradients);
        found
    }
}

/// Of several scalars at once.
impl<T: Element> Wrt<T> for &[Var<'_, T>] {
    type Grad = Vec<T>;

    #[track_caller]
    fn find(self, gradients: &Gradients<T>) -> Vec<T> {
        let mut found = vec![T::zero(); self.len()];
        gradients.each(self, &mut found);
        found
    }
}

/// Of several scalars at once.
impl<T: Element> Wrt<T> for &Vec<Var<'_, T>> {
    type Grad = Vec<T>;

    #[track_caller]
    fn find(self, gradients: &Gradients<T>) -> Vec<T> {
        self.as_slice().find(gradients)
    }
}

/// Of several scalars at once.
impl<T: Element, const N: usize> Wrt<T> for [Var<'_, T>; N] {
    type Grad = [T; N];

    #[track_caller]
    fn find(self, gradients: &Gradients<T>) -> [T; N] {
        let mut found = [T::zero(); N];
        gradients.each(&self, &mut found);
        found
    }
}

impl<T: Element> Wrt<T> for TensorVar<'_, T> {
    type Grad = Tensor<T>;

    #[track_caller]
    fn find(self, gradients: &Gradients<T>) -> Tensor<T> {
        let swept = gradients.of_tape(self.tape, &self.node().describe(self.id));
        let node = self.node();
        if !node.needs {
            panic!(
                "wrt: no gradient is computed for {}, behind which no variable lies; make it one with tape.tensor(..)",
                node.describe(self.id)
            );
        }
        if swept.keep == Keep::Leaves && !matches!(node.kind, Kind::Leaf) {
            panic!(
                "wrt: {} is an intermediate value, and this sweep kept the gradients of leaves only; use backward()",
                node.describe(self.id)
            );
        }
        if swept.dropped.iter().any(|block| block.contains(&self.id)) && !matches!(node.kind, Kind::Leaf) {
            panic!("wrt: {} lies inside a block of recompute, whose gradients are not kept", node.describe(self.id));
        }
        match swept.tensors.get(self.id as usize) {
            // One number for all, as a sum hands it back.
            Some(Some(gradient)) if gradient.shape() != self.shape() => Tensor::full(self.shape(), gradient.item()),
            Some(Some(gradient)) => gradient.clone(),
            _ => Tensor::zeros(self.shape()),
        }
    }
}

impl<T: Element> Wrt<T> for &Param<T> {
    type Grad = Tensor<T>;

    fn find(self, gradients: &Gradients<T>) -> Tensor<T> {
        gradients.of_param(self).cloned().unwrap_or_else(|| Tensor::zeros(self.shape()))
    }
}
