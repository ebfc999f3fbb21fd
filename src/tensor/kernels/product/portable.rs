//! Vectors as small arrays, of the size of the registers of 64-bit ARM: the compiler makes vectors of them where the
//! target has fused multiply-adds. Written as loops, since functions of the standard library may stay calls.

use super::blocks::Problem;
use super::vector::Vector;
use super::{pack, tile};

macro_rules! vector {
    ($T:ident, $lanes:literal) => {
        impl Vector for [$T; $lanes] {
            type Number = $T;
            type Mask = usize;
            const LANES: usize = $lanes;
            const ROWS: usize = 8;
            const MASKED_ROWS: usize = 4;
            const VECTORS: usize = 2;
            const SIDE: usize = $lanes;

            #[inline(always)]
            unsafe fn zero() -> Self {
                [0.0; $lanes]
            }
            #[inline(always)]
            unsafe fn splat(number: $T) -> Self {
                [number; $lanes]
            }
            #[inline(always)]
            unsafe fn load(from: *const $T) -> Self {
                // SAFETY: the caller's pointer reaches as many numbers; an array may lie where its numbers may.
                unsafe { *from.cast() }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $T) {
                // SAFETY: as for `load`.
                unsafe { *to.cast() = self }
            }
            #[inline(always)]
            unsafe fn first(count: usize) -> usize {
                count
            }
            #[inline(always)]
            unsafe fn load_masked(from: *const $T, count: usize) -> Self {
                let mut vector = [0.0; $lanes];
                for lane in 0..$lanes {
                    if lane < count {
                        // SAFETY: the caller's pointer reaches `count` numbers.
                        vector[lane] = unsafe { *from.add(lane) };
                    }
                }
                vector
            }
            #[inline(always)]
            unsafe fn store_masked(self, to: *mut $T, count: usize) {
                for lane in 0..$lanes {
                    if lane < count {
                        // SAFETY: the caller's pointer reaches `count` numbers.
                        unsafe { *to.add(lane) = self[lane] };
                    }
                }
            }
            #[inline(always)]
            unsafe fn add(mut self, other: Self) -> Self {
                for lane in 0..$lanes {
                    self[lane] += other[lane];
                }
                self
            }
            #[inline(always)]
            unsafe fn mul_add(mut self, factor: Self, sum: Self) -> Self {
                for lane in 0..$lanes {
                    self[lane] = self[lane].mul_add(factor[lane], sum[lane]);
                }
                self
            }
            #[inline(always)]
            unsafe fn transpose(from: *const $T, from_row: usize, to: *mut $T, to_row: usize) {
                let mut columns = [[0.0; $lanes]; $lanes];
                for row in 0..$lanes {
                    // SAFETY: the caller's pointers reach a square of `SIDE`.
                    let numbers = unsafe { Self::load(from.add(row * from_row)) };
                    for column in 0..$lanes {
                        columns[column][row] = numbers[column];
                    }
                }
                for column in 0..$lanes {
                    // SAFETY: as above.
                    unsafe { columns[column].store(to.add(column * to_row)) };
                }
            }

            unsafe fn strip<const VECTORS: usize, const MASKED: bool>(strip: &Problem<$T>) {
                // SAFETY: that of this function; every processor has the instructions.
                unsafe { tile::strip::<Self, VECTORS, MASKED>(strip) }
            }
            unsafe fn pack(strip: &Problem<$T>, panel: *mut $T, width: usize) {
                // SAFETY: as for `strip`.
                unsafe { pack::pack::<Self>(strip, panel, width) }
            }
            unsafe fn pack_left(block: &Problem<$T>, room: *mut $T) {
                // SAFETY: as for `strip`.
                unsafe { pack::pack_left::<Self>(block, room) }
            }
        }
    };
}
vector!(f32, 4);
vector!(f64, 2);
