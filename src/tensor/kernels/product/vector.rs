//! What a tile asks of a vector of numbers. The vectors of the instruction sets are in `x86` and `portable`.

use super::blocks::Problem;
use crate::Element;

/// A register of numbers.
///
/// # Safety
/// Of all functions: the processor has the vector's instructions, and pointers reach as many numbers as are loaded or
/// stored. Those without pointers are `unsafe` for the first reason. They are compiled into the last three, which
/// name the instructions, and must not be called from elsewhere.
pub(super) trait Vector: Copy {
    type Number: Element;
    /// Which lanes are loaded and stored at the right edge.
    type Mask: Copy;
    /// Numbers in a vector.
    const LANES: usize;
    /// Rows of a tile: as many as registers allow beside [`Vector::VECTORS`].
    const ROWS: usize;
    /// Rows of a tile whose last vector is masked.
    const MASKED_ROWS: usize = Self::ROWS;
    /// Vectors in a row of a tile, at most 3.
    const VECTORS: usize;
    /// Side of the squares that [`Vector::transpose`] moves.
    const SIDE: usize;

    unsafe fn zero() -> Self;
    /// One number in all lanes.
    unsafe fn splat(number: Self::Number) -> Self;
    unsafe fn load(from: *const Self::Number) -> Self;
    unsafe fn store(self, to: *mut Self::Number);
    /// The mask of the first `count` lanes.
    unsafe fn first(count: usize) -> Self::Mask;
    /// Loads the lanes of the mask; the others are zero and their numbers are not touched.
    unsafe fn load_masked(from: *const Self::Number, mask: Self::Mask) -> Self;
    unsafe fn store_masked(self, to: *mut Self::Number, mask: Self::Mask);
    unsafe fn add(self, other: Self) -> Self;
    /// `self * factor + sum`, rounded once.
    unsafe fn mul_add(self, factor: Self, sum: Self) -> Self;
    /// Asks for a number that will be needed soon. The address need not be valid.
    unsafe fn prefetch(_at: *const Self::Number) {}
    /// Moves a square of [`Vector::SIDE`] numbers: the rows of `from` become the columns of `to`.
    unsafe fn transpose(from: *const Self::Number, from_row: usize, to: *mut Self::Number, to_row: usize);

    /// [`super::tile::strip`], compiled with the vector's instructions.
    unsafe fn strip<const VECTORS: usize, const MASKED: bool>(strip: &Problem<Self::Number>);
    /// [`super::pack::pack`], compiled with the vector's instructions.
    unsafe fn pack(strip: &Problem<Self::Number>, panel: *mut Self::Number, width: usize);
    /// [`super::pack::pack_left`], compiled with the vector's instructions.
    unsafe fn pack_left(block: &Problem<Self::Number>, room: *mut Self::Number);
}
