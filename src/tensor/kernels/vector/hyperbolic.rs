//! Hyperbolic functions: sinh, cosh, tanh.

use super::coefficients::{SINH, TANH};
use super::exponential::power;
use super::number::{fma, limit, polynomial};
use super::{EXP_INFINITE, Real, TANH_ONE};

#[inline(always)]
pub(crate) fn tanh<const FMA: bool>(x: Real) -> Real {
    let a = x.abs();
    let z = a * a;
    let near = fma::<FMA>(a * z, polynomial::<FMA, _>(z, TANH), a);
    let b = limit(a, 0.0, TANH_ONE);
    let far = 1.0 - 2.0 / (power::<FMA>(b + b, 0.0).times(1.0) + 1.0);
    (if a < 0.55 { near } else { far }).copysign(x)
}

/// e^|x|/2, and e^-|x|/2 as its reciprocal.
#[inline(always)]
fn halves<const FMA: bool>(a: Real) -> (Real, Real) {
    // The half of e^x is finite a little longer than e^x.
    let growing = power::<FMA>(limit(a, 0.0, EXP_INFINITE + 1.0), 0.0).times(0.5);
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
