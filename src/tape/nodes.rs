//! The tensor half of the tape: nodes in the order of time, at addresses that stay until the tape is reset.
//!
//! Unsafe: nodes are written into places of their own, through a shared reference. What keeps that sound is said at
//! [`Nodes`].
#![allow(unsafe_code)]

use super::step::{Kept, Step};
use crate::{Element, Shape, Tensor};
use smallvec::SmallVec;
use std::cell::{Cell, OnceCell, RefCell, UnsafeCell};
use std::fmt;
use std::mem::MaybeUninit;
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

/// What a node begins as. Its value is put in afterwards, once and where it is to lie: to copy what was just written in
/// parts is to wait for it, and a few such copies of each tensor are a tenth of a small step.
pub(crate) struct Entry<'a, T> {
    pub(crate) kind: Kind<T>,
    pub(crate) parents: Parents,
    pub(crate) shape: &'a Shape,
    pub(crate) scalars_before: u32,
    pub(crate) needs: bool,
    pub(crate) location: &'static Location<'static>,
}

pub(crate) enum Kind<T> {
    /// A variable.
    Leaf,
    Constant,
    /// The value of another node, from which no gradient goes back.
    Detached,
    Step(Box<dyn Step<T>>),
    /// Scalars put together as a tensor; [`CONSTANT`](super::scalars::CONSTANT) stands for a constant.
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

/// The place of a node. A node is written there part by part: as a whole it would be copied twice on its way.
struct Slot<T>(UnsafeCell<MaybeUninit<Node<T>>>);

type Chunk<T> = Box<[Slot<T>]>;

/// A list that grows while references into it are held.
///
/// The places before `len` hold nodes, and shared references to them may be anywhere; no reference leads to the others.
pub(crate) struct Nodes<T> {
    chunks: [OnceCell<Chunk<T>>; CHUNKS],
    len: Cell<u32>,
}

impl<T> Nodes<T> {
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
    fn slot(&self, id: u32) -> *mut Node<T> {
        let (chunk, offset) = Self::place(id);
        let empty = || Slot(UnsafeCell::new(MaybeUninit::uninit()));
        let chunk = self.chunks[chunk].get_or_init(|| (0..FIRST << chunk).map(|_| empty()).collect());
        chunk[offset].0.get().cast()
    }

    #[inline]
    pub(crate) fn len(&self) -> u32 {
        self.len.get()
    }

    #[inline(always)]
    pub(crate) fn push(&self, entry: Entry<'_, T>) -> u32 {
        let id = self.len();
        assert!(id < u32::MAX - FIRST as u32, "a tape holds less than 2^32 tensors");
        let Entry { kind, parents, shape, scalars_before, needs, location } = entry;
        let to = self.slot(id);
        // SAFETY: the place is valid and nothing refers to it, as it is not before `len`, and only one thread has the
        // list, which is not Sync. Every part is written before it is.
        unsafe {
            (&raw mut (*to).kind).write(kind);
            (&raw mut (*to).parents).write(parents);
            (&raw mut (*to).shape).write(Shape::default());
            (*to).shape.clone_from(shape);
            (&raw mut (*to).value).write(RefCell::new(None));
            (&raw mut (*to).kept).write(Cell::default());
            (&raw mut (*to).scalars_before).write(scalars_before);
            (&raw mut (*to).needs).write(needs);
            (&raw mut (*to).location).write(location);
        }
        self.len.set(id + 1);
        id
    }

    #[inline]
    pub(crate) fn get(&self, id: u32) -> &Node<T> {
        assert!(id < self.len(), "a handle's node is on its tape until the reset");
        // SAFETY: the place holds a node, which stays there until `clear` or the end, for which the list is borrowed
        // mutably.
        unsafe { &*self.slot(id) }
    }

    /// How many of the nodes were recorded before a scalar, and can lie behind it.
    pub(crate) fn before_scalar(&self, scalar: u32) -> u32 {
        let is_before = |id| self.get(id).scalars_before <= scalar;
        let (mut low, mut high) = (0, self.len());
        if high > 0 && is_before(high - 1) {
            return high;
        }
        while low < high {
            let middle = low + (high - low) / 2;
            if is_before(middle) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        low
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (u32, &Node<T>)> {
        (0..self.len()).map(|id| (id, self.get(id)))
    }

    /// Drops all nodes, the last one first, and keeps their memory.
    pub(crate) fn clear(&mut self) {
        for id in (0..self.len()).rev() {
            // Before the node is dropped, so that none is dropped twice if that panics.
            self.len.set(id);
            // SAFETY: the place holds a node, and is not read again until another is written to it.
            unsafe { self.slot(id).drop_in_place() };
        }
    }
}

impl<T> Drop for Nodes<T> {
    fn drop(&mut self) {
        self.clear();
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

    #[test]
    fn every_node_is_dropped_once() {
        let counted = std::sync::Arc::new(());
        let mut nodes = Nodes::<std::sync::Arc<()>>::new();
        let push = |nodes: &Nodes<_>| {
            let value = Tensor::from_vec(vec![counted.clone()], [1]).expect("one number");
            let id = nodes.push(Entry {
                kind: Kind::Leaf,
                parents: Parents::new(),
                shape: &Shape::from([1]),
                scalars_before: 0,
                needs: true,
                location: Location::caller(),
            });
            *nodes.get(id).value.borrow_mut() = Some(value);
            id
        };
        for count in [0, 1, 64, 200] {
            (0..count).for_each(|_| assert!(push(&nodes) < count));
            assert!(nodes.iter().all(|(_, node)| node.shape[0] == 1));
            assert_eq!(nodes.iter().count(), count as usize);
            nodes.clear();
            assert_eq!((nodes.len(), std::sync::Arc::strong_count(&counted)), (0, 1));
        }
        push(&nodes);
        drop(nodes);
        assert_eq!(std::sync::Arc::strong_count(&counted), 1);
    }
}
