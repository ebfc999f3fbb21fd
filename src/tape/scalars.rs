//! The scalar half of the tape: each node is its inputs and its partial derivatives. Knows no operation and no tensor.
//!
//! Unsafe: recording takes `&self`, because handles borrow the tape, and must cost a nanosecond. A `RefCell` would
//! add half of that to every operation.
#![allow(unsafe_code)]

use crate::Element;
use std::cell::UnsafeCell;
use std::ops::Range;

/// 24 bytes for `f64`. Binary: inputs `p` and `q`. Unary: `q` is the node itself. Wide: `q` is [`WIDE`], and `p` says
/// which of the rows in [`Wide`], whose partial derivatives are times `d`; a leaf is a wide node without rows.
#[derive(Clone, Copy)]
struct ScalarNode<T> {
    p: u32,
    q: u32,
    d: T,
    e: T,
}

/// No node has this number: it marks wide nodes, and constants in lists of inputs.
pub(crate) const WIDE: u32 = u32::MAX;

/// The inputs of nodes with other than one or two of them.
struct Wide<T> {
    rows: Vec<(u32, T)>,
    ranges: Vec<Range<u32>>,
}

/// What one recorded scalar depends on directly, for showing a tape.
pub(crate) type Partials<T> = Vec<(u32, T)>;

/// A point in a recording that one can go back to.
pub(crate) struct Mark {
    nodes: usize,
    rows: usize,
    ranges: usize,
}

pub(crate) struct Scalars<T> {
    nodes: UnsafeCell<Vec<ScalarNode<T>>>,
    wide: UnsafeCell<Wide<T>>,
}

impl<T: Element> Scalars<T> {
    pub(crate) fn with_capacity(nodes: usize) -> Self {
        Scalars {
            nodes: UnsafeCell::new(Vec::with_capacity(nodes)),
            wide: UnsafeCell::new(Wide { rows: Vec::new(), ranges: vec![NO_ROWS] }),
        }
    }

    #[inline(always)]
    fn push(&self, node: impl FnOnce(u32) -> ScalarNode<T>) -> u32 {
        // SAFETY: the type is not Sync, and every reference into the cell is gone when the method that made it
        // returns. None of them calls foreign code meanwhile: `node` is one of the constructors below, and the
        // arithmetic of `T` is this crate's own, as `Element` is sealed.
        let nodes = unsafe { &mut *self.nodes.get() };
        let len = nodes.len();
        if len == nodes.capacity() {
            grow(nodes);
        }
        // SAFETY: there is room for one more behind the `len` that there are: `grow` makes some or panics.
        unsafe {
            nodes.as_mut_ptr().add(len).write(node(len as u32));
            nodes.set_len(len + 1);
        }
        len as u32
    }

    #[inline(always)]
    pub(crate) fn leaf(&self) -> u32 {
        self.push(|_| ScalarNode { p: 0, q: WIDE, d: T::zero(), e: T::zero() })
    }

    #[inline(always)]
    pub(crate) fn unary(&self, p: u32, d: T) -> u32 {
        self.push(|index| ScalarNode { p, q: index, d, e: T::zero() })
    }

    #[inline(always)]
    pub(crate) fn binary(&self, p: u32, d: T, q: u32, e: T) -> u32 {
        self.push(|_| ScalarNode { p, q, d, e })
    }

    /// How many inputs of wide nodes there are; the next [`wide`](Self::wide) node may start here.
    pub(crate) fn rows(&self) -> usize {
        // SAFETY: as in `push`.
        unsafe { (*self.wide.get()).rows.len() }
    }

    /// One more input of a wide node to come.
    #[inline(always)]
    pub(crate) fn row(&self, p: u32, d: T) {
        // SAFETY: as in `push`.
        unsafe { (*self.wide.get()).rows.push((p, d)) }
    }

