//! Vectors of AVX-512 and of AVX2 with FMA.

use super::blocks::Problem;
use super::vector::Vector;
use super::{pack, tile};
use std::arch::x86_64::*;

/// Methods that are one function each.
macro_rules! methods {
    ($(unsafe fn $method:ident($($argument:ident $(: $Type:ty)?),*) $(-> $Output:ty)? = $call:expr;)*) => { $(
        #[inline(always)]
        unsafe fn $method($($argument $(: $Type)?),*) $(-> $Output)? {
            // SAFETY: `Vector` asks of the caller what the function asks: that the processor has the instruction, and
            // that a pointer reaches a vector's numbers, or those of the mask; for `transpose`, squares of `SIDE` rows.
            unsafe { $call }
        }
    )* };
}

macro_rules! vector {
    (
        $Vector:ident of $T:ident, $features:literal,
        LANES = $lanes:literal, ROWS = $rows:literal, MASKED_ROWS = $masked_rows:literal, VECTORS = $vectors:literal,
        $zero:ident, $splat:ident, $load:ident, $store:ident, $add:ident, $mul_add:ident,
        mask $Mask:ident: $first:ident, $load_masked:ident, $store_masked:ident,
        $transpose:ident of $side:literal
    ) => {
        impl Vector for $Vector {
            type Number = $T;
            type Mask = $Mask;
            const LANES: usize = $lanes;
            const ROWS: usize = $rows;
            const MASKED_ROWS: usize = $masked_rows;
            const VECTORS: usize = $vectors;
            const SIDE: usize = $side;

            methods! {
                unsafe fn zero() -> Self = $zero();
                unsafe fn splat(number: $T) -> Self = $splat(number);
                unsafe fn load(from: *const $T) -> Self = $load(from);
                unsafe fn store(self, to: *mut $T) = $store(to, self);
                unsafe fn first(count: usize) -> $Mask = $first(count);
                unsafe fn load_masked(from: *const $T, mask: $Mask) -> Self = $load_masked(from, mask);
                unsafe fn store_masked(self, to: *mut $T, mask: $Mask) = $store_masked(to, mask, self);
                unsafe fn add(self, other: Self) -> Self = $add(self, other);
                unsafe fn mul_add(self, factor: Self, sum: Self) -> Self = $mul_add(self, factor, sum);
                unsafe fn prefetch(at: *const $T) = _mm_prefetch::<_MM_HINT_T0>(at.cast());
                unsafe fn transpose(from: *const $T, from_row: usize, to: *mut $T, to_row: usize) =
                    $transpose(from, from_row, to, to_row);
            }

            #[target_feature(enable = $features)]
            unsafe fn strip<const VECTORS: usize, const MASKED: bool>(strip: &Problem<$T>) {
                // SAFETY: that of this function, and its attribute names all instructions that a vector uses.
                unsafe { tile::strip::<$Vector, VECTORS, MASKED>(strip) }
            }
            #[target_feature(enable = $features)]
            unsafe fn pack(strip: &Problem<$T>, panel: *mut $T, width: usize) {
                // SAFETY: as for `strip`.
                unsafe { pack::pack::<$Vector>(strip, panel, width) }
            }
            #[target_feature(enable = $features)]
            unsafe fn pack_left(block: &Problem<$T>, room: *mut $T) {
                // SAFETY: as for `strip`.
                unsafe { pack::pack_left::<$Vector>(block, room) }
            }
        }
    };
}

vector! {
    __m512 of f32, "avx512f,avx512vl,avx2,fma",
    LANES = 16, ROWS = 8, MASKED_ROWS = 8, VECTORS = 3,
    _mm512_setzero_ps, _mm512_set1_ps, _mm512_loadu_ps, _mm512_storeu_ps, _mm512_add_ps, _mm512_fmadd_ps,
    mask __mmask16: mask_of_16, load_masked_f32, _mm512_mask_storeu_ps,
    transpose_f32 of 8
}
vector! {
    __m512d of f64, "avx512f,avx512vl,avx2,fma",
    LANES = 8, ROWS = 8, MASKED_ROWS = 8, VECTORS = 3,
    _mm512_setzero_pd, _mm512_set1_pd, _mm512_loadu_pd, _mm512_storeu_pd, _mm512_add_pd, _mm512_fmadd_pd,
    mask __mmask8: mask_of_8, load_masked_f64, _mm512_mask_storeu_pd,
    transpose_f64 of 4
}
vector! {
    __m256 of f32, "avx2,fma",
    LANES = 8, ROWS = 6, MASKED_ROWS = 4, VECTORS = 2,
    _mm256_setzero_ps, _mm256_set1_ps, _mm256_loadu_ps, _mm256_storeu_ps, _mm256_add_ps, _mm256_fmadd_ps,
    mask __m256i: lanes_of_8, _mm256_maskload_ps, _mm256_maskstore_ps,
    transpose_f32 of 8
}
vector! {
    __m256d of f64, "avx2,fma",
    LANES = 4, ROWS = 6, MASKED_ROWS = 4, VECTORS = 2,
    _mm256_setzero_pd, _mm256_set1_pd, _mm256_loadu_pd, _mm256_storeu_pd, _mm256_add_pd, _mm256_fmadd_pd,
    mask __m256i: lanes_of_4, _mm256_maskload_pd, _mm256_maskstore_pd,
    transpose_f64 of 4
}

