//! Products whose left factor does not stay in the cache from one strip of columns to the next. What a product is
//! computed from, and every bit of it, is as in `blocks`; only the order in which tiles come is another one.
//!
//! Strips of the right factor are packed once, for several blocks of the inner axis. So many rows of the left factor
//! as stay in the cache of a core then meet all of them, and a tile of `c` goes through the blocks one after the other,
//! while it is in the innermost cache. A left factor that lies transposed is packed as well: as it lies, each step
//! along the inner axis would be one to another page of memory.

use super::blocks::{BLOCK, Problem, one_strip, vectors};
use super::tile::rows as rows_of_tile;
use super::vector::Vector;
use crate::tensor::buffer::Buffer;

/// How much of the inner axis strips are packed for.
const DEPTH: usize = 4 * BLOCK;

/// Bytes of the left factor that are to stay in the cache, and the most rows that they are taken from.
const LEFT: usize = 1 << 19;
const ROWS: usize = 128;

/// Bytes of a row of packed strips, at most.
const RIGHT: usize = 6 << 10;

/// Whether to pack pays: for so many rows, of so many bytes, and columns that use what is packed of the left factor.
pub(super) fn is_large<T>(problem: &Problem<T>) -> bool {
    let Problem { m, k, n, a_along, .. } = *problem;
    let bytes = m * k * size_of::<T>();
    m >= 512
        && if a_along == 1 {
            bytes >= 1 << 20 && n >= 128
        } else {
            bytes >= 1 << 19 && n >= 256 && a_along * size_of::<T>() >= 3 << 10
        }
}

/// Computes a product.
///
/// # Safety
/// That of [`super::blocks::solve`].
#[inline(never)]
pub(super) unsafe fn solve<V: Vector>(problem: &Problem<V::Number>) {
    const LINE: usize = 64;
    let (Problem { m, k, n, .. }, size) = (*problem, size_of::<V::Number>());
    // Blocks of about as many columns each, and of as many rows: whole strips and whole tiles.
    let even = |all: usize, most: usize, of: usize| all.div_ceil(all.div_ceil(most.max(of))).next_multiple_of(of);
    let depth = k.min(DEPTH);
    let columns = even(n, RIGHT / size, V::VECTORS * V::LANES);
    let height = even(m, ROWS.min(LEFT / size / depth), V::ROWS);
    let is_packed = problem.a_along != 1;

    let (strips, tiles) = (depth * columns, if is_packed { depth * height } else { 0 });
    let mut buffer = Buffer::fresh(strips + tiles + LINE / size);
    let room: *mut V::Number = buffer.own().expect("a new buffer has one owner").as_mut_ptr();
    // Vectors that begin with a line of the cache are loaded faster.
    let right = room.wrapping_add(room.align_offset(LINE).min(LINE / size));
    let left = is_packed.then(|| right.wrapping_add(strips));
    for j in (0..n).step_by(columns) {
        for l in (0..k).step_by(depth) {
            let (k, n) = (depth.min(k - l), columns.min(n - j));
            let panels = problem.part([0, l, j], [m, k, n]);
            // SAFETY: that of this function, for parts of the problem; the buffer has room for the strips from its
            // first line on, for the packed rows behind them, and lives until the end of this function.
            unsafe {
                for_each_strip::<V>(n, |j, width| {
                    V::pack(&panels.part([0, 0, j], [m, k, width.min(n - j)]), right.add(j * k), width);
                });
                for i in (0..m).step_by(height) {
                    let rows = panels.part([i, 0, 0], [height.min(m - i), k, n]);
                    if let Some(left) = left {
                        for l in (0..k).step_by(BLOCK) {
                            let block = rows.part([0, l, 0], [rows.m, BLOCK.min(k - l), n]);
                            V::pack_left(&block, left.add(l * rows.m));
                        }
                    }
                    strips_of::<V>(&rows, left, right);
                }
            }
        }
    }
}

/// # Safety
/// That of [`solve`]. `right` has the packed strips of the columns one after the other, and `left`, if there is one,
/// the packed rows of each block of the inner axis.
unsafe fn strips_of<V: Vector>(rows: &Problem<V::Number>, left: Option<*mut V::Number>, right: *const V::Number) {
    let Problem { m, k, n, .. } = *rows;
    for_each_strip::<V>(n, |j, width| {
        let mut strip = rows.part([0, 0, j], [m, k, width.min(n - j)]);
        (strip.b, strip.b_down, strip.b_along) = (right.wrapping_add(j * k), width, 1);
        let mut i = 0;
        while i < m {
            let count = rows_of_tile(m - i, V::ROWS);
            for l in (0..k).step_by(BLOCK) {
                let block = BLOCK.min(k - l);
                let mut tile = strip.part([i, l, 0], [count, block, strip.n]);
                if let Some(left) = left {
                    (tile.a, tile.a_down, tile.a_along) = (left.wrapping_add(l * m + i * block), 1, count);
                }
                // SAFETY: that of this function; the tile is a part of one block, with contiguous rows of `b`.
                unsafe { one_strip::<V>(&tile, width / V::LANES) };
            }
            i += count;
        }
    });
}

/// Calls `f` with the first column of each strip and how many columns its vectors have.
#[inline(always)]
fn for_each_strip<V: Vector>(columns: usize, mut f: impl FnMut(usize, usize)) {
    let mut j = 0;
    while j < columns {
        let width = vectors::<V>(columns - j) * V::LANES;
        f(j, width);
        j += width;
    }
}
