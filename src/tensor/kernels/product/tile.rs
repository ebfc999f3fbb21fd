//! The innermost loops: tiles of `c` whose sums stay in registers. How `c` is divided into strips is in `blocks`.

use super::blocks::Problem;
use super::vector::Vector;

/// A product whose columns are those of one tile, over one block of the inner axis, with rows of `b` contiguous.
///
/// # Safety
/// The pointers of the problem reach what its sizes and strides say; `strip.n` needs exactly `VECTORS` vectors, the
/// last of them in part where it is `MASKED`; the processor has the instructions of `V`.
#[inline(always)]
pub(super) unsafe fn strip<V: Vector, const VECTORS: usize, const MASKED: bool>(strip: &Problem<V::Number>) {
    let most = if MASKED { V::MASKED_ROWS } else { V::ROWS };
    // SAFETY: that of this function; the rows of the tiles are `i..i + rows`, within `strip.m`.
    unsafe {
        let mask = V::first(strip.n - (VECTORS - 1) * V::LANES);
        let mut i = 0;
        while i < strip.m {
            let rows = rows(strip.m - i, most);
            match rows {
                8 if most >= 8 => tile::<V, 8, VECTORS, MASKED>(strip, i, mask),
                7 if most >= 7 => tile::<V, 7, VECTORS, MASKED>(strip, i, mask),
                6 if most >= 6 => tile::<V, 6, VECTORS, MASKED>(strip, i, mask),
                5 if most >= 5 => tile::<V, 5, VECTORS, MASKED>(strip, i, mask),
                4 => tile::<V, 4, VECTORS, MASKED>(strip, i, mask),
                3 => tile::<V, 3, VECTORS, MASKED>(strip, i, mask),
                2 => tile::<V, 2, VECTORS, MASKED>(strip, i, mask),
                _ => tile::<V, 1, VECTORS, MASKED>(strip, i, mask),
            }
            i += rows;
        }
    }
}

/// The rows of the next tile where so many are left and a tile has at most `most`.
#[inline(always)]
pub(super) fn rows(left: usize, most: usize) -> usize {
    match left {
        left if left <= most => left,
        // Two tiles of half the rest rather than a full one and a small one: few rows are slow rows.
        left if left < 2 * most => left.div_ceil(2),
        _ => most,
    }
}

/// `ROWS` rows of a strip from row `i`: `ROWS` times `VECTORS` independent chains of fused multiply-adds.
///
/// # Safety
/// That of [`strip`], and `i + ROWS <= strip.m`.
#[inline(always)]
unsafe fn tile<V: Vector, const ROWS: usize, const VECTORS: usize, const MASKED: bool>(
    strip: &Problem<V::Number>,
    i: usize,
    mask: V::Mask,
) {
    let masked = |v: usize| MASKED && v == VECTORS - 1;
    // SAFETY: that of this function. Vector `v` of a row begins within the strip, and the last is masked where it
    // does not end there. The pointers step past the block after its last number, unused.
    unsafe {
        let c = strip.c.add(i * strip.c_down);
        for row in 0..ROWS {
            for v in 0..VECTORS {
                V::prefetch(c.add(row * strip.c_down + v * V::LANES));
            }
        }
        let mut sums = [[V::zero(); VECTORS]; ROWS];
        let (mut a, mut b) = (strip.a.add(i * strip.a_down), strip.b);
        for _ in 0..strip.k {
            let mut right = [V::zero(); VECTORS];
            for (v, right) in right.iter_mut().enumerate() {
                let from = b.add(v * V::LANES);
                *right = if masked(v) { V::load_masked(from, mask) } else { V::load(from) };
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let left = V::splat(*a.add(row * strip.a_down));
                for (sum, right) in sums.iter_mut().zip(right) {
                    *sum = left.mul_add(right, *sum);
                }
            }
            a = a.wrapping_add(strip.a_along);
            b = b.wrapping_add(strip.b_down);
        }
        for (row, sums) in sums.into_iter().enumerate() {
            for (v, sum) in sums.into_iter().enumerate() {
                let to = c.add(row * strip.c_down + v * V::LANES);
                match (masked(v), strip.add) {
                    (false, false) => sum.store(to),
                    (false, true) => V::load(to).add(sum).store(to),
                    (true, false) => sum.store_masked(to, mask),
                    (true, true) => V::load_masked(to, mask).add(sum).store_masked(to, mask),
                }
            }
        }
    }
}
