//! The scalar half of the tape: each node is its inputs and its partial derivatives. Knows no operation and no tensor.
//! How the sweeps go back over it stands in `scalars/sweep`.
//!
//! What limits a recording is how many bytes it writes, so that a node takes as few as it can: 8 for its inputs, and
//! as much again for each partial derivative, but for sums, differences, negations and what has a constant added.
//!
//! Unsafe: recording takes `&self`, because handles borrow the tape, and must cost a nanosecond. A `RefCell` would
//! add half of that to every operation.
#![allow(unsafe_code)]

mod sweep;

use crate::Element;
use std::cell::UnsafeCell;

/// The inputs of a node, and by their highest bits which partial derivatives it has:
///
/// | `p` | `q` | node | partial derivatives on the tape |
/// |---|---|---|---|
/// | plain | plain | of `p` and `q` | that by `p`, that by `q` |
/// | marked | plain | `p + q` | none |
/// | marked | marked | `p - q` | none |
/// | plain | [`UNARY`] | of `p` | that by `p` |
/// | plain | [`COPY`], [`NEGATION`] | `p`, `-p` and a constant | none |
/// | plain | [`WIDE`] | of the last `p` rows | a factor of those in the rows |
/// | plain | [`LEAF`] | a variable | none |
#[derive(Clone, Copy)]
struct Link {
    p: u32,
    q: u32,
}

const MARK: u32 = 1 << 31;
const LEAF: u32 = MARK;
// A bit for each, so that a sweep asks for one after the other.
const UNARY: u32 = MARK | 1 << 30;
const COPY: u32 = MARK | 1 << 29;
const NEGATION: u32 = MARK | 1 << 28;
const WIDE: u32 = MARK | 1 << 27;

/// No node has this number: it stands for constants in lists of inputs.
pub(crate) const CONSTANT: u32 = u32::MAX;

const FULL: &str = "a tape holds less than 2^31 scalars; reset it, or record and sweep point by point";

/// A partial derivative; of those that are known beforehand nothing is kept.
#[derive(Clone, Copy)]
pub(crate) enum Partial<T> {
    One,
    MinusOne,
    Number(T),
}

impl<T: Element> Partial<T> {
    #[inline(always)]
    fn number(self) -> T {
        match self {
            Partial::One => T::one(),
            Partial::MinusOne => -T::one(),
            Partial::Number(number) => number,
        }
    }
}

/// A point in a recording that one can go back to.
pub(crate) struct Mark {
    counts: u64,
    rows: usize,
}

/// What was recorded. `links` and `partials` hold what `counts` says; their own lengths follow when they are read.
struct Recording<T> {
    /// How many nodes there are (the lower half) and how many partial derivatives of theirs (the upper one): in one
    /// number, since what a recording waits for is to read what the last one has counted.
    counts: u64,
    /// How many nodes there is room for, below 2^31. For twice as many partial derivatives there is room too, and no
    /// node has more than two.
    room: u32,
    /// How many of the first nodes are variables.
    leaves: u32,
    /// The variables among the others.
    late: Vec<u32>,
    links: Vec<Link>,
    partials: Vec<T>,
    /// Inputs and partial derivatives of wide nodes.
    rows: Vec<(u32, T)>,
    /// How many of the rows belong to a node. Those behind were meant for one that did not come about.
    taken: usize,
}

pub(crate) struct Scalars<T>(UnsafeCell<Recording<T>>);

impl<T: Element> Scalars<T> {
    pub(crate) fn with_capacity(nodes: usize) -> Self {
        let (late, links, partials, rows) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let mut recording = Recording { counts: 0, room: 0, leaves: 0, late, links, partials, rows, taken: 0 };
        if nodes > 0 {
            recording.make_room(nodes);
        }
        Scalars(UnsafeCell::new(recording))
    }

    #[inline(always)]
    fn push<const N: usize>(&self, p: u32, q: u32, partials: [T; N]) -> u32 {
        const { assert!(N <= 2, "there is room for two partial derivatives of a node") }
        // SAFETY: the type is not Sync, and every reference into the cell is gone when the method that made it
        // returns. None of them calls foreign code meanwhile: the arithmetic of `T` is this crate's own, as `Element`
        // is sealed.
        let recording = unsafe { &mut *self.0.get() };
        let counts = recording.counts;
        let index = counts as u32;
        if index >= recording.room {
            recording.grow();
        }
        // SAFETY: there is room for one more node, as `index` is below `room`, and for its partial derivatives: the
        // nodes before have at most two each, and there is room for two of each node that `room` counts.
        unsafe {
            recording.partials.as_mut_ptr().add((counts >> 32) as usize).cast::<[T; N]>().write(partials);
            recording.links.as_mut_ptr().add(index as usize).write(Link { p, q });
        }
        recording.counts = counts + (1 | (N as u64) << 32);
        index
    }

