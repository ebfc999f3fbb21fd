//! The logistic function and the activations that are x times something of its shape: silu, mish, GELU's tanh form.
//!
//! All are written with the decaying one of e^x and e^-x, so that nothing overflows and neither tail cancels.

use super::coefficients::{GELU_CUBIC, GELU_CUBIC_ERROR, GELU_LINEAR, GELU_LINEAR_ERROR};
use super::exponential::{SMALL, power, times_power};
use super::number::{fma, limit, product, sum};
use super::{DECAY_ZERO, EXP_ZERO, Real};

const FINITE: Real = -DECAY_ZERO;

#[inline(always)]
pub(crate) fn sigmoid<const FMA: bool>(x: Real) -> Real {
    let a = -x.abs();
    let e = times_power::<FMA, SMALL>(1.0, if a < EXP_ZERO { EXP_ZERO } else { a });
    let w = e / (1.0 + e);
    let y = if x < 0.0 { e } else { 1.0 };
    fma::<FMA>(-y, w, y)
}

/// x sigmoid(v + low), for v with the sign of x.
#[inline(always)]
fn gated<const FMA: bool>(x: Real, v: Real, low: Real) -> Real {
    let negative = v < 0.0;
    let x = limit(x, DECAY_ZERO, Real::INFINITY);
    let decay = power::<FMA, SMALL>(limit(-v.abs(), DECAY_ZERO, 0.0), if negative { low } else { -low });
    let numerator = if negative { decay.times_parts::<FMA>(x, 0.0) } else { x };
    let (e, rest) = decay.parts::<FMA>();
    let d = 1.0 + e;
    let q = numerator / d;
    // What the rounding of 1 + e has lost, over d. For that a line is near enough to 1/d, and q may be infinite.
    let lost = (((1.0 - d) + e) + rest) * fma::<FMA>(-0.5, d, 1.457);
    fma::<FMA>(-limit(q, -FINITE, FINITE), lost, q).copysign(x)
}

#[inline(always)]
pub(crate) fn silu<const FMA: bool>(x: Real) -> Real {
    gated::<FMA>(x, x, 0.0)
}

/// x sigmoid(2u), u = √(2/π) (x + 0.044715 x³). The tail needs 2u in two parts.
#[inline(always)]
pub(crate) fn gelu_tanh<const FMA: bool>(x: Real) -> Real {
    // Beyond these the logistic function is 0 or 1.
    let b = limit(x, -30.0, 30.0);
    let (square, square_low) = product::<FMA>(b, b);
    let (cubic, cubic_low) = product::<FMA>(GELU_CUBIC, square);
    let cubic_low = fma::<FMA>(GELU_CUBIC, square_low, fma::<FMA>(GELU_CUBIC_ERROR, square, cubic_low));
    let (slope, slope_low) = sum(GELU_LINEAR, cubic);
    let slope_low = slope_low + (cubic_low + GELU_LINEAR_ERROR);
    let (v, v_low) = product::<FMA>(b, slope);
    gated::<FMA>(x, v, fma::<FMA>(b, slope_low, v_low))
}

/// x tanh(ln(1 + e^x)): for x < 0, with e = e^x, x e (1 - (e² + e)/(e² + 2e + 2)); else, with e = e^-x,
/// x (1 - 2e²/(2e² + 2e + 1)).
#[inline(always)]
pub(crate) fn mish<const FMA: bool>(x: Real) -> Real {
    let x = limit(x, DECAY_ZERO, Real::INFINITY);
    let decay = power::<FMA, SMALL>(limit(-x.abs(), DECAY_ZERO, 0.0), 0.0);
    let e = decay.times::<FMA>(1.0);
    let square = e * e;
    let negative = x < 0.0;
    let numerator = if negative { square + e } else { square + square };
    let denominator = numerator + if negative { e + 2.0 } else { (e + e) + 1.0 };
    let d = numerator / denominator;
    let y = if negative { decay.times_parts::<FMA>(x, 0.0) } else { x };
    // Where d is 0, y may be infinite.
    fma::<FMA>(-limit(y, -FINITE, FINITE), d, y).copysign(x)
}
