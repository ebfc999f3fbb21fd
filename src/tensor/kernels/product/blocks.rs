//! How a product is divided: blocks of the inner axis, strips of columns. The loops over a strip are in `tile`; what is
//! divided further, because its left factor does not stay in the cache, is in `large`.

use super::large;
use super::vector::Vector;
use std::mem::MaybeUninit;

/// How far a chain of fused multiply-adds goes along the inner axis. A change of it changes the bits of products.
pub(super) const BLOCK: usize = 256;

/// Numbers of a packed panel: a block of rows of the widest tile, 48 `f32`.
const PANEL: usize = BLOCK * 48;

/// `b` is packed although its rows are contiguous where they lie so far apart, in bytes, that a panel as it lies would
/// crowd into a few sets of the cache, and enough rows of `c` use the panel: half as many at twice the distance.
const FAR: usize = 1024;
const FAR_TIMES_ROWS: usize = FAR * 128;

/// A product as pointers, sizes, and distances between neighbours in a column (down) and in a row (along). Any part
/// of the rows and columns of `c` is such a problem as well, with the same bits.
#[derive(Clone, Copy)]
pub(super) struct Problem<T> {
    pub(super) m: usize,
    pub(super) k: usize,
    pub(super) n: usize,
    pub(super) a: *const T,
    pub(super) a_down: usize,
    pub(super) a_along: usize,
    pub(super) b: *const T,
    pub(super) b_down: usize,
    pub(super) b_along: usize,
    pub(super) c: *mut T,
    pub(super) c_down: usize,
    pub(super) add: bool,
}

impl<T> Problem<T> {
    /// The part of so many rows, inner numbers and columns from there on, which lies within the problem. What is not
    /// the first part of the inner axis is to be added.
    pub(super) fn part(&self, [i, l, j]: [usize; 3], [m, k, n]: [usize; 3]) -> Self {
        Problem {
            m,
            k,
            n,
            a: self.a.wrapping_add(i * self.a_down + l * self.a_along),
            b: self.b.wrapping_add(l * self.b_down + j * self.b_along),
            c: self.c.wrapping_add(i * self.c_down + j),
            add: self.add || l > 0,
            ..*self
        }
    }

    /// The transposed product `cᵀ = bᵀ aᵀ` where `c` has one column and that of `a` are contiguous: vectors then go
    /// along the column. Factors of a multiplication may change places, so the bits do not change.
    pub(super) fn into_row(self) -> Self {
        if self.n != 1 || self.a_down != 1 {
            return self;
        }
        Problem {
            m: 1,
            n: self.m,
            a: self.b,
            a_down: self.b_along,
            a_along: self.b_down,
            b: self.a,
            b_down: self.a_along,
            b_along: self.a_down,
            c_down: self.m,
            ..self
        }
    }
}

/// Room for a packed panel, on the stack: all but large products allocate nothing.
#[repr(align(64))]
struct Panel<T>([T; PANEL]);

/// Computes a product.
///
/// # Safety
/// The pointers reach what sizes and strides say, `c` alone for writing; the processor has the instructions of `V`.
pub(super) unsafe fn solve<V: Vector>(problem: &Problem<V::Number>) {
    let distance = problem.b_down * size_of::<V::Number>();
    let far = distance >= FAR && distance.saturating_mul(problem.m) >= FAR_TIMES_ROWS;
    let (is_packed, vectors) = (far || (problem.b_along != 1 && problem.n != 1), problem.n.div_ceil(V::LANES));
    if !is_packed && problem.k <= BLOCK && vectors <= V::VECTORS {
        // A small product is one strip: to take it apart would cost as much as to compute it.
        // SAFETY: that of this function; it is one block, and rows of `b` are contiguous, or of one number.
        return unsafe { one_strip::<V>(problem, vectors) };
    }
    if large::is_large(problem) {
        // SAFETY: that of this function.
        return unsafe { large::solve::<V>(problem) };
    }
    for start in (0..problem.k).step_by(BLOCK) {
        let block = problem.part([0, start, 0], [problem.m, BLOCK.min(problem.k - start), problem.n]);
        // SAFETY: that of this function; the block is a part of the inner axis. What is not packed has contiguous rows,
        // or rows of one number.
        unsafe {
            if is_packed {
                packed::<V>(&block);
            } else {
                strips::<V>(&block, None);
            }
        }
    }
}

/// # Safety
/// That of [`solve`], for a problem of one block.
#[inline(never)]
unsafe fn packed<V: Vector>(block: &Problem<V::Number>) {
    let mut panel = MaybeUninit::<Panel<V::Number>>::uninit();
    // SAFETY: that of this function; the panel lives until the strips are computed.
    unsafe { strips::<V>(block, Some(panel.as_mut_ptr().cast())) };
}

/// # Safety
/// That of [`solve`], for a problem of one block. A panel has room for [`PANEL`] numbers; without one, rows of `b` are
/// contiguous.
#[inline(always)]
unsafe fn strips<V: Vector>(block: &Problem<V::Number>, panel: Option<*mut V::Number>) {
    const { assert!(V::VECTORS <= 3 && BLOCK * V::VECTORS * V::LANES <= PANEL) };
    let mut j = 0;
    while j < block.n {
        let left = block.n - j;
        let vectors = vectors::<V>(left);
        let width = vectors * V::LANES;
        // SAFETY: that of this function; the strip is a part of the columns, and has `width` numbers a row in a panel,
        // which has room for a block of the widest.
        unsafe {
            let mut strip = block.part([0, 0, j], [block.m, block.k, width.min(left)]);
            if let Some(panel) = panel {
                V::pack(&strip, panel, width);
                (strip.b, strip.b_down, strip.b_along) = (panel, width, 1);
            }
            one_strip::<V>(&strip, vectors);
            j += strip.n;
        }
    }
}

/// The vectors of the next strip where so many columns are left.
#[inline(always)]
pub(super) fn vectors<V: Vector>(columns: usize) -> usize {
    match columns.div_ceil(V::LANES) {
        // Two strips of two rather than one of three and a slow one of one.
        4 if V::VECTORS == 3 => 2,
        vectors => vectors.min(V::VECTORS),
    }
}

/// # Safety
/// That of [`solve`], for a problem of one block whose columns need so many vectors, at most as many as a tile has.
/// Rows of `b` are contiguous.
#[inline(always)]
pub(super) unsafe fn one_strip<V: Vector>(strip: &Problem<V::Number>, vectors: usize) {
    // SAFETY: that of this function; a strip is masked where its columns do not fill the vectors.
    unsafe {
        match (vectors, strip.n < vectors * V::LANES) {
            (1, false) => V::strip::<1, false>(strip),
            (1, true) => V::strip::<1, true>(strip),
            (2, false) => V::strip::<2, false>(strip),
            (2, true) => V::strip::<2, true>(strip),
            (_, false) if V::VECTORS == 3 => V::strip::<3, false>(strip),
            (_, true) if V::VECTORS == 3 => V::strip::<3, true>(strip),
            _ => unreachable!("a strip has at most as many vectors as a tile"),
        }
    }
}
