//! The values of nodes: read, dropped, computed again, and computed from new inputs. What is dropped and when stands in
//! `recompute` and in layers.

use super::{Tape, TensorVar, custom, nodes::Kind, recompute};
use crate::{Element, Tensor};
use std::cell::Ref;

impl<T: Element> Tape<T> {
    /// The value of a node; computed again if it was dropped.
    #[inline(always)]
    pub(super) fn value(&self, id: u32) -> Ref<'_, Tensor<T>> {
        match Ref::filter_map(self.storage.nodes.get(id).value.borrow(), Option::as_ref) {
            Ok(value) => value,
            Err(none) => {
                drop(none);
                self.value_again(id)
            }
        }
    }

    #[cold]
    fn value_again(&self, id: u32) -> Ref<'_, Tensor<T>> {
        self.recompute(id);
        let value = self.storage.nodes.get(id).value.borrow();
        Ref::map(value, |value| value.as_ref().expect("a recomputed node has a value"))
    }

    /// Calls `f` with the values of several nodes; few of them without an allocation.
    #[inline(always)]
    pub(super) fn with_values<R>(&self, ids: &[u32], f: impl FnOnce(&[&Tensor<T>]) -> R) -> R {
        match *ids {
            [a] => f(&[&self.value(a)]),
            [a, b] => f(&[&self.value(a), &self.value(b)]),
            [a, b, c] => f(&[&self.value(a), &self.value(b), &self.value(c)]),
            _ => {
                let values: Vec<Ref<'_, Tensor<T>>> = ids.iter().map(|id| self.value(*id)).collect();
                f(&values.iter().map(|value| &**value).collect::<Vec<_>>())
            }
        }
    }

    /// Runs again what a dropped value depends on. A list of what is still to do, not recursion: chains are long.
    fn recompute(&self, id: u32) {
        let is_missing = |id: u32| self.storage.nodes.get(id).value.borrow().is_none();
        let mut open = vec![id];
        while let Some(&top) = open.last() {
            let node = self.storage.nodes.get(top);
            let before = open.len();
            open.extend(node.parents.iter().filter(|p| is_missing(**p)));
            if open.len() > before {
                continue;
            }
            open.pop();
            if is_missing(top) {
                self.run(top);
            }
        }
    }

    /// Computes a node from its inputs, which have values.
    fn run(&self, id: u32) {
        let node = self.storage.nodes.get(id);
        node.kept.take();
        if let Kind::Detached = node.kind {
            let value = self.value(node.parents[0]).clone();
            *node.value.borrow_mut() = Some(value);
        }
        let Kind::Step(step) = &node.kind else { return };
        if let Some(value) = self.with_values(&node.parents, |inputs| step.value(inputs)) {
            *node.value.borrow_mut() = Some(value);
        }
        recompute::ran(self, id, &**step);
    }

    /// Drops the values of the operations recorded between two nodes; they are computed again when asked for.
    pub(crate) fn forget(&self, after: u32, before: u32) {
        for id in after + 1..before {
            let node = self.storage.nodes.get(id);
            // A value that is being read stays, and so does one that a closure made.
            if let (Kind::Step(step), Ok(mut value)) = (&node.kind, node.value.try_borrow_mut())
                && !step.op().is::<custom::Closure>()
            {
                *value = None;
                node.kept.take();
            }
        }
    }

    /// Gives new values to variables and constants of the tape, and computes everything recorded since again.
    ///
    /// Only the values change: the operations and shapes recorded stay, and handles go on naming them. A number taken
    /// out of a constant by [`TensorVar::at`] is on no tape, and stays what it was.
    ///
    /// # Panics
    /// If scalars were recorded (a scalar node is its partial derivatives, not its operation) or a closure
    /// ([`custom`](Self::custom)); if a handle is not a variable or constant of this tape; if a shape differs.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 2.0]);
    /// let y = x.square().sum();
    /// tape.replay(&[(x, Tensor::from([3.0, 4.0]))]);
    /// assert_eq!(y.item(), 25.0);
    /// assert_eq!(y.backward().wrt(x), Tensor::from([6.0, 8.0]));
    /// ```
    #[track_caller]
    pub fn replay<'t>(&'t self, values: &[(TensorVar<'t, T>, Tensor<T>)]) {
        assert!(
            self.storage.scalars.len() == 0,
            "replay: a scalar is its partial derivatives, which cannot be run again"
        );
        for (id, node) in self.storage.nodes.iter() {
            if let Kind::Step(step) = &node.kind {
                let closure = step.op().is::<custom::Closure>();
                assert!(!closure, "replay: {} is a closure, which cannot be run again", node.describe(id));
            }
        }
        for (variable, value) in values {
            assert!(std::ptr::eq(variable.tape, self), "replay: a variable of another tape");
            let node = variable.node();
            let given = matches!(node.kind, Kind::Leaf | Kind::Constant);
            assert!(given, "replay: {} is computed, not given", node.describe(variable.id));
            let (old, new) = (variable.shape(), value.shape());
            assert!(old == new, "replay: {old:?} and {new:?}: the new value must have the recorded shape");
        }
        for (variable, value) in values {
            *variable.node().value.borrow_mut() = Some(value.clone());
        }
        for (id, _) in self.storage.nodes.iter() {
            self.run(id);
        }
    }
}
