//! The logarithm of the gamma function and its first two derivatives, for x >= 0. Negative arguments and higher
//! derivatives are computed number by number, in `kernels::special`.
//!
//! From 4 on by Stirling's series. Below, a polynomial in t = (y - 2)/(y + 2) for y from 1 to 4, where y is x or x + 1,
//! with the zeros of the function as factors, so that it is right there too.

use super::Real;
use super::coefficients::{
    DIGAMMA, DIGAMMA_FAR, DIGAMMA_REST, DIGAMMA_ROOT, DIGAMMA_ROOT_ERROR, HALF_LN_TWO_PI, LGAMMA, LGAMMA_REST,
    STIRLING, TRIGAMMA, TRIGAMMA_FAR, TRIGAMMA_REST,
};
use super::logarithm::ln_parts;
use super::number::{fma, polynomial, polynomial_parts, product, quotient, sum};

/// Where Stirling's series begins.
const FAR: Real = 4.0;

/// Whether gamma functions of the number are left to `special`, which reflects it.
#[inline(always)]
pub(crate) fn is_left(x: Real) -> bool {
    x < 0.0
}

/// y - 1, which is exact, y - 2 in two parts, and t: for y = x + 1 below 1 and y = x above. The sum x + 1 is never
/// formed, so that a small x keeps its bits.
#[inline(always)]
fn shifted(x: Real) -> (Real, (Real, Real), Real) {
    let below = x < 1.0;
    let above_one = if below { x } else { x - 1.0 };
    let above_two = sum(x, if below { -1.0 } else { -2.0 });
    let t = above_two.0 / (x + if below { 3.0 } else { 2.0 });
    (above_one, above_two, t)
}

/// (a + a_low)(b + b_low) in two parts.
#[inline(always)]
fn times<const FMA: bool>((a, a_low): (Real, Real), (b, b_low): (Real, Real)) -> (Real, Real) {
    let (p, lost) = product::<FMA>(a, b);
    (p, fma::<FMA>(a, b_low, fma::<FMA>(a_low, b, lost)))
}

/// 1/x in two parts. Where one of the two is 0 or infinite, the second part is 0.
#[inline(always)]
fn reciprocal<const FMA: bool>(x: Real) -> (Real, Real) {
    let r = 1.0 / x;
    let (back, lost) = product::<FMA>(r, x);
    let low = ((1.0 - back) - lost) * r;
    (r, if low.abs() < Real::INFINITY { low } else { 0.0 })
}

/// The first part alone where it is infinite.
#[inline(always)]
fn rounded(high: Real, low: Real) -> Real {
    if high.abs() < Real::INFINITY { high + low } else { high }
}

/// `near`, and `less` less where x is below 1.
#[inline(always)]
fn less_below_one(x: Real, (near, near_low): (Real, Real), less: (Real, Real)) -> (Real, Real) {
    let (less, less_low) = if x < 1.0 { less } else { (0.0, 0.0) };
    let (near, lost) = sum(near, -less);
    (near, lost + (near_low - less_low))
}

/// The series far out, or what holds below.
#[inline(always)]
fn chosen(x: Real, far: (Real, Real), near: (Real, Real)) -> Real {
    let (number, low) = if x >= FAR { far } else { near };
    rounded(number, low)
}

/// From 4 on x (ln x - 1) - ln(x)/2 + ln(2π)/2 + p(1/x²)/x. Below, (y - 1)(y - 2) p(t), and less ln x below 1.
#[inline(always)]
pub(crate) fn lgamma<const FMA: bool>(x: Real) -> Real {
    let (ln, ln_low) = ln_parts::<FMA>(x);

    let inverse = 1.0 / x;
    let series = inverse * polynomial::<FMA, _>(inverse * inverse, STIRLING);
    // ln x - 1 is exact.
    let (far, far_low) = times::<FMA>((x, 0.0), (ln - 1.0, ln_low));
    let far_low = far_low + fma::<FMA>(-0.5, ln, HALF_LN_TWO_PI + series);

    let (above_one, above_two, t) = shifted(x);
    let zeros = times::<FMA>((above_one, 0.0), above_two);
    let (near, near_low) = times::<FMA>(zeros, polynomial_parts::<FMA, _>(t, LGAMMA, LGAMMA_REST));
    chosen(x, (far, far_low), less_below_one(x, (near, near_low), (ln, ln_low)))
}

/// ψ, from 4 on ln x - 1/(2x) - p(1/x²)/x². Below, (y - ρ) p(t) with the root ρ, and less 1/x below 1.
#[inline(always)]
pub(crate) fn digamma<const FMA: bool>(x: Real) -> Real {
    let (far, ln_low) = ln_parts::<FMA>(x);
    let (inverse, inverse_low) = reciprocal::<FMA>(x);
    let z = inverse * inverse;
    let far_low = ln_low - fma::<FMA>(z, polynomial::<FMA, _>(z, DIGAMMA_FAR), 0.5 * inverse);

    let (above_one, _, t) = shifted(x);
    let (from_root, lost) = sum(above_one, -DIGAMMA_ROOT);
    let from_root = (from_root, lost - DIGAMMA_ROOT_ERROR);
    let (near, near_low) = times::<FMA>(from_root, polynomial_parts::<FMA, _>(t, DIGAMMA, DIGAMMA_REST));
    chosen(x, (far, far_low), less_below_one(x, (near, near_low), (inverse, inverse_low)))
}

/// ψ', from 4 on 1/x + 1/(2x²) + p(1/x²)/x³. Below, p(t)/y, and 1/x² more below 1.
#[inline(always)]
pub(crate) fn trigamma<const FMA: bool>(x: Real) -> Real {
    let inverse = reciprocal::<FMA>(x);
    let (square, square_low) = times::<FMA>(inverse, inverse);
    let (far, far_low) = inverse;
    let far_low = far_low + square * fma::<FMA>(far, polynomial::<FMA, _>(square, TRIGAMMA_FAR), 0.5);

    let (_, _, t) = shifted(x);
    let y = sum(x, if x < 1.0 { 1.0 } else { 0.0 });
    let (near, near_low) = quotient::<FMA>(polynomial_parts::<FMA, _>(t, TRIGAMMA, TRIGAMMA_REST), y);
    let (more, more_low) = (if x < 1.0 { square } else { 0.0 }, if x < 1.0 { square_low } else { 0.0 });
    let (near, near_lost) = sum(more, near);
    let near_low = near_lost + (near_low + more_low);
    chosen(x, (far, far_low), (near, near_low))
}
