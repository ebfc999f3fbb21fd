//! Copies a strip of the right factor so that its rows are contiguous and lie close together. When that pays is
//! decided in `blocks`.

use super::blocks::Problem;
use super::vector::Vector;

/// Row `k` of the strip goes to `panel + k * width`. What lies beyond its `n` columns is not written.
///
/// # Safety
/// `strip.b` reaches what sizes and strides say, and either its rows or its columns are contiguous; the panel has room
/// for `k` rows of `width`, at least `n`; the processor has the instructions of `V`.
#[inline(always)]
pub(super) unsafe fn pack<V: Vector>(strip: &Problem<V::Number>, panel: *mut V::Number, width: usize) {
    // SAFETY: that of this function; where rows are not contiguous, columns are.
    unsafe {
        if strip.b_along == 1 {
            copy::<V>(strip, panel, width);
        } else {
            transpose::<V>(strip, panel, width);
        }
    }
}

/// # Safety
/// That of [`pack`], and rows are contiguous.
#[inline(always)]
unsafe fn copy<V: Vector>(strip: &Problem<V::Number>, panel: *mut V::Number, width: usize) {
    // SAFETY: whole vectors end within `n`, and the rest of a row is masked.
    unsafe {
        let whole = strip.n - strip.n % V::LANES;
        let mask = V::first(strip.n % V::LANES);
        for row in 0..strip.k {
            let (from, to) = (strip.b.add(row * strip.b_down), panel.add(row * width));
            for column in (0..whole).step_by(V::LANES) {
                V::load(from.add(column)).store(to.add(column));
            }
            if whole < strip.n {
                V::load_masked(from.add(whole), mask).store_masked(to.add(whole), mask);
            }
        }
    }
}

/// # Safety
/// That of [`pack`], and columns are contiguous.
#[inline(always)]
unsafe fn transpose<V: Vector>(strip: &Problem<V::Number>, panel: *mut V::Number, width: usize) {
    let (k, n, column) = (strip.k, strip.n, strip.b_along);
    // SAFETY: squares begin at most a side before the end of both axes, so they end within them.
    unsafe {
        if k < V::SIDE || n < V::SIDE {
            for j in 0..n {
                for row in 0..k {
                    *panel.add(row * width + j) = *strip.b.add(row + j * column);
                }
            }
            return;
        }
        // The last square of an axis overlaps the one before it where the side does not divide the axis.
        for j in (0..n).step_by(V::SIDE).map(|j| j.min(n - V::SIDE)) {
            for row in (0..k).step_by(V::SIDE).map(|row| row.min(k - V::SIDE)) {
                V::transpose(strip.b.add(row + j * column), column, panel.add(row * width + j), width);
            }
        }
    }
}
