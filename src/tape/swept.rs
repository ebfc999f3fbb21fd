//! The numbers of one sweep, and how their memory serves the next. How they are computed is in `sweep`; what a user
//! asks them is in `gradients`.

use super::{Keep, Tape, param::KnownParam};
use crate::{Element, Tensor};
use std::any::Any;
use std::cell::RefCell;
use std::ops::{Deref, DerefMut, Range};
use std::sync::OnceLock;

#[derive(Clone, Debug)]
pub(super) struct Swept<T> {
    pub(super) keep: Keep,
    /// The adjoints of all scalars; of the first variables alone where `from` is known.
    pub(super) scalars: Vec<T>,
    /// Which scalar the sweep started from, if it kept the adjoints of variables only.
    pub(super) from: Option<u32>,
    /// Then those of variables that were recorded after the first operation, with their numbers in order.
    pub(super) late: Vec<(u32, T)>,
    /// And those of all scalars, once the first of an intermediate value has been asked for.
    pub(super) all: OnceLock<Vec<T>>,
    pub(super) tensors: Vec<Option<Tensor<T>>>,
    pub(super) params: Vec<KnownParam>,
    /// Nodes inside recomputed blocks, of which only leaves have kept their gradients.
    pub(super) dropped: Vec<Range<u32>>,
}

impl<T> Swept<T> {
    fn new() -> Self {
        Swept {
            keep: Keep::All,
            scalars: Vec::new(),
            from: None,
            late: Vec::new(),
            all: OnceLock::new(),
            tensors: Vec::new(),
            params: Vec::new(),
            dropped: Vec::new(),
        }
    }

    #[inline]
    pub(super) fn clear(&mut self) {
        self.scalars.clear();
        self.from = None;
        self.late.clear();
        self.all.take();
        self.tensors.clear();
        self.params.clear();
        self.dropped.clear();
    }
}

impl<T: Element> Swept<T> {
    /// The adjoint of a scalar of the tape that was swept.
    #[inline]
    pub(super) fn scalar(&self, tape: &Tape<T>, index: u32) -> T {
        match self.scalars.get(index as usize) {
            Some(adjoint) => *adjoint,
            None => self.other_scalar(tape, index),
        }
    }

    #[cold]
    fn other_scalar(&self, tape: &Tape<T>, index: u32) -> T {
        let Some(from) = self.from.filter(|from| index <= *from) else { return T::zero() };
        if let Ok(place) = self.late.binary_search_by_key(&index, |(late, _)| *late) {
            return self.late[place].1;
        }
        // An intermediate value: the sweep is made once more, and keeps all of them. What it goes over is still there,
        // as a tape only grows until its reset.
        self.all.get_or_init(|| tape.storage.scalars.adjoints(from))[index as usize]
    }
}

/// The one owner of the numbers of a sweep. Dropped, it leaves their memory to the next sweep of its thread, so that
/// one step after another allocates nothing, and counts no owners, which on small tapes takes as long as they do.
#[derive(Clone, Debug)]
pub(super) struct Owned<T> {
    /// `Some` until it is dropped.
    swept: Option<Box<Swept<T>>>,
    home: fn(Box<Swept<T>>),
}

impl<T: Element> Owned<T> {
    /// Empty numbers, in memory used before where there is some.
    #[inline]
    pub(super) fn take() -> Self {
        Owned { swept: Some(take()), home: give_back }
    }
}

const THERE: &str = "the numbers of a sweep are there until they are dropped";

impl<T> Deref for Owned<T> {
    type Target = Swept<T>;

    #[inline]
    fn deref(&self) -> &Swept<T> {
        self.swept.as_ref().expect(THERE)
    }
}

impl<T> DerefMut for Owned<T> {
    #[inline]
    fn deref_mut(&mut self) -> &mut Swept<T> {
        self.swept.as_mut().expect(THERE)
    }
}

impl<T> Drop for Owned<T> {
    #[inline]
    fn drop(&mut self) {
        if let Some(swept) = self.swept.take() {
            (self.home)(swept);
        }
    }
}

/// As many sweeps' memory is kept on a thread, for tapes of several kinds of numbers and gradients that live together.
const SWEEPS: usize = 8;

/// Lists longer than this many bytes are freed with their gradients.
const LIMIT: usize = 16 << 20;

thread_local! {
    static FREE: RefCell<Vec<Box<dyn Any>>> = const { RefCell::new(Vec::new()) };
}

fn take<T: Element>() -> Box<Swept<T>> {
    // A thread that ends may make a last sweep, with memory of its own.
    let used = FREE.try_with(|free| {
        let mut free = free.borrow_mut();
        let place = free.iter().rposition(|swept| swept.is::<Swept<T>>())?;
        free.swap_remove(place).downcast().ok()
    });
    used.ok().flatten().unwrap_or_else(|| Box::new(Swept::new()))
}

fn give_back<T: Element>(mut swept: Box<Swept<T>>) {
    swept.clear();
    trim(&mut swept.scalars);
    trim(&mut swept.late);
    trim(&mut swept.tensors);
    trim(&mut swept.params);
    trim(&mut swept.dropped);
    // A thread that ends has no next sweep.
    let _ = FREE.try_with(|free| {
        let mut free = free.borrow_mut();
        if free.len() < SWEEPS {
            free.push(swept);
        }
    });
}

/// Frees a list that is too long to be kept.
fn trim<E>(list: &mut Vec<E>) {
    if list.capacity() * size_of::<E>() > LIMIT {
        *list = Vec::new();
    }
}
