//! Back over a recording of scalars. Where a sweep starts and what becomes of the adjoints is decided by its callers.

use super::{COPY, Link, MARK, NEGATION, Recording, Scalars, UNARY, WIDE};
use crate::{Element, tensor::guarded};
use std::marker::PhantomData;
use std::ops::Range;

/// How far a reader has come that goes back: it has read the nodes from number `nodes` on.
#[derive(Clone, Copy)]
pub(crate) struct Cursor {
    nodes: usize,
    partials: usize,
    rows: usize,
}

/// The inputs of a node with the partial derivatives towards them.
enum Inputs<'a, T> {
    None,
    One(u32, T),
    Two([(u32, T); 2]),
    /// These, times a factor.
    Many(&'a [(u32, T)], T),
}

impl<T: Element> Inputs<'_, T> {
    fn each(&self, mut f: impl FnMut(u32, T)) {
        match *self {
            Inputs::None => {}
            Inputs::One(p, d) => f(p, d),
            Inputs::Two([(p, d), (q, e)]) => {
                f(p, d);
                f(q, e);
            }
            Inputs::Many(rows, factor) => rows.iter().for_each(|(p, d)| f(*p, *d * factor)),
        }
    }
}

impl<T: Element> Recording<T> {
    /// The node before the cursor, over which the cursor goes.
    #[inline]
    fn previous(&self, cursor: &mut Cursor) -> Inputs<'_, T> {
        cursor.nodes -= 1;
        let Link { p, q } = self.links[cursor.nodes];
        let partials = &self.partials[..cursor.partials];
        let (a, b) = (p & !MARK, q & !MARK);
        match (p & MARK, q & MARK) {
            (0, 0) => {
                cursor.partials -= 2;
                Inputs::Two([(a, partials[cursor.partials]), (b, partials[cursor.partials + 1])])
            }
            (_, 0) => Inputs::Two([(a, T::one()), (b, T::one())]),
            (0, _) => match q {
                UNARY => {
                    cursor.partials -= 1;
                    Inputs::One(a, partials[cursor.partials])
                }
                COPY => Inputs::One(a, T::one()),
                NEGATION => Inputs::One(a, -T::one()),
                WIDE => {
                    cursor.partials -= 1;
                    let end = cursor.rows;
                    cursor.rows -= a as usize;
                    Inputs::Many(&self.rows[cursor.rows..end], partials[cursor.partials])
                }
                _ => Inputs::None,
            },
            _ => Inputs::Two([(a, T::one()), (b, -T::one())]),
        }
    }

    /// The cursor behind the first `nodes`: by going back from the end, or forward from the start if that is shorter.
    fn cursor(&self, nodes: usize) -> Cursor {
        let count = |links: &[Link]| {
            links.iter().fold((0, 0), |(partials, rows), link| match (link.p & MARK, link.q & MARK) {
                (0, 0) => (partials + 2, rows),
                (0, _) if link.q == UNARY => (partials + 1, rows),
                (0, _) if link.q == WIDE => (partials + 1, rows + link.p as usize),
                _ => (partials, rows),
            })
        };
        let (before, behind) = self.links.split_at(nodes);
        let (partials, rows) = if behind.len() < before.len() {
            let (partials, rows) = count(behind);
            (self.partials.len() - partials, self.taken - rows)
        } else {
            count(before)
        };
        Cursor { nodes, partials, rows }
    }
}

impl<T: Element> Scalars<T> {
    /// Where a sweep over the first `nodes` starts.
    pub(crate) fn cursor(&self, nodes: usize) -> Cursor {
        self.read(|recording| recording.cursor(nodes))
    }

    /// Goes back to node number `start`: hands each adjoint on to the inputs of its node. Adjoints stay where they are.
    pub(crate) fn sweep(&self, start: usize, cursor: &mut Cursor, adjoints: &mut [T]) {
        self.read(|recording| recording.sweep::<true, true>(start, cursor, adjoints));
    }

    /// The same over all nodes from `start` to `end`, and leaves zeros behind.
    pub(crate) fn sweep_and_clear(&self, stretch: Range<usize>, adjoints: &mut [T]) {
        self.read(|recording| {
            let mut cursor = recording.cursor(stretch.end);
            recording.sweep::<true, false>(stretch.start, &mut cursor, adjoints);
            // Of variables too, which the sweep lets be.
            let leaves = recording.leaves as usize;
            adjoints[stretch.start..stretch.end.min(leaves).max(stretch.start)].fill(T::zero());
            let late = recording.late.iter().map(|index| *index as usize);
            late.filter(|index| stretch.contains(index)).for_each(|index| adjoints[index] = T::zero());
        });
    }

