//! The scalars of a tape as a graph of their own, for those who look at all of it. What they look for stands elsewhere.

use super::{Tape, Var, nodes::Kind};
use crate::Element;

/// The inputs of every scalar on a tape and the partial derivatives towards them, in the order of time.
pub(crate) struct ScalarGraph<T> {
    starts: Vec<u32>,
    inputs: Vec<(u32, T)>,
}

impl<T> ScalarGraph<T> {
    /// How many scalars there are.
    pub(crate) fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// The direct inputs of a scalar; none for a variable.
    #[inline]
    pub(crate) fn inputs(&self, index: usize) -> &[(u32, T)] {
        &self.inputs[self.starts[index] as usize..self.starts[index + 1] as usize]
    }
}

impl<T: Element> Tape<T> {
    /// The graph of the scalars; `None` if some of them come out of tensors or go into them.
    pub(crate) fn scalar_graph(&self) -> Option<ScalarGraph<T>> {
        let is_bridge = |kind: &Kind<T>| matches!(kind, Kind::FromScalars(_) | Kind::ToScalar { .. });
        if self.storage.nodes.iter().any(|(_, node)| is_bridge(&node.kind)) {
            return None;
        }
        Some(self.scalars_with_inputs())
    }

    /// The scalars with their inputs, wherever they come from.
    pub(super) fn scalars_with_inputs(&self) -> ScalarGraph<T> {
        let (starts, inputs) = self.storage.scalars.inputs();
        ScalarGraph { starts, inputs }
    }
}

impl<T> Var<'_, T> {
    /// Its number in the graph of a tape; `None` for a constant.
    #[track_caller]
    pub(crate) fn place(&self, tape: &Tape<T>) -> Option<usize> {
        let own = self.tape?;
        assert!(std::ptr::eq(own, tape), "the result of the function is on another tape than its variables");
        Some(self.index as usize)
    }
}
