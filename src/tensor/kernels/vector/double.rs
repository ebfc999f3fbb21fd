//! The vector mathematics of f64: what the type is, and how its angles are reduced.
//! The functions are compiled from the texts that `single` shares.

use super::coefficients::{HALF_PI, double as coefficients};
use number::fma;

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

#[path = "circular.rs"]
pub(super) mod circular;
#[path = "exponential.rs"]
pub(super) mod exponential;
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

/// x = n π/2 + r + low, |r| <= π/4: gives r, low, n. Right for |x| up to `FAST_RANGE`.
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