    #[inline(always)]
    pub(crate) fn leaf(&self) -> u32 {
        let index = self.push(0, LEAF, []);
        // SAFETY: as in `push`.
        let recording = unsafe { &mut *self.0.get() };
        if recording.leaves == index {
            recording.leaves += 1;
        } else {
            recording.late.push(index);
        }
        index
    }

    /// So many variables; returns the number of the first.
    pub(crate) fn leaves_of(&self, count: usize) -> u32 {
        // SAFETY: as in `push`.
        let recording = unsafe { &mut *self.0.get() };
        let first = recording.make_room_for(count);
        recording.links.resize(first as usize + count, Link { p: 0, q: LEAF });
        recording.counts += count as u64;
        if recording.leaves == first {
            recording.leaves += count as u32;
        } else {
            recording.late.extend(first..first + count as u32);
        }
        first
    }

    /// So many nodes of one kind, by lists of their inputs and of the partial derivatives towards them, of which the
    /// arguments named have one each, at least one; returns the number of the first. Faster than one by one.
    pub(crate) fn push_list<const N: usize, const L: usize>(
        &self,
        inputs: &[[u32; L]; N],
        partials: &[[T; L]; N],
        arguments: &[usize],
        count: usize,
    ) -> u32 {
        assert!(count <= L, "a list fits its block");
        // SAFETY: as in `push`.
        let recording = unsafe { &mut *self.0.get() };
        let first = recording.make_room_for(count);
        let nodes = 0..count;
        // As one by one: of one input, of two, and of more, which are kept in a list beside.
        let kept = match *arguments {
            [j] => {
                recording.links.extend(nodes.map(|k| Link { p: inputs[j][k], q: UNARY }));
                recording.partials.extend_from_slice(&partials[j][..count]);
                count
            }
            [i, j] => {
                recording.links.extend(nodes.map(|k| Link { p: inputs[i][k], q: inputs[j][k] }));
                let pairs = [&partials[i], &partials[j]];
                recording.partials.extend((0..2 * count).map(|at| pairs[at % 2][at / 2]));
                2 * count
            }
            _ => {
                recording.rows.truncate(recording.taken);
                if arguments.len() == N {
                    recording.rows.extend((0..N * count).map(|at| (inputs[at % N][at / N], partials[at % N][at / N])));
                } else {
                    for k in nodes.clone() {
                        recording.rows.extend(arguments.iter().map(|j| (inputs[*j][k], partials[*j][k])));
                    }
                }
                recording.taken = recording.rows.len();
                recording.links.extend(nodes.map(|_| Link { p: arguments.len() as u32, q: WIDE }));
                recording.partials.resize(recording.partials.len() + count, T::one());
                count
            }
        };
        recording.counts += count as u64 | (kept as u64) << 32;
        first
    }

    #[inline(always)]
    pub(crate) fn unary(&self, p: u32, d: Partial<T>) -> u32 {
        match d {
            Partial::One => self.push(p, COPY, []),
            Partial::MinusOne => self.push(p, NEGATION, []),
            Partial::Number(d) => self.push(p, UNARY, [d]),
        }
    }

    #[inline(always)]
    pub(crate) fn binary(&self, p: u32, d: Partial<T>, q: u32, e: Partial<T>) -> u32 {
        match (d, e) {
            (Partial::One, Partial::One) => self.push(p | MARK, q, []),
            (Partial::One, Partial::MinusOne) => self.push(p | MARK, q | MARK, []),
            _ => self.push(p, q, [d.number(), e.number()]),
        }
    }

    /// Begins a node of any number of inputs. Nothing else may be recorded until it is [`wide`](Self::wide).
    #[inline(always)]
    pub(crate) fn begin_rows(&self) {
        // SAFETY: as in `push`.
        let recording = unsafe { &mut *self.0.get() };
        recording.rows.truncate(recording.taken);
    }

    /// One more input of it.
    #[inline(always)]
    pub(crate) fn row(&self, p: u32, d: T) {
        // SAFETY: as in `push`.
        unsafe { (*self.0.get()).rows.push((p, d)) }
    }