    /// A node of the inputs from `start` on; their partial derivatives are what was given, times `factor`.
    pub(crate) fn wide(&self, start: usize, factor: T) -> u32 {
        // SAFETY: as in `push`.
        let wide = unsafe { &mut *self.wide.get() };
        match wide.rows[start..] {
            [(p, d)] => {
                wide.rows.truncate(start);
                self.unary(p, d * factor)
            }
            [(p, d), (q, e)] => {
                wide.rows.truncate(start);
                self.binary(p, d * factor, q, e * factor)
            }
            _ => {
                assert!(wide.rows.len() < WIDE as usize, "a tape holds less than 2^32 scalar inputs");
                let p = wide.ranges.len() as u32;
                wide.ranges.push(start as u32..wide.rows.len() as u32);
                self.push(|_| ScalarNode { p, q: WIDE, d: factor, e: T::zero() })
            }
        }
    }

    /// Where the tape ends now.
    pub(crate) fn mark(&self) -> Mark {
        // SAFETY: as in `push`.
        let wide = unsafe { &*self.wide.get() };
        Mark { nodes: self.len(), rows: wide.rows.len(), ranges: wide.ranges.len() }
    }

    /// Drops what was recorded after the mark. Whoever calls it sees to it that no handle of that is left; one that
    /// was left would name another node, or none.
    pub(crate) fn truncate(&self, mark: &Mark) {
        // SAFETY: as in `push`; nodes and rows are plain numbers, of which none is dropped.
        let (nodes, wide) = unsafe { (&mut *self.nodes.get(), &mut *self.wide.get()) };
        nodes.truncate(mark.nodes);
        wide.rows.truncate(mark.rows);
        wide.ranges.truncate(mark.ranges);
    }

    pub(crate) fn len(&self) -> usize {
        // SAFETY: as in `push`.
        unsafe { (*self.nodes.get()).len() }
    }

    pub(crate) fn memory_bytes(&self) -> usize {
        // SAFETY: as in `push`.
        let (nodes, wide) = unsafe { (&*self.nodes.get(), &*self.wide.get()) };
        size_of_val(&nodes[..]) + size_of_val(&wide.rows[..]) + size_of_val(&wide.ranges[..])
    }

    pub(crate) fn clear(&mut self) {
        self.nodes.get_mut().clear();
        let wide = self.wide.get_mut();
        wide.rows.clear();
        wide.ranges.truncate(1);
    }

    /// Goes back through a stretch of nodes: hands each one's adjoint on to its inputs. Adjoints stay where they are.
    pub(crate) fn sweep(&self, stretch: Range<usize>, adjoints: &mut [T]) {
        if stretch.is_empty() {
            return;
        }
        // SAFETY: as in `push`; the loop calls nothing but the arithmetic of `T`.
        let (nodes, wide) = unsafe { (&*self.nodes.get(), &*self.wide.get()) };
        let nodes = &nodes[..stretch.end];
        let adjoints = &mut adjoints[..stretch.end];
        // What node i - 1 gets from node i stays in a register: its load need not wait for the store.
        let mut carry = T::zero();
        for index in stretch.clone().rev() {
            let node = &nodes[index];
            let adjoint = adjoints[index] + carry;
            adjoints[index] = adjoint;
            carry = T::zero();
            // Of 0 and of an infinity: what is twice itself.
            if adjoint + adjoint == adjoint {
                // An adjoint of 0 contributes 0, even against an infinite partial derivative.
                if !adjoint.is_exactly_zero() {
                    self.hand_on(index, adjoint, adjoints);
                }
                continue;
            }
            if node.q == WIDE {
                let range = &wide.ranges[node.p as usize];
                let adjoint = node.d * adjoint;
                for (p, d) in &wide.rows[range.start as usize..range.end as usize] {
                    adjoints[*p as usize] += *d * adjoint;
                }
                continue;
            }
            if node.p as usize + 1 == index {
                carry = node.d * adjoint;
            } else {
                adjoints[node.p as usize] += node.d * adjoint;
            }
            if node.q as usize != index {
                if node.q as usize + 1 == index {
                    carry += node.e * adjoint;
                } else {
                    adjoints[node.q as usize] += node.e * adjoint;
                }
            }
        }
        if stretch.start > 0 {
            adjoints[stretch.start - 1] += carry;
        }
    }

