//! Operations on one number that the functions are made of: fused or not, exact sums and products, powers of two.
//! No function of mathematics.

use super::{BIAS, Bits, LEADING, MANTISSA, Real};

/// a b + c, rounded once where `FMA` says so, else twice.
#[inline(always)]
pub(super) fn fma<const FMA: bool>(a: Real, b: Real, c: Real) -> Real {
    if FMA { a.mul_add(b, c) } else { a * b + c }
}

/// Horner's rule. The coefficients begin with the highest power.
#[inline(always)]
pub(super) fn polynomial<const FMA: bool, const N: usize>(x: Real, coefficients: [Real; N]) -> Real {
    let mut sum = coefficients[0];
    let mut i = 1;
    while i < N {
        sum = fma::<FMA>(sum, x, coefficients[i]);
        i += 1;
    }
    sum
}

/// x limited to `low..=high`. A NaN stays (`max` and `min` would drop it).
#[inline(always)]
pub(super) fn limit(x: Real, low: Real, high: Real) -> Real {
    let x = if x > high { high } else { x };
    if x < low { low } else { x }
}

/// 2^n for n in two's complement.
#[inline(always)]
pub(super) fn two_to(n: Bits) -> Real {
    Real::from_bits(n.wrapping_add(BIAS) << MANTISSA)
}

/// The leading half of the bits of x.
#[inline(always)]
pub(super) fn leading(x: Real) -> Real {
    Real::from_bits(x.to_bits() & LEADING)
}

/// a + b rounded, and what the rounding lost (Knuth).
#[inline(always)]
pub(super) fn sum(a: Real, b: Real) -> (Real, Real) {
    let s = a + b;
    let c = s - a;
    (s, (a - (s - c)) + (b - c))
}

/// a b rounded, and what the rounding lost (nearly, without a fused operation: Dekker).
#[inline(always)]
pub(super) fn product<const FMA: bool>(a: Real, b: Real) -> (Real, Real) {
    let p = a * b;
    if FMA {
        (p, a.mul_add(b, -p))
    } else {
        let (a_high, b_high) = (leading(a), leading(b));
        let (a_low, b_low) = (a - a_high, b - b_high);
        (p, ((a_high * b_high - p) + (a_high * b_low + a_low * b_high)) + a_low * b_low)
    }
}

/// Horner's rule, the last step in two parts: the sum rounded, and what its rounding and that of the last coefficient
/// lost. For polynomials that are near their constant term.
#[inline(always)]
pub(super) fn polynomial_parts<const FMA: bool, const N: usize>(
    x: Real,
    coefficients: [Real; N],
    last_rest: Real,
) -> (Real, Real) {
    let mut slope = coefficients[0];
    let mut i = 1;
    while i < N - 1 {
        slope = fma::<FMA>(slope, x, coefficients[i]);
        i += 1;
    }
    let (first, rest) = (coefficients[N - 1], slope * x);
    let value = first + rest;
    (value, ((first - value) + rest) + last_rest)
}

/// (n + n_low)/(d + d_low) rounded, and what the rounding lost: with one division.
#[inline(always)]
pub(super) fn quotient<const FMA: bool>((n, n_low): (Real, Real), (d, d_low): (Real, Real)) -> (Real, Real) {
    let reciprocal = 1.0 / d;
    let q = n * reciprocal;
    let (back, back_low) = product::<FMA>(q, d);
    (q, (((n - back) - back_low) + fma::<FMA>(-q, d_low, n_low)) * reciprocal)
}

/// The root of x + low, and what it lacks to the exact one.
#[inline(always)]
pub(super) fn root<const FMA: bool>(x: Real, low: Real) -> (Real, Real) {
    let s = x.sqrt();
    let (square, lost) = product::<FMA>(s, s);
    let lacks = (((x - square) - lost) + low) / (s + s);
    (s, if s > 0.0 { lacks } else { 0.0 })
}
