//! The vector mathematics of f32: what the type is, and how its angles are reduced.
//! The functions are compiled from the texts that `double` shares.

use super::{
    coefficients::{HALF_PI, single as coefficients},
    double,
};

pub(super) type Real = f32;
pub(super) type Bits = u32;

/// Bits of the mantissa that are stored, and the bias of the exponent.
const MANTISSA: u32 = f32::MANTISSA_DIGITS - 1;
const BIAS: Bits = 127;
/// Leaves the leading 12 bits of a mantissa: products of two such numbers are exact.
const LEADING: Bits = 0xffff_f000;
/// Added to a number it leaves the nearest whole number in the low bits.
const SHIFT: Real = 12_582_912.0;
/// e^x is 0 below and infinite above.
const EXP_ZERO: Real = -104.0;
const EXP_INFINITE: Real = 89.5;
/// x e^x is 0 below, x exp(-x²/2) above, and exp(-x²) above.
const DECAY_ZERO: Real = -110.0;
const GELU_ZERO: Real = 14.6;
const ERFC_ZERO: Real = 10.3;
/// tanh, erf and the logistic function are 1 above.
const TANH_ONE: Real = 9.1;
const ERF_ONE: Real = 3.95;
/// Numbers from 2 to the power of the first on, and below that of the negative second, are divided or multiplied by the
/// others before they are squared.
const SQUARES: [Bits; 4] = [62, 45, 70, 105];

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
/// f64 has so many bits to spare that two parts of π/2 are enough. Products with the first are exact, so that fusing
/// changes no bit of the difference.
#[inline(always)]
fn quadrant<const FMA: bool>(x: Real) -> (Real, Real, Bits) {
    const SHIFT: f64 = 6_755_399_441_055_744.0;
    let fma = |a: f64, b: f64, c: f64| if FMA { a.mul_add(b, c) } else { a * b + c };
    let x = f64::from(x);
    let shifted = fma(x, std::f64::consts::FRAC_2_PI, SHIFT);
    let n = shifted - SHIFT;
    let reduced = fma(-n, HALF_PI[1] + HALF_PI[2], fma(-n, HALF_PI[0], x));
    let r = reduced as f32;
    (r, (reduced - f64::from(r)) as f32, shifted.to_bits() as Bits)
}

/// a^z for a >= 0, by f64, which has bits to spare.
#[inline(always)]
fn raised<const FMA: bool>(a: Real, z: Real) -> Real {
    let logarithm = double::logarithm::ln::<FMA>(f64::from(a));
    double::exponential::exp::<FMA>(f64::from(z) * logarithm) as Real
}