    /// The same for one node whose adjoint may be infinite: that contributes 0 through a partial derivative of 0.
    #[cold]
    #[inline(never)]
    fn hand_on(&self, index: usize, adjoint: T, adjoints: &mut [T]) {
        self.each_partial(index as u32, |p, d| adjoints[p as usize] += contribution(d, adjoint));
    }

    /// Several sweeps at once: `L` adjoints of each node.
    pub(crate) fn sweep_lanes<const L: usize>(&self, adjoints: &mut [[T; L]]) {
        // SAFETY: as in `push`; the loop calls nothing but the arithmetic of `T`.
        let (nodes, wide) = unsafe { (&*self.nodes.get(), &*self.wide.get()) };
        for (index, node) in nodes[..adjoints.len()].iter().enumerate().rev() {
            let lanes = adjoints[index];
            if lanes.iter().all(|adjoint| adjoint.is_exactly_zero()) {
                continue;
            }
            let mut add = |p: u32, d: T| {
                for (sum, adjoint) in adjoints[p as usize].iter_mut().zip(lanes) {
                    *sum += contribution(d, adjoint);
                }
            };
            if node.q == WIDE {
                let range = &wide.ranges[node.p as usize];
                for (p, d) in &wide.rows[range.start as usize..range.end as usize] {
                    add(*p, *d * node.d);
                }
                continue;
            }
            add(node.p, node.d);
            if node.q as usize != index {
                add(node.q, node.e);
            }
        }
    }

    /// The direct inputs of a node and the partial derivatives towards them.
    pub(crate) fn partials(&self, index: u32) -> Partials<T> {
        let mut partials = Vec::new();
        self.each_partial(index, |p, d| partials.push((p, d)));
        partials
    }

    /// The same one by one, without a list.
    #[inline]
    pub(crate) fn each_partial(&self, index: u32, mut f: impl FnMut(u32, T)) {
        // SAFETY: as in `push`. Each entry is copied before `f` runs, so that no reference meets what `f` does.
        let node = unsafe { (&*self.nodes.get())[index as usize] };
        match node.q {
            WIDE => {
                // SAFETY: the same.
                let range = unsafe { (&*self.wide.get()).ranges[node.p as usize].clone() };
                for row in range {
                    // SAFETY: the same.
                    let (p, d) = unsafe { (&*self.wide.get()).rows[row as usize] };
                    f(p, d * node.d);
                }
            }
            q => {
                f(node.p, node.d);
                if q != index {
                    f(q, node.e);
                }
            }
        }
    }
}

/// What an adjoint brings to an input: 0 where one of both is 0 and the other infinite.
#[inline(always)]
fn contribution<T: Element>(d: T, adjoint: T) -> T {
    let product = d * adjoint;
    if adjoint.is_exactly_zero() || (d.is_exactly_zero() && adjoint.is_infinite()) { T::zero() } else { product }
}

/// The rows of a leaf.
const NO_ROWS: Range<u32> = 0..0;

#[cold]
#[inline(never)]
fn grow<T>(nodes: &mut Vec<ScalarNode<T>>) {
    let more = nodes.len().max(4096 / size_of::<ScalarNode<T>>());
    // An index must stay below `WIDE`, so the last doubling stops short of it.
    let more = more.min((WIDE as usize - 1).saturating_sub(nodes.len()));
    assert!(more > 0, "a tape holds less than 2^32 scalars; reset it, or record and sweep point by point");
    nodes.reserve_exact(more);
}
