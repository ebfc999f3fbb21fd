//! Everything a tape writes to through a shared reference, behind one promise. What is in it stands in `scalars` and
//! `nodes`.
//!
//! Unsafe: so that sharing a tape between threads is one error of the compiler and not one for every cell.
#![allow(unsafe_code)]

use super::{
    Tape,
    nodes::Nodes,
    param::{KnownParam, ParamId},
    scalars::Scalars,
};
use crate::Element;
use std::cell::{Cell, RefCell};

pub(super) struct Storage<T> {
    pub(super) scalars: Scalars<T>,
    pub(super) nodes: Nodes<T>,
    /// The leaves of parameters, in the order of their numbers: so a large model finds each of its parameters, and that
    /// it is not there, without a look at all the others.
    pub(super) params: RefCell<Vec<KnownParam>>,
    /// Variables that stand for parameters in a check.
    pub(super) bound: RefCell<Vec<u32>>,
    /// Whether there are blocks to be computed again.
    pub(super) has_blocks: Cell<bool>,
    /// How often nodes were dropped: gradients of before are not those of nodes that took the place of others.
    epoch: Cell<u64>,
    /// How many random masks were drawn.
    pub(super) draws: Cell<u64>,
    /// For the adjoints of scalars while a sweep goes on; zeros between sweeps.
    pub(super) workspace: Cell<Vec<T>>,
    /// The tape of the points of a [`sum_over`](super::sum_over), for the next one.
    pub(super) points: Cell<Option<Box<Tape<T>>>>,
}

// SAFETY: only `Tape` has one, in a private field, and `Tape` is not Sync, by its field `not_sync`. So there is never a
// reference to a storage in two threads.
unsafe impl<T: Send> Sync for Storage<T> {}

impl<T: Element> Storage<T> {
    pub(super) fn with_capacity(scalars: usize) -> Self {
        Storage {
            scalars: Scalars::with_capacity(scalars),
            nodes: Nodes::new(),
            params: RefCell::default(),
            bound: RefCell::default(),
            has_blocks: Cell::new(false),
            epoch: Cell::new(0),
            draws: Cell::new(0),
            workspace: Cell::default(),
            points: Cell::new(None),
        }
    }

    /// A parameter that is on the tape.
    #[inline]
    pub(super) fn param(&self, id: ParamId) -> Option<KnownParam> {
        let params = self.params.borrow();
        // As a rule a model asks in the order in which its parameters were made.
        let place = match params.last() {
            Some(last) if last.id >= id => params.partition_point(|known| known.id < id),
            _ => return None,
        };
        params.get(place).filter(|known| known.id == id).copied()
    }

    pub(super) fn put_param(&self, param: KnownParam) {
        let mut params = self.params.borrow_mut();
        let place = params.partition_point(|known| known.id <= param.id);
        params.insert(place, param);
    }

    #[inline]
    pub(super) fn epoch(&self) -> u64 {
        self.epoch.get()
    }

    /// Nodes were dropped, whose places others will take.
    #[inline]
    pub(super) fn begin_epoch(&self) {
        self.epoch.set(self.epoch.get() + 1);
    }
}
