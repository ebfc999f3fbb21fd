//! Copies a strip of the right factor so that its rows are contiguous and lie close together, and rows of a transposed
//! left factor so that a tile reads it in one go. When that pays is decided in `blocks` and `large`.

use super::blocks::Problem;
use super::tile::rows;
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

/// The rows of a tile of the left factor one tile after the other, each as `k` times its rows: the tile from row `i` on
/// begins at `room + i * k`.
///
/// # Safety
/// `block.a` reaches what sizes and strides say, and its columns are contiguous; the room is for `m` times `k` numbers;
/// the processor has the instructions of `V`.
#[inline(always)]
pub(super) unsafe fn pack_left<V: Vector>(block: &Problem<V::Number>, room: *mut V::Number) {
    /// So many tiles side by side, to use the lines of the cache and the pages that a row of numbers lies in.
    const TILES: usize = 8;
    let Problem { m, k, .. } = *block;
    // SAFETY: that of this function. Tiles are within `m`, and a mask has the lanes of one.
    unsafe {
        let (whole, mask) = (V::ROWS - V::ROWS % V::LANES, V::first(V::ROWS % V::LANES));
        let mut i = 0;
        while m - i >= 2 * V::ROWS {
            let tiles = TILES.min((m - i) / V::ROWS - 1);
            for l in 0..k {
                let (from, to) = (block.a.add(i + l * block.a_along), room.add(i * k + l * V::ROWS));
                for tile in 0..tiles {
                    let (from, to) = (from.add(tile * V::ROWS), to.add(tile * V::ROWS * k));
                    for row in (0..whole).step_by(V::LANES) {
                        V::load(from.add(row)).store(to.add(row));
                    }
                    if whole < V::ROWS {
                        V::load_masked(from.add(whole), mask).store_masked(to.add(whole), mask);
                    }
                }
            }
            i += tiles * V::ROWS;
        }
        while i < m {
            let rows = rows(m - i, V::ROWS);
            for l in 0..k {
                for row in 0..rows {
                    *room.add(i * k + l * rows + row) = *block.a.add(i + row + l * block.a_along);
                }
            }
            i += rows;
        }
    }
}
