//! The logistic function and the activations that are x times something of its shape: silu, mish, GELU's tanh form.
//!
//! All are written with the decaying one of e^x and e^-x, so that nothing overflows and neither tail cancels.

use super::coefficients::{GELU_CUBIC, GELU_CUBIC_ERROR, GELU_LINEAR, GELU_LINEAR_ERROR};
use super::exponential::{Power, SMALL, power, times_power};
use super::number::{fma, limit, product, quotient, sum};
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
    let (e, rest) = decay.parts::<FMA>();
    let d = 1.0 + e;
    let factor = quotient::<FMA>((1.0, 0.0), (d, ((1.0 - d) + e) + rest));
    times_factor::<FMA>(x, factor, negative, &decay)
}

/// x times a factor in two parts, and for negative numbers times the decaying exponential.
#[inline(always)]
fn times_factor<const FMA: bool>(x: Real, factor: (Real, Real), negative: bool, decay: &Power<SMALL>) -> Real {
    let (y, lost) = product::<FMA>(x, factor.0);
    // A positive x may be infinite.
    let lost = if x < FINITE { lost } else { 0.0 };
    let low = fma::<FMA>(limit(x, -FINITE, FINITE), factor.1, lost);
    (if negative { decay.times_parts::<FMA>(y, low) } else { y + low }).copysign(x)
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

/// x tanh(ln(1 + e^x)): for x < 0, with e = e^x, x e (2 + e)/(2 + e + (e + e²)); else, with e = e^-x,
/// x (1 + 2e)/(1 + 2e + 2e²).
#[inline(always)]
pub(crate) fn mish<const FMA: bool>(x: Real) -> Real {
    let x = limit(x, DECAY_ZERO, Real::INFINITY);
    let decay = power::<FMA, SMALL>(limit(-x.abs(), DECAY_ZERO, 0.0), 0.0);
    let (e, rest) = decay.parts::<FMA>();
    let negative = x < 0.0;
    let (one, slope) = if negative { (2.0, 1.0) } else { (1.0, 2.0) };
    let (n, n_low) = sum(one, slope * e);
    let n_low = fma::<FMA>(slope, rest, n_low);
    let more = if negative { fma::<FMA>(e, e, e) } else { 2.0 * e * e };
    let d = n + more;
    let d_low = ((n - d) + more) + n_low;
    let factor = quotient::<FMA>((n, n_low), (d, d_low));
    times_factor::<FMA>(x, factor, negative, &decay)
}
