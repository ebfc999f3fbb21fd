//! Hyperbolic functions: sinh, cosh, tanh; and their inverses.

use super::coefficients::{ASINH, LN, SINH, TANH};
use super::exponential::{ANY, NORMAL, power, times_power};
use super::logarithm::{ln_of_multiple, ln_of_sum};
use super::number::{fma, limit, polynomial, product, root, sum};
use super::{EXP_INFINITE, MANTISSA, Real, TANH_ONE};

#[inline(always)]
pub(crate) fn tanh<const FMA: bool>(x: Real) -> Real {
    let a = x.abs();
    let z = a * a;
    let near = fma::<FMA>(a * z, polynomial::<FMA, _>(z, TANH), a);
    let b = if a > TANH_ONE { TANH_ONE } else { a };
    let far = 1.0 - 2.0 / (times_power::<FMA, NORMAL>(1.0, b + b) + 1.0);
    (if a < 0.55 { near } else { far }).copysign(x)
}

/// e^|x|/2, and e^-|x|/2 as its reciprocal.
#[inline(always)]
fn halves<const FMA: bool>(a: Real) -> (Real, Real) {
    // The half of e^x is finite a little longer than e^x.
    let growing = power::<FMA, ANY>(limit(a, 0.0, EXP_INFINITE + 1.0), 0.0).times::<FMA>(0.5);
    (growing, 0.25 / growing)
}

#[inline(always)]
pub(crate) fn sinh<const FMA: bool>(x: Real) -> Real {
    let a = x.abs();
    let z = a * a;
    let near = fma::<FMA>(a * z, polynomial::<FMA, _>(z, SINH), a);
    let (growing, decaying) = halves::<FMA>(a);
    (if a < 1.0 { near } else { growing - decaying }).copysign(x)
}

#[inline(always)]
pub(crate) fn cosh<const FMA: bool>(x: Real) -> Real {
    let (growing, decaying) = halves::<FMA>(x.abs());
    growing + decaying
}

/// ln(a + √(a² + one)), for `one` 1 or -1. From 2^MANTISSA on the root is a.
#[inline(always)]
fn area<const FMA: bool>(a: Real, one: Real) -> Real {
    const LARGE: Real = (1u64 << MANTISSA) as Real;
    let b = if a > LARGE { 1.0 } else { a };
    let (square, square_low) = product::<FMA>(b, b);
    let (d, d_low) = sum(square, one);
    let (s, lacks) = root::<FMA>(d, d_low + square_low);
    let (u, low) = sum(b, s);
    let large = a > LARGE;
    let (u, low) = (if large { a } else { u }, if large { 0.0 } else { low + lacks });
    let value = ln_of_multiple::<FMA>(u, low, if large { 1.0 } else { 0.0 });
    if a < Real::INFINITY { value } else { a }
}

#[inline(always)]
pub(crate) fn asinh<const FMA: bool>(x: Real) -> Real {
    let a = x.abs();
    let z = a * a;
    let near = fma::<FMA>(a * z, polynomial::<FMA, _>(z, ASINH), a);
    (if a <= 0.5 { near } else { area::<FMA>(a, 1.0) }).copysign(x)
}

#[inline(always)]
pub(crate) fn acosh<const FMA: bool>(x: Real) -> Real {
    let value = area::<FMA>(x, -1.0);
    if x >= 1.0 { value } else { Real::NAN }
}

/// ln((1 + a)/(1 - a))/2.
#[inline(always)]
pub(crate) fn atanh<const FMA: bool>(x: Real) -> Real {
    // Up to here it is the series that a logarithm is made of: (√2 - 1)/(√2 + 1).
    const NEAR: Real = 0.171_572_87;
    let a = x.abs();
    let z = a * a;
    let near = fma::<FMA>(0.5 * a * z, polynomial::<FMA, _>(z, LN), a);
    let (n, n_low) = sum(1.0, a);
    let (d, d_low) = sum(1.0, -a);
    let q = n / d;
    let (back, back_low) = product::<FMA>(q, d);
    let lacks = (((n - back) - back_low) + fma::<FMA>(-q, d_low, n_low)) / d;
    let far = 0.5 * ln_of_sum::<FMA>(q, lacks);
    let far = if a < 1.0 { far } else { Real::NAN };
    let far = if a == 1.0 { Real::INFINITY } else { far };
    (if a <= NEAR { near } else { far }).copysign(x)
}
