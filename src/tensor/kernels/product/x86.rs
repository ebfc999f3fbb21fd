//! Vectors of AVX-512 and of AVX2 with FMA.

use super::blocks::Problem;
use super::vector::Vector;
use super::{pack, tile};
use std::arch::x86_64::*;

macro_rules! vector {
    (
        $Vector:ident of $T:ident, $features:literal,
        LANES = $lanes:literal, ROWS = $rows:literal, MASKED_ROWS = $masked_rows:literal, VECTORS = $vectors:literal,
        $zero:ident, $splat:ident, $load:ident, $store:ident, $add:ident, $mul_add:ident,
        mask $Mask:ident: $first:ident, $load_masked:ident, $store_masked:ident,
        $transpose:ident of $side:literal
    ) => {
        // SAFETY: of all blocks here: the caller answers for the instructions and for the pointers, as `Vector` says.
        impl Vector for $Vector {
            type Number = $T;
            type Mask = $Mask;
            const LANES: usize = $lanes;
            const ROWS: usize = $rows;
            const MASKED_ROWS: usize = $masked_rows;
            const VECTORS: usize = $vectors;
            const SIDE: usize = $side;

            #[inline(always)]
            unsafe fn zero() -> Self {
                unsafe { $zero() }
            }
            #[inline(always)]
            unsafe fn splat(number: $T) -> Self {
                unsafe { $splat(number) }
            }
            #[inline(always)]
            unsafe fn load(from: *const $T) -> Self {
                unsafe { $load(from) }
            }
            #[inline(always)]
            unsafe fn store(self, to: *mut $T) {
                unsafe { $store(to, self) }
            }
            #[inline(always)]
            unsafe fn first(count: usize) -> $Mask {
                unsafe { $first(count) }
            }
            #[inline(always)]
            unsafe fn load_masked(from: *const $T, mask: $Mask) -> Self {
                unsafe { $load_masked(from, mask) }
            }
            #[inline(always)]
            unsafe fn store_masked(self, to: *mut $T, mask: $Mask) {
                unsafe { $store_masked(to, mask, self) }
            }
            #[inline(always)]
            unsafe fn add(self, other: Self) -> Self {
                unsafe { $add(self, other) }
            }
            #[inline(always)]
            unsafe fn mul_add(self, factor: Self, sum: Self) -> Self {
                unsafe { $mul_add(self, factor, sum) }
            }
            #[inline(always)]
            unsafe fn prefetch(at: *const $T) {
                unsafe { _mm_prefetch::<_MM_HINT_T0>(at.cast()) }
            }
            #[inline(always)]
            unsafe fn transpose(from: *const $T, from_row: usize, to: *mut $T, to_row: usize) {
                unsafe { $transpose(from, from_row, to, to_row) }
            }

            #[inline(always)]
            unsafe fn strip<const VECTORS: usize, const MASKED: bool>(strip: &Problem<$T>) {
                #[target_feature(enable = $features)]
                unsafe fn compiled<const VECTORS: usize, const MASKED: bool>(strip: &Problem<$T>) {
                    unsafe { tile::strip::<$Vector, VECTORS, MASKED>(strip) }
                }
                unsafe { compiled::<VECTORS, MASKED>(strip) }
            }
            #[inline(always)]
            unsafe fn pack(strip: &Problem<$T>, panel: *mut $T, width: usize) {
                #[target_feature(enable = $features)]
                unsafe fn compiled(strip: &Problem<$T>, panel: *mut $T, width: usize) {
                    unsafe { pack::pack::<$Vector>(strip, panel, width) }
                }
                unsafe { compiled(strip, panel, width) }
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

#[target_feature(enable = "avx512f")]
#[inline]
unsafe fn load_masked_f32(from: *const f32, mask: __mmask16) -> __m512 {
    // SAFETY: the pointer reaches the lanes of the mask.
    unsafe { _mm512_maskz_loadu_ps(mask, from) }
}

#[target_feature(enable = "avx512f")]
#[inline]
unsafe fn load_masked_f64(from: *const f64, mask: __mmask8) -> __m512d {
    // SAFETY: the pointer reaches the lanes of the mask.
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
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn transpose_f32(from: *const f32, from_row: usize, to: *mut f32, to_row: usize) {
    for half in [0, 4] {
        // SAFETY: the pointers reach a square of 8.
        unsafe {
            let [a, b, c, d] = [0, 1, 2, 3].map(|row| {
                let low = _mm_loadu_ps(from.add(row * from_row + half));
                let high = _mm_loadu_ps(from.add((row + 4) * from_row + half));
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
                _mm256_storeu_ps(to.add((half + column) * to_row), numbers);
            }
        }
    }
}

/// Four by four, in the same way.
#[target_feature(enable = "avx2")]
#[inline]
unsafe fn transpose_f64(from: *const f64, from_row: usize, to: *mut f64, to_row: usize) {
    for half in [0, 2] {
        // SAFETY: the pointers reach a square of 4.
        unsafe {
            let [a, b] = [0, 1].map(|row| {
                let low = _mm_loadu_pd(from.add(row * from_row + half));
                let high = _mm_loadu_pd(from.add((row + 2) * from_row + half));
                _mm256_insertf128_pd::<1>(_mm256_castpd128_pd256(low), high)
            });
            _mm256_storeu_pd(to.add(half * to_row), _mm256_unpacklo_pd(a, b));
            _mm256_storeu_pd(to.add((half + 1) * to_row), _mm256_unpackhi_pd(a, b));
        }
    }
}
