//! The integral of the normal density: erf, erfc, and GELU, x times it.

use super::coefficients::{
    ERF_FAR, ERF_NEAR, ERFCX, ERFCX_CENTER, ERFCX_REST, GELU_NEAR, MILLS, MILLS_CENTER, MILLS_REST,
};
use super::exponential::{SMALL, power};
use super::number::{fma, limit, polynomial, polynomial_parts, product, quotient};
use super::{ERF_ONE, ERFC_ZERO, GELU_ZERO, Real};

/// As x + x p(x²) near 0, and as 1 - exp(-p(|x|)).
#[inline(always)]
pub(crate) fn erf<const FMA: bool>(x: Real) -> Real {
    let a = x.abs();
    let near = fma::<FMA>(a, polynomial::<FMA, _>(a * a, ERF_NEAR), a);
    let b = limit(a, 0.75, ERF_ONE) - 0.75;
    let far = 1.0 - power::<FMA, SMALL>(-polynomial::<FMA, _>(b, ERF_FAR), 0.0).times::<FMA>(1.0);
    (if a < 0.75 { near } else { far }).copysign(x)
}

/// 1 - x - x p(x²) near 0, and exp(-x²) p(t)/(x + 1/2), with a p that is nearly constant. The variable t is that of
/// Shepherd and Laframboise, 1981.
#[inline(always)]
pub(crate) fn erfc<const FMA: bool>(x: Real) -> Real {
    let a = limit(x.abs(), 0.0, ERFC_ZERO);
    let (square, low) = product::<FMA>(a, a);
    let near = (1.0 - a) - a * polynomial::<FMA, _>(square, ERF_NEAR);
    let p = polynomial_parts::<FMA, _>((a - ERFCX_CENTER) / (a + ERFCX_CENTER), ERFCX, ERFCX_REST);
    let d = a + 0.5;
    let (q, q_low) = quotient::<FMA>(p, (d, (a - d) + 0.5));
    let far = power::<FMA, SMALL>(-square, -low).times_parts::<FMA>(q, q_low);
    let value = if a < 0.5 { near } else { far };
    if x < 0.0 { 2.0 - value } else { value }
}

/// max(x, 0) - |x| Φ(-|x|), which keeps the tail: near 0 as 1/2 - x p(x²), then as exp(-x²/2) p(t)/(x + 3/4).
#[inline(always)]
pub(crate) fn gelu<const FMA: bool>(x: Real) -> Real {
    let a = limit(x.abs(), 0.0, GELU_ZERO);
    let (square, low) = product::<FMA>(a, a);
    let near = a * fma::<FMA>(-a, polynomial::<FMA, _>(square, GELU_NEAR), 0.5);
    let (p, p_low) = polynomial_parts::<FMA, _>((a - MILLS_CENTER) / (a + MILLS_CENTER), MILLS, MILLS_REST);
    let (n, n_low) = product::<FMA>(a, p);
    let d = a + 0.75;
    let (q, q_low) = quotient::<FMA>((n, fma::<FMA>(a, p_low, n_low)), (d, (a - d) + 0.75));
    let far = power::<FMA, SMALL>(-0.5 * square, -0.5 * low).times_parts::<FMA>(q, q_low);
    let positive = if x <= 0.0 { 0.0 } else { x };
    (positive - if a < 0.55 { near } else { far }).copysign(x)
}
