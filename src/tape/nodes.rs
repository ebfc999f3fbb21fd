//! The tensor half of the tape: nodes in the order of time, at addresses that stay until the tape is reset.

use super::step::{Kept, Step};
use crate::{Element, Shape, Tensor};
use smallvec::SmallVec;
use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;
use std::panic::Location;

/// The numbers of the nodes that one is computed from; up to four without an allocation.
pub(crate) type Parents = SmallVec<[u32; 4]>;

/// One tensor on the tape.
pub(crate) struct Node<T> {
    pub(crate) kind: Kind<T>,
    pub(crate) parents: Parents,
    /// Stays while the value may be dropped and computed again.
    pub(crate) shape: Shape,
    pub(crate) value: RefCell<Option<Tensor<T>>>,
    /// What the forward pass has kept for the sweep.
    pub(crate) kept: Cell<Kept<T>>,
    /// How many scalars were recorded before it: that is what puts both kinds into one order.
    pub(crate) scalars_before: u32,
    /// Whether a variable lies behind it, so that the sweep has something to bring.
    pub(crate) needs: bool,
    /// Where the user recorded it.
    pub(crate) location: &'static Location<'static>,
}

pub(crate) enum Kind<T> {
    /// A variable.
    Leaf,
    Constant,
    /// The value of another node, from which no gradient goes back.
    Detached,
    Step(Box<dyn Step<T>>),
    /// Scalars put together as a tensor; [`WIDE`](super::scalars::WIDE) stands for a constant.
    FromScalars(Box<[u32]>),
    /// One element as the scalar `var`.
    ToScalar {
        offset: usize,
        var: u32,
    },
}

impl<T: 'static> Node<T> {
    pub(crate) fn name(&self) -> &'static str {
        match &self.kind {
            Kind::Leaf => "tensor",
            Kind::Constant => "constant",
            Kind::Detached => "detach",
            Kind::Step(step) => step.name(),
            Kind::FromScalars(_) => "stack_vars",
            Kind::ToScalar { .. } => "at",
        }
    }

    /// The bytes of what is kept for the sweep.
    pub(crate) fn kept_bytes(&self) -> usize
    where
        T: Element,
    {
        let kept = self.kept.take();
        let bytes = kept.iter().flatten().map(|kept| size_of_val(kept.as_slice())).sum();
        self.kept.set(kept);
        bytes
    }

    /// The node as messages call it.
    pub(crate) fn describe(&self, id: u32) -> impl fmt::Display {
        struct Described(u32, &'static str, Shape, &'static Location<'static>);
        impl fmt::Display for Described {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "%{} = {} {} ({})", self.0, self.1, self.2, self.3)
            }
        }
        Described(id, self.name(), self.shape.clone(), self.location)
    }
}

/// Chunk number c holds 64 * 2^c nodes, so that a node never moves and finding it takes two shifts.
const CHUNKS: usize = 26;
const FIRST: usize = 64;

type Chunk<T> = Box<[OnceCell<Node<T>>]>;

/// A list that grows while references into it are held.
pub(crate) struct Nodes<T> {
    chunks: [OnceCell<Chunk<T>>; CHUNKS],
    len: Cell<u32>,
}

impl<T: 'static> Nodes<T> {
    pub(crate) fn new() -> Self {
        Nodes { chunks: [const { OnceCell::new() }; CHUNKS], len: Cell::new(0) }
    }

    #[inline]
    fn place(id: u32) -> (usize, usize) {
        let n = id as usize + FIRST;
        let chunk = (n / FIRST).ilog2() as usize;
        (chunk, n - (FIRST << chunk))
    }

    #[inline]
    fn cell(&self, id: u32) -> &OnceCell<Node<T>> {
        let (chunk, offset) = Self::place(id);
        let chunk = self.chunks[chunk].get_or_init(|| (0..FIRST << chunk).map(|_| OnceCell::new()).collect());
        &chunk[offset]
    }

    pub(crate) fn len(&self) -> u32 {
        self.len.get()
    }

    /// Always inlined: a node is large, and would be copied on every way that it is handed on.
    #[inline(always)]
    pub(crate) fn push(&self, node: Node<T>) -> u32 {
        let id = self.len();
        assert!(id < u32::MAX - FIRST as u32, "a tape holds less than 2^32 tensors");
        let is_free = self.cell(id).set(node).is_ok();
        debug_assert!(is_free, "what lies behind the last node is empty");
        self.len.set(id + 1);
        id
    }

    #[inline]
    pub(crate) fn get(&self, id: u32) -> &Node<T> {
        self.cell(id).get().expect("a handle's node is on its tape until the reset")
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Node<T>)> {
        (0..self.len()).map(|id| (id, self.get(id)))
    }

    /// Drops all nodes and keeps their memory.
    pub(crate) fn clear(&mut self) {
        for id in (0..self.len()).rev() {
            let (chunk, offset) = Self::place(id);
            if let Some(chunk) = self.chunks[chunk].get_mut() {
                chunk[offset].take();
            }
        }
        self.len.set(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_node_has_a_place_of_its_own() {
        let mut expected = (0, 0);
        for id in 0..10_000 {
            let (chunk, offset) = Nodes::<f64>::place(id);
            assert_eq!((chunk, offset), expected);
            expected = if offset + 1 == FIRST << chunk { (chunk + 1, 0) } else { (chunk, offset + 1) };
        }
    }
}