#[target_feature(enable = "avx512f")]
#[inline]
fn mask_of_16(count: usize) -> __mmask16 {
    ((1u32 << count) - 1) as __mmask16
}

#[target_feature(enable = "avx512f")]
#[inline]
fn mask_of_8(count: usize) -> __mmask8 {
    ((1u32 << count) - 1) as __mmask8
}

/// # Safety
/// The pointer reaches the lanes of the mask.
#[target_feature(enable = "avx512f")]
#[inline]
unsafe fn load_masked_f32(from: *const f32, mask: __mmask16) -> __m512 {
    // SAFETY: that of this function; lanes that are not in the mask are not read.
    unsafe { _mm512_maskz_loadu_ps(mask, from) }
}

/// # Safety
/// The pointer reaches the lanes of the mask.
#[target_feature(enable = "avx512f")]
#[inline]
unsafe fn load_masked_f64(from: *const f64, mask: __mmask8) -> __m512d {
    // SAFETY: that of this function; lanes that are not in the mask are not read.
    unsafe { _mm512_maskz_loadu_pd(mask, from) }
}

#[target_feature(enable = "avx2")]
#[inline]
fn lanes_of_8(count: usize) -> __m256i {
    _mm256_cmpgt_epi32(_mm256_set1_epi32(count as i32), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7))
}

#[target_feature(enable = "avx2")]
#[inline]
fn lanes_of_4(count: usize) -> __m256i {
    _mm256_cmpgt_epi64(_mm256_set1_epi64x(count as i64), _mm256_setr_epi64x(0, 1, 2, 3))
}

/// Eight by eight: rows `i` and `i + 4` side by side in one register, so that the shuffles, which stay in the halves
/// of a register, put together whole columns.
///
/// # Safety
/// `from` reaches eight numbers in each of eight rows, `from_row` apart, and `to` likewise, for writing.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn transpose_f32(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
    for half in [0, 4] {
        let [a, b, c, d] = [0, 1, 2, 3].map(|row| {
            // SAFETY: each reads half of one of the eight numbers of a row, and `from` reaches eight rows.
            let (low, high) = unsafe {
                (_mm_loadu_ps(from.add(row * from_row + half)), _mm_loadu_ps(from.add((row + 4) * from_row + half)))
            };
            _mm256_insertf128_ps::<1>(_mm256_castps128_ps256(low), high)
        });
        let (ab_low, ab_high) = (_mm256_unpacklo_ps(a, b), _mm256_unpackhi_ps(a, b));
        let (cd_low, cd_high) = (_mm256_unpacklo_ps(c, d), _mm256_unpackhi_ps(c, d));
        let columns = [
            _mm256_shuffle_ps::<0b01_00_01_00>(ab_low, cd_low),
            _mm256_shuffle_ps::<0b11_10_11_10>(ab_low, cd_low),
            _mm256_shuffle_ps::<0b01_00_01_00>(ab_high, cd_high),
            _mm256_shuffle_ps::<0b11_10_11_10>(ab_high, cd_high),
        ];
        for (column, numbers) in columns.into_iter().enumerate() {
            // SAFETY: `to` reaches eight rows of eight numbers; this is row `half + column`, below eight.
            unsafe { _mm256_storeu_ps(to.add((half + column) * to_row), numbers) };
        }
    }
}

/// Four by four, in the same way.
///
/// # Safety
/// `from` reaches four numbers in each of four rows, `from_row` apart, and `to` likewise, for writing.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn transpose_f64(from: *const f64, from_row: usize, to: *mut f64, to_row: usize) {
    for half in [0, 2] {
        let [a, b] = [0, 1].map(|row| {
            // SAFETY: each reads half of one of the four numbers of a row, and `from` reaches four rows.
            let (low, high) = unsafe {
                (_mm_loadu_pd(from.add(row * from_row + half)), _mm_loadu_pd(from.add((row + 2) * from_row + half)))
            };
            _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(low), high)
        });
        // SAFETY: `to` reaches four rows of four numbers; these are rows `half` and `half + 1`, below four.
        unsafe {
            _mm256_storeu_pd(to.add(half * to_row), _mm256_unpacklo_pd(a, b));
            _mm256_storeu_pd(to.add((half + 1) * to_row), _mm256_unpackhi_pd(a, b));
        }
    }
}
