//! The vector mathematics of f64: what the type is, and how its angles are reduced.
//! The functions are compiled from the texts that `single` shares.

use super::coefficients::{HALF_PI, LN_FIFTH, double as coefficients};
use coefficients::{LN2_HIGH, LN2_LOW};
use number::{fma, polynomial, product, sum};

pub(super) type Real = f64;
pub(super) type Bits = u64;

/// Bits of the mantissa that are stored, and the bias of the exponent.
const MANTISSA: u32 = f64::MANTISSA_DIGITS - 1;
const BIAS: Bits = 1023;
/// Leaves the leading 26 bits of a mantissa: products of two such numbers are exact.
const LEADING: Bits = 0xffff_ffff_f800_0000;
/// Added to a number it leaves the nearest whole number in the low bits.
const SHIFT: Real = 6_755_399_441_055_744.0;
/// e^x is 0 below and infinite above.
const EXP_ZERO: Real = -746.0;
const EXP_INFINITE: Real = 710.5;
/// x e^x is 0 below, x exp(-x²/2) above, and exp(-x²) above.
const DECAY_ZERO: Real = -753.0;
const GELU_ZERO: Real = 38.8;
const ERFC_ZERO: Real = 27.4;
/// tanh, erf and the logistic function are 1 above.
const TANH_ONE: Real = 19.1;
const ERF_ONE: Real = 5.95;
/// Numbers from 2 to the power of the first on, and below that of the negative second, are divided or multiplied by the
/// others before they are squared.
const SQUARES: [Bits; 4] = [500, 450, 600, 700];

#[path = "circular.rs"]
pub(super) mod circular;
#[path = "exponential.rs"]
pub(super) mod exponential;
#[path = "gamma.rs"]
pub(super) mod gamma;
#[path = "gaussian.rs"]
pub(super) mod gaussian;
#[path = "hyperbolic.rs"]
pub(super) mod hyperbolic;
#[path = "logarithm.rs"]
pub(super) mod logarithm;
#[path = "logistic.rs"]
pub(super) mod logistic;
#[path = "number.rs"]
mod number;
#[path = "powers.rs"]
pub(super) mod powers;

/// x = n π/2 + r + low, |r| <= π/4: gives r, low, n. Right for |x| up to `circular::FAR`.
///
/// Cody and Waite's reduction: products of n with the first three parts of π/2 are exact, so that fusing changes no
/// bit, and what the differences lose is kept. The fourth part serves the few numbers that are nearest to a multiple
/// of π/2.
#[inline(always)]
fn quadrant<const FMA: bool>(x: Real) -> (Real, Real, Bits) {
    let shifted = fma::<FMA>(x, std::f64::consts::FRAC_2_PI, SHIFT);
    let n = shifted - SHIFT;
    let first = fma::<FMA>(-n, HALF_PI[0], x);
    let second = fma::<FMA>(-n, HALF_PI[1], first);
    let third = fma::<FMA>(-n, HALF_PI[2], second);
    let lost = fma::<FMA>(-n, HALF_PI[1], first - second) + fma::<FMA>(-n, HALF_PI[2], second - third);
    let low = fma::<FMA>(-n, HALF_PI[3], lost);
    let r = third + low;
    (r, (third - r) + low, shifted.to_bits())
}

/// a^z for a >= 0. The logarithm is computed to 65 bits and more, since z takes up to ten of them to the exponent:
/// ln(1 + f) = 2s + s³ (2/3 + 2/5 s² + ...) with s = f/(2 + f), all in two parts but what follows 2/3.
#[inline(always)]
fn raised<const FMA: bool>(a: Real, z: Real) -> Real {
    const TWO_THIRDS: Real = 2.0 / 3.0;
    const TWO_THIRDS_ERROR: Real = Real::EPSILON / 6.0;
    let (f, k) = logarithm::split_any(a);
    let (d, d_low) = sum(2.0, f);
    let s = f / d;
    let (back, back_low) = product::<FMA>(s, d);
    let s_low = fma::<FMA>(-s, d_low, (f - back) - back_low) / d;
    let (square, square_low) = product::<FMA>(s, s);
    let square_low = fma::<FMA>(2.0 * s, s_low, square_low);
    let (cube, cube_low) = product::<FMA>(s, square);
    let cube_low = fma::<FMA>(s, square_low, fma::<FMA>(s_low, square, cube_low));
    let (c, c_low) = sum(TWO_THIRDS, square * polynomial::<FMA, _>(square, LN_FIFTH));
    let (tail, tail_low) = product::<FMA>(cube, c);
    let tail_low = fma::<FMA>(cube, c_low + TWO_THIRDS_ERROR, fma::<FMA>(cube_low, c, tail_low));
    let (high, first_low) = sum(k * LN2_HIGH, 2.0 * s);
    let (high, second_low) = sum(high, tail);
    let low = first_low + second_low + fma::<FMA>(k, LN2_LOW, fma::<FMA>(2.0, s_low, tail_low));
    let (high, low) = sum(high, low);
    let high = logarithm::at_the_edges(a, high);
    let (power, power_low) = product::<FMA>(z, high);
    let in_range = (power > EXP_ZERO) & (power < EXP_INFINITE);
    let power_low = if in_range { fma::<FMA>(z, low, power_low) } else { 0.0 };
    let power = number::limit(power, EXP_ZERO, EXP_INFINITE);
    exponential::power::<FMA, { exponential::ANY }>(power, power_low).times::<FMA>(1.0)
}
