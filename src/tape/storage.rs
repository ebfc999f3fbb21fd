//! Everything a tape writes to through a shared reference, behind one promise. What is in it stands in `scalars` and
//! `nodes`.
//!
//! Unsafe: so that sharing a tape between threads is one error of the compiler and not one for every cell.
#![allow(unsafe_code)]

use super::{gradients::Swept, nodes::Nodes, param::ParamId, scalars::Scalars};
use crate::Element;
use std::cell::{Cell, RefCell};
use std::sync::Arc;

pub(super) struct Storage<T> {
    pub(super) scalars: Scalars<T>,
    pub(super) nodes: Nodes<T>,
    /// The leaves of parameters.
    pub(super) params: RefCell<Vec<(ParamId, u32)>>,
    /// Variables that stand for parameters in a check.
    pub(super) bound: RefCell<Vec<u32>>,
    /// How many random masks were drawn.
    pub(super) draws: Cell<u64>,
    /// The last sweep's numbers, whose memory the next one uses if the user has dropped them.
    pub(super) swept: Cell<Option<Arc<Swept<T>>>>,
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
            draws: Cell::new(0),
            swept: Cell::new(None),
        }
    }
}