    /// The node of the inputs given since [`begin_rows`](Self::begin_rows); their partial derivatives are what was
    /// given, times `factor`.
    pub(crate) fn wide(&self, factor: T) -> u32 {
        // SAFETY: as in `push`.
        let recording = unsafe { &mut *self.0.get() };
        match recording.rows[recording.taken..] {
            [(p, d)] => self.unary(p, Partial::Number(d * factor)),
            [(p, d), (q, e)] => self.binary(p, Partial::Number(d * factor), q, Partial::Number(e * factor)),
            _ => {
                let count = recording.rows.len() - recording.taken;
                assert!(count < MARK as usize, "a scalar has less than 2^31 inputs");
                recording.taken = recording.rows.len();
                self.push(count as u32, WIDE, [factor])
            }
        }
    }

    /// Where the tape ends now.
    pub(crate) fn mark(&self) -> Mark {
        // SAFETY: as in `push`.
        let recording = unsafe { &*self.0.get() };
        Mark { counts: recording.counts, rows: recording.taken }
    }

    /// Drops what was recorded after the mark.
    ///
    /// # Safety
    /// No handle of that is left: a node recorded with one would have an input that is not before it.
    pub(crate) unsafe fn truncate(&self, mark: &Mark) {
        // SAFETY: as in `push`; nodes and partial derivatives are plain numbers, of which none is dropped.
        let recording = unsafe { &mut *self.0.get() };
        recording.counts = recording.counts.min(mark.counts);
        recording.taken = mark.rows;
        recording.rows.truncate(mark.rows);
        let nodes = mark.counts as u32;
        recording.leaves = recording.leaves.min(nodes);
        recording.late.truncate(recording.late.partition_point(|index| *index < nodes));
    }

    pub(crate) fn len(&self) -> usize {
        // SAFETY: as in `push`.
        unsafe { (*self.0.get()).counts as u32 as usize }
    }

    /// How many of the first nodes are variables.
    pub(crate) fn leaves(&self) -> usize {
        // SAFETY: as in `push`.
        unsafe { (*self.0.get()).leaves as usize }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        self.read(|recording| {
            size_of_val(&recording.links[..])
                + size_of_val(&recording.partials[..])
                + size_of_val(&recording.rows[..recording.taken])
        })
    }

    pub(crate) fn clear(&mut self) {
        let recording = self.0.get_mut();
        recording.counts = 0;
        recording.leaves = 0;
        recording.late.clear();
        recording.rows.clear();
        recording.taken = 0;
    }

    /// Calls `f`, which records nothing and calls no foreign code, with what was recorded.
    #[inline]
    fn read<R>(&self, f: impl FnOnce(&Recording<T>) -> R) -> R {
        // SAFETY: as in `push`.
        let recording = unsafe { &mut *self.0.get() };
        recording.bring_lengths();
        f(recording)
    }
}

impl<T: Element> Recording<T> {
    /// Makes the lengths of the lists what `counts` says.
    fn bring_lengths(&mut self) {
        // SAFETY: `push` has written so many, and there is room for them.
        unsafe {
            self.links.set_len(self.counts as u32 as usize);
            self.partials.set_len((self.counts >> 32) as usize);
        }
    }

    /// Brings the lengths, and makes room for so many nodes, of which it returns the number of the first.
    fn make_room_for(&mut self, nodes: usize) -> u32 {
        self.bring_lengths();
        let first = self.links.len() as u32;
        if nodes > (self.room - first) as usize {
            self.make_room(nodes.max(self.usual_growth()));
        }
        assert!(nodes <= (self.room - first) as usize, "{FULL}");
        first
    }

    #[cold]
    #[inline(never)]
    fn grow(&mut self) {
        self.make_room(self.usual_growth());
    }

    /// Twice as many nodes as there are, or a page.
    fn usual_growth(&self) -> usize {
        (self.counts as u32 as usize).max(4096 / size_of::<Link>())
    }

    fn make_room(&mut self, nodes: usize) {
        self.bring_lengths();
        // A number stays below the mark, so the last doubling stops short of it.
        let most = MARK as usize - 1;
        let nodes = nodes.min(most - self.links.len());
        assert!(nodes > 0, "{FULL}");
        let room = self.links.len() + nodes;
        self.links.reserve_exact(nodes);
        // For two of every node, also of those that have fewer now: after a reset or a truncation others take their
        // place.
        self.partials.reserve_exact(2 * room - self.partials.len());
        self.room = room as u32;
    }
}