    /// The same without a look at each adjoint: those of 0 and of infinity may bring a NaN where they should bring
    /// nothing. The adjoints of variables recorded after the first operation go to `late`, with their numbers.
    pub(crate) fn sweep_unguarded(&self, stretch: Range<usize>, adjoints: &mut [T], late: &mut Vec<(u32, T)>) {
        self.read(|recording| {
            let mut cursor = recording.cursor(stretch.end);
            recording.sweep::<false, false>(stretch.start, &mut cursor, adjoints);
            for index in recording.late.iter().take_while(|index| (**index as usize) < stretch.end) {
                late.push((*index, std::mem::replace(&mut adjoints[*index as usize], T::zero())));
            }
        });
    }

    /// The adjoints of all scalars up to number `from`, whose own is 1.
    pub(crate) fn adjoints(&self, from: u32) -> Vec<T> {
        let end = from as usize + 1;
        let mut adjoints = vec![T::zero(); end];
        adjoints[end - 1] = T::one();
        self.sweep(0, &mut self.cursor(end), &mut adjoints);
        adjoints
    }

    /// Several sweeps at once: `L` adjoints of each node.
    pub(crate) fn sweep_lanes<const L: usize>(&self, adjoints: &mut [[T; L]]) {
        self.read(|recording| {
            let mut cursor = recording.cursor(adjoints.len());
            while cursor.nodes > 0 {
                let inputs = recording.previous(&mut cursor);
                let lanes = adjoints[cursor.nodes];
                if lanes.iter().all(|adjoint| adjoint.is_exactly_zero()) {
                    continue;
                }
                inputs.each(|p, d| {
                    for (sum, adjoint) in adjoints[p as usize].iter_mut().zip(lanes) {
                        *sum += guarded(d, adjoint);
                    }
                });
            }
        });
    }

    /// The inputs of every node and the partial derivatives towards them, all in one list in the order of time, and
    /// where those of each node start.
    pub(crate) fn inputs(&self) -> (Vec<u32>, Vec<(u32, T)>) {
        self.read(|recording| {
            let mut cursor = recording.cursor(recording.links.len());
            let (mut inputs, mut ends) = (Vec::with_capacity(2 * cursor.nodes), Vec::with_capacity(cursor.nodes + 1));
            while cursor.nodes > 0 {
                ends.push(inputs.len());
                let first = inputs.len();
                recording.previous(&mut cursor).each(|p, d| inputs.push((p, d)));
                inputs[first..].reverse();
            }
            ends.push(inputs.len());
            inputs.reverse();
            let place = |end: usize| u32::try_from(inputs.len() - end).expect("a tape holds less than 2^32 inputs");
            (ends.into_iter().rev().map(place).collect(), inputs)
        })
    }
}

