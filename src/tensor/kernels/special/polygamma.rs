//! The digamma function and its derivatives, for f64: the slopes of `lgamma`.
//! The f32 versions and the documentation of accuracy are in the parent module.

use std::f64::consts::PI;

use super::{lgamma::lgamma, polynomial};

/// ψ⁽ⁿ⁾(x), the n-th derivative of the digamma function.
pub(super) fn polygamma(n: i32, x: f64) -> f64 {
    if n < 0 || x.is_nan() || x == f64::NEG_INFINITY {
        return f64::NAN;
    }
    if n == 0 {
        return digamma(x);
    }
    let even = n % 2 == 0;
    // (-1)ⁿ⁺¹, the sign of ψ⁽ⁿ⁾ for positive arguments and right of every pole.
    let sign = if even { -1.0 } else { 1.0 };
    if x > 0.0 {
        return sign * factorial_over_power(n, x) * hurwitz(n, x, x);
    }
    let distance = x - x.round();
    if distance == 0.0 {
        return sign * f64::INFINITY;
    }
    // ψ⁽ⁿ⁾(x) = (-1)ⁿ⁺¹ n! Σ 1/(x + k)ⁿ⁺¹ over all k >= 0. Cut where x + k becomes positive, and written with the
    // missing terms of the left part, the sum is three Hurwitz zeta functions of positive arguments.
    let near = distance.abs();
    let far = 1.0 - near;
    let (right, left) = if distance > 0.0 { (near, far) } else { (far, near) };
    let right = hurwitz(n, right, near);
    let left = hurwitz(n, left, near) - hurwitz(n, 1.0 - x, near);
    sign * factorial_over_power(n, near) * if even { right - left } else { right + left }
}

/// The positive zero of ψ, and the part of it that the constant cuts off.
const ROOT: f64 = 1.4616321449683622;
const ROOT_REST: f64 = 9.549995429965697e-17;
/// ψ⁽ᵏ⁾/k! at the root, k = 1, 2, ..: the Taylor series around it, computed in 60 digits.
const NEAR_ROOT: [f64; 19] = [
    0.9676722454476212,
    -0.4427631689835921,
    0.258499760955651,
    -0.16394270544240652,
    0.10782405069126237,
    -0.07219956125645471,
    0.04880428816414311,
    -0.03316112647484736,
    0.022597648232218104,
    -0.01542476590494896,
    0.010538791616612175,
    -0.007204534386356869,
    0.004926781395729853,
    -0.003369801655439328,
    0.002305126326734928,
    -0.0015769367714301972,
    0.0010788252019162967,
    -0.0007380709389960052,
    0.000504953265834602,
];

/// B₂ⱼ/(2j), j = 1, 2, ..: Abramowitz and Stegun, "Handbook of Mathematical Functions", 6.3.18.
const DIGAMMA_SERIES: [f64; 8] =
    [1.0 / 12.0, -1.0 / 120.0, 1.0 / 252.0, -1.0 / 240.0, 1.0 / 132.0, -691.0 / 32760.0, 1.0 / 12.0, -3617.0 / 8160.0];

fn digamma(x: f64) -> f64 {
    if x > 0.0 {
        return digamma_positive(x);
    }
    if x == 0.0 {
        return f64::INFINITY.copysign(-x);
    }
    let distance = x - x.round();
    if distance == 0.0 {
        return f64::NAN;
    }
    // The reflection ψ(1 - x) - ψ(x) = π cot πx. The distance to the nearest pole is exact.
    digamma_positive(1.0 - x) - PI / (PI * distance).tan()
}

fn digamma_positive(x: f64) -> f64 {
    let from_root = (x - ROOT) - ROOT_REST;
    if from_root.abs() < 0.2 {
        return from_root * polynomial(from_root, &NEAR_ROOT);
    }
    // ψ(x) = ψ(x + 1) - 1/x, eight times at most.
    let mut a = x;
    let mut below = 0.0;
    while a < 8.0 {
        below += 1.0 / a;
        a += 1.0;
    }
    let inverse = 1.0 / a;
    let square = inverse * inverse;
    a.ln() - 0.5 * inverse - square * polynomial(square, &DIGAMMA_SERIES) - below
}

/// n! / xⁿ for x > 0.
fn factorial_over_power(n: i32, x: f64) -> f64 {
    if n <= 20 {
        let factorial: f64 = (2..=n).map(f64::from).product();
        factorial * (1.0 / x).powi(n)
    } else {
        // Each of the two may leave the range of numbers while the quotient does not.
        let n = f64::from(n);
        (lgamma(n + 1.0) - n * x.ln()).exp()
    }
}

/// B₂ⱼ/(2j)!, j = 1, 2, ..: the constants of the Euler-Maclaurin sum.
const EULER_MACLAURIN: [f64; 10] = [
    1.0 / 12.0,
    -1.0 / 720.0,
    1.0 / 30240.0,
    -1.0 / 1209600.0,
    1.0 / 47900160.0,
    -691.0 / 1307674368000.0,
    1.0 / 74724249600.0,
    -3617.0 / 10670622842880000.0,
    43867.0 / 5109094217170944000.0,
    -174611.0 / 802857662698291200000.0,
];

/// scaleⁿ ζ(n + 1, q) for n >= 1 and q >= `scale` > 0, where ζ(s, q) = Σ 1/(q + k)ˢ over all k >= 0 is the Hurwitz
/// zeta function. Without the scale, a moderate value could be the product of two numbers out of range.
///
/// The first terms are added as they are, and the rest is the Euler-Maclaurin sum (NIST DLMF 25.11.5).
fn hurwitz(n: i32, q: f64, scale: f64) -> f64 {
    if q == f64::INFINITY {
        return 0.0;
    }
    let order = f64::from(n);
    let mut a = q;
    let mut sum = 0.0;
    // Ten terms of the series give all bits from a = 8 + n on. For a large n the terms before that are many, but they
    // fall below the last bit after 40 at most.
    while a < 8.0 + order {
        let inverse = 1.0 / a;
        let term = (scale * inverse).powi(n) * inverse;
        sum += term;
        // Not `<`: all terms may underflow.
        if term * a <= 1e-17 * sum {
            return sum;
        }
        a += 1.0;
    }
    let inverse = 1.0 / a;
    let square = inverse * inverse;
    let mut rising = (order + 1.0) * square;
    let mut rest = 1.0 / order + 0.5 * inverse;
    let mut next = order + 2.0;
    for constant in EULER_MACLAURIN {
        rest += constant * rising;
        rising *= next * (next + 1.0) * square;
        next += 2.0;
    }
    sum + (scale * inverse).powi(n) * rest
}
