//! Logarithms: ln, log2, log10, ln_1p, and softplus, which is made of one.

use super::coefficients::{
    LN, LN2_HIGH, LN2_LOW, LOG2_E_HIGH, LOG2_E_LOW, LOG10_2_HIGH, LOG10_2_LOW, LOG10_E_HIGH, LOG10_E_LOW,
};
use super::exponential::decay;
use super::number::{fma, leading, polynomial, product, sum};
use super::{BIAS, Bits, MANTISSA, Real};

/// 2^MANTISSA: a whole number below it, put into its low bits, is added to it.
const MAGIC: Real = (1 as Bits).wrapping_shl(MANTISSA) as Real;
const SQRT_HALF: Real = std::f64::consts::FRAC_1_SQRT_2 as Real;

/// x = 2^k (1 + f) with 1 + f between √½ and √2: gives f, k, and k with the bias in the low bits. For normal numbers.
#[inline(always)]
fn split(x: Real) -> (Real, Real, Bits) {
    let bits = x.to_bits().wrapping_add((1.0 as Real).to_bits() - SQRT_HALF.to_bits());
    let exponent = bits >> MANTISSA;
    let k = Real::from_bits(exponent | MAGIC.to_bits()) - (MAGIC + BIAS as Real);
    let f = Real::from_bits((bits & ((1 << MANTISSA) - 1)) + SQRT_HALF.to_bits()) - 1.0;
    (f, k, exponent)
}

/// The same for denormal numbers too, without the bits.
#[inline(always)]
pub(super) fn split_any(x: Real) -> (Real, Real) {
    let small = x < Real::MIN_POSITIVE;
    let (f, k, _) = split(if small { x * MAGIC } else { x });
    (f, k - if small { MANTISSA as Real } else { 0.0 })
}

/// ln(1 + f) = f - h + s (h + p): gives h = f²/2, s and p.
#[inline(always)]
fn series<const FMA: bool>(f: Real) -> (Real, Real, Real) {
    let s = f / (2.0 + f);
    let z = s * s;
    (0.5 * f * f, s, z * polynomial::<FMA, _>(z, LN))
}

/// k ln 2 + ln(1 + f) + low.
#[inline(always)]
fn compose<const FMA: bool>(f: Real, k: Real, low: Real) -> Real {
    let (h, s, p) = series::<FMA>(f);
    k * LN2_HIGH - ((h - fma::<FMA>(s, h + p, fma::<FMA>(k, LN2_LOW, low))) - f)
}

/// The logarithm's value where x is not a positive finite number.
#[inline(always)]
pub(super) fn at_the_edges(x: Real, value: Real) -> Real {
    let value = if x < Real::INFINITY { value } else { x };
    let value = if x >= 0.0 { value } else { Real::NAN };
    if x == 0.0 { Real::NEG_INFINITY } else { value }
}

#[inline(always)]
pub(crate) fn ln<const FMA: bool>(x: Real) -> Real {
    let (f, k) = split_any(x);
    at_the_edges(x, compose::<FMA>(f, k, 0.0))
}

/// ln(1 + f) as the sum of a number with half the bits, whose products are exact, and a rest.
#[inline(always)]
fn halves<const FMA: bool>(f: Real) -> (Real, Real) {
    let (h, s, p) = series::<FMA>(f);
    let high = leading(f - h);
    (high, fma::<FMA>(s, h + p, (f - high) - h))
}

/// ln x in two parts, which have a few bits more than one number. Where it is not finite, the second has no meaning.
#[inline(always)]
pub(super) fn ln_parts<const FMA: bool>(x: Real) -> (Real, Real) {
    let (f, k) = split_any(x);
    let (_, s, p) = series::<FMA>(f);
    let (h, h_low) = product::<FMA>(0.5 * f, f);
    let high = leading(f - h);
    let low = fma::<FMA>(s, h + p, ((f - high) - h) - h_low);
    let (high, lost) = sum(k * LN2_HIGH, high);
    let low = lost + fma::<FMA>(k, LN2_LOW, low);
    let value = high + low;
    (at_the_edges(x, value), (high - value) + low)
}

/// (high + low) of ln(1 + f) times a constant in two parts, plus whole (exact) and its rest.
#[inline(always)]
fn to_base<const FMA: bool>(f: Real, constant: (Real, Real), whole: Real, rest: Real) -> Real {
    let (high, low) = halves::<FMA>(f);
    let product = high * constant.0;
    let sum = whole + product;
    let lost = (whole - sum) + product;
    sum + (lost + fma::<FMA>(low, constant.0, fma::<FMA>(high + low, constant.1, rest)))
}

#[inline(always)]
pub(crate) fn log2<const FMA: bool>(x: Real) -> Real {
    let (f, k) = split_any(x);
    at_the_edges(x, to_base::<FMA>(f, (LOG2_E_HIGH, LOG2_E_LOW), k, 0.0))
}

#[inline(always)]
pub(crate) fn log10<const FMA: bool>(x: Real) -> Real {
    let (f, k) = split_any(x);
    at_the_edges(x, to_base::<FMA>(f, (LOG10_E_HIGH, LOG10_E_LOW), k * LOG10_2_HIGH, k * LOG10_2_LOW))
}

/// ln(u + c) for a normal u and a c of the size of its last bit.
#[inline(always)]
pub(super) fn ln_of_sum<const FMA: bool>(u: Real, c: Real) -> Real {
    ln_of_multiple::<FMA>(u, c, 0.0)
}

/// ln(2^power (u + c)), likewise.
#[inline(always)]
pub(super) fn ln_of_multiple<const FMA: bool>(u: Real, c: Real, power: Real) -> Real {
    let (m, k, exponent) = split(u);
    // c 2^-k. Where 2^-k is out of range, c is far below the last bit.
    let scaled = c * Real::from_bits((2 * BIAS).wrapping_sub(exponent) << MANTISSA);
    let scaled = if u < MAGIC * MAGIC { scaled } else { 0.0 };
    let f = m + scaled;
    compose::<FMA>(f, k + power, (m - f) + scaled)
}

#[inline(always)]
pub(crate) fn ln_1p<const FMA: bool>(x: Real) -> Real {
    let (u, c) = sum(1.0, x);
    let value = ln_of_sum::<FMA>(u, c);
    let value = if x < Real::INFINITY { value } else { x };
    let value = if x >= -1.0 { value } else { Real::NAN };
    let value = if x == -1.0 { Real::NEG_INFINITY } else { value };
    value.copysign(x)
}

/// max(x, 0) + ln(1 + e^-|x|).
#[inline(always)]
pub(crate) fn softplus<const FMA: bool>(x: Real) -> Real {
    let (e, rest) = decay::<FMA>(x).parts::<FMA>();
    let u = 1.0 + e;
    // A NaN is kept here: the logarithm takes numbers apart.
    let positive = if x <= 0.0 { 0.0 } else { x };
    positive + ln_of_sum::<FMA>(u, ((1.0 - u) + e) + rest)
}