impl<T: Element> Recording<T> {
    #[inline(always)]
    fn sweep<const GUARDED: bool, const KEPT: bool>(&self, start: usize, cursor: &mut Cursor, adjoints: &mut [T]) {
        let end = cursor.nodes;
        if start >= end {
            return;
        }
        let (links, adjoints) = (&self.links[..end], &mut adjoints[..end]);
        let (mut partials, mut rows) = (Backwards::over(&self.partials[..cursor.partials]), &self.rows[..cursor.rows]);
        // What node i - 1 gets from node i stays in a register: its load need not wait for the store.
        let mut carry = T::zero();
        let mut index = end;
        while index > start {
            index -= 1;
            let before = index.wrapping_sub(1);
            // SAFETY: `index` is below `end`, the length of both.
            let (Link { p, q }, here) = unsafe { (*links.get_unchecked(index), adjoints.get_unchecked_mut(index)) };
            let adjoint = *here + carry;
            *here = if KEPT { adjoint } else { T::zero() };
            // Of 0 and of an infinity: what is twice itself.
            if GUARDED && adjoint + adjoint == adjoint {
                let mut here = Cursor { nodes: index + 1, partials: partials.left(&self.partials), rows: rows.len() };
                let inputs = self.previous(&mut here);
                (partials, rows) = (Backwards::over(&self.partials[..here.partials]), &rows[..here.rows]);
                // An adjoint of 0 contributes 0, even against an infinite partial derivative.
                if !adjoint.is_exactly_zero() {
                    hand_on(&inputs, adjoint, adjoints);
                }
                carry = T::zero();
                continue;
            }
            // Nodes and partial derivatives were written together by `push`, and the cursor stands where they meet, so
            // that each node finds its own. The inputs of a node were recorded before it, and no handle of a node
            // outlives it (see `truncate`), so that they are below `index`.
            let a = (p & !MARK) as usize;
            let (to_a, to_b);
            if q & MARK == 0 {
                if p & MARK == 0 {
                    // SAFETY: it has as many.
                    let [d, e] = unsafe { partials.last() };
                    (to_a, to_b) = (d * adjoint, e * adjoint);
                } else {
                    (to_a, to_b) = (adjoint, adjoint);
                }
            } else if p & MARK != 0 {
                (to_a, to_b) = (adjoint, -adjoint);
            } else {
                // The most frequent first. A table of jumps, as it would be made of numbers in a row, is guessed wrong
                // more often.
                let to_a = if q & (UNARY & !MARK) != 0 {
                    // SAFETY: it has as many.
                    let [d] = unsafe { partials.last() };
                    d * adjoint
                } else if q & (COPY & !MARK) != 0 {
                    adjoint
                } else if q & (NEGATION & !MARK) != 0 {
                    -adjoint
                } else if q & (WIDE & !MARK) != 0 {
                    // SAFETY: it has as many.
                    let [factor] = unsafe { partials.last() };
                    let (before, inputs) = rows.split_at(rows.len() - a);
                    rows = before;
                    let scaled = factor * adjoint;
                    if scaled.is_infinite() {
                        // What comes to an input may be finite still.
                        hand_on(&Inputs::Many(inputs, factor), adjoint, adjoints);
                    } else {
                        for (p, d) in inputs {
                            adjoints[*p as usize] += *d * scaled;
                        }
                    }
                    carry = T::zero();
                    continue;
                } else {
                    // A variable: it stays, for whoever asked for the sweep.
                    *here = adjoint;
                    carry = T::zero();
                    continue;
                };
                carry = T::zero();
                if a == before {
                    carry = to_a;
                } else {
                    // SAFETY: an input is below its node.
                    unsafe { *adjoints.get_unchecked_mut(a) += to_a };
                }
                continue;
            }
            let b = (q & !MARK) as usize;
            carry = T::zero();
            if a == before {
                carry = to_a;
            } else {
                // SAFETY: an input is below its node.
                unsafe { *adjoints.get_unchecked_mut(a) += to_a };
            }
            if b == before {
                carry += to_b;
            } else {
                // SAFETY: an input is below its node.
                unsafe { *adjoints.get_unchecked_mut(b) += to_b };
            }
        }
        if start > 0 {
            adjoints[start - 1] += carry;
        }
        *cursor = Cursor { nodes: start, partials: partials.left(&self.partials), rows: rows.len() };
    }
}

/// Numbers that are read from the last to the first.
struct Backwards<'a, T> {
    end: *const T,
    numbers: PhantomData<&'a [T]>,
}

impl<'a, T: Copy> Backwards<'a, T> {
    #[inline(always)]
    fn over(numbers: &'a [T]) -> Self {
        Backwards { end: numbers.as_ptr_range().end, numbers: PhantomData }
    }

    /// The last `N`, over which it goes.
    ///
    /// # Safety
    /// There are so many left.
    #[inline(always)]
    unsafe fn last<const N: usize>(&mut self) -> [T; N] {
        // SAFETY: as the caller promises.
        unsafe {
            self.end = self.end.sub(N);
            self.end.cast::<[T; N]>().read()
        }
    }

    /// How many there are left of these, over which it was made.
    #[inline(always)]
    fn left(&self, numbers: &'a [T]) -> usize {
        // SAFETY: both point into the same allocation, `end` not before its start.
        unsafe { self.end.offset_from_unsigned(numbers.as_ptr()) }
    }
}

/// Hands on an adjoint that may be infinite: it contributes 0 through a partial derivative of 0.
#[cold]
#[inline(never)]
fn hand_on<T: Element>(inputs: &Inputs<'_, T>, adjoint: T, adjoints: &mut [T]) {
    inputs.each(|p, d| adjoints[p as usize] += guarded(d, adjoint));
}
