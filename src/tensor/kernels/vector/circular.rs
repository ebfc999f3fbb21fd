//! Functions of an angle: sin, cos, tan; and their inverses. The reduction of the angle stands where the type does.

use super::coefficients::{ASIN, ATAN, COS, QUARTER_PI, QUARTER_PI_ERROR, SIN};
use super::number::{fma, polynomial, product, quotient, root};
use super::{Bits, Real, quadrant};

/// The largest angle that sin, cos and tan reduce themselves.
const FAR: Real = 1e6;

/// Whether sin, cos and tan leave the angle to the platform's library.
#[inline(always)]
pub(crate) fn is_left(x: Real) -> bool {
    x.abs() > FAR
}

/// sin and cos of r + low, |r| <= π/4, each rounded and what its rounding lost.
#[inline(always)]
fn sin_cos_parts<const FMA: bool>(r: Real, low: Real) -> [(Real, Real); 2] {
    let z = r * r;
    let h = 0.5 * z;
    // The derivatives at r carry what the rounding of r lost.
    let tail = fma::<FMA>(r * z, polynomial::<FMA, _>(z, SIN), low - low * h);
    let sin = r + tail;
    let one = 1.0 - h;
    let rest = ((1.0 - one) - h) + fma::<FMA>(z * z, polynomial::<FMA, _>(z, COS), -(r * low));
    let cos = one + rest;
    [(sin, (r - sin) + tail), (cos, (one - cos) + rest)]
}

/// sin and cos of r + low, |r| <= π/4.
#[inline(always)]
fn sin_cos<const FMA: bool>(r: Real, low: Real) -> (Real, Real) {
    let [(sin, _), (cos, _)] = sin_cos_parts::<FMA>(r, low);
    (sin, cos)
}

/// x with its sign changed where bit 1 of n is set.
#[inline(always)]
fn turned(x: Real, n: Bits) -> Real {
    Real::from_bits(x.to_bits() ^ ((n & 2) << (Bits::BITS - 2)))
}

#[inline(always)]
pub(crate) fn sin<const FMA: bool>(x: Real) -> Real {
    let (r, low, n) = quadrant::<FMA>(x);
    let (sin, cos) = sin_cos::<FMA>(r, low);
    let value = turned(if n & 1 == 0 { sin } else { cos }, n);
    // Keeps the sign of zero.
    if x == 0.0 { x } else { value }
}

#[inline(always)]
pub(crate) fn cos<const FMA: bool>(x: Real) -> Real {
    let (r, low, n) = quadrant::<FMA>(x);
    let (sin, cos) = sin_cos::<FMA>(r, low);
    turned(if n & 1 == 0 { cos } else { sin }, n.wrapping_add(1))
}

#[inline(always)]
pub(crate) fn tan<const FMA: bool>(x: Real) -> Real {
    let (r, low, n) = quadrant::<FMA>(x);
    let [sin, cos] = sin_cos_parts::<FMA>(r, low);
    let (numerator, denominator) = if n & 1 == 0 { (sin, cos) } else { ((-cos.0, -cos.1), sin) };
    let (value, lost) = quotient::<FMA>(numerator, denominator);
    let value = value + lost;
    if x == 0.0 { x } else { value }
}

/// |x| as the tangent of the sum of 0, π/4 or π/2 and an angle of at most π/8.
#[inline(always)]
pub(crate) fn atan<const FMA: bool>(x: Real) -> Real {
    // tan(π/8) and tan(3π/8).
    const INNER: Real = (std::f64::consts::SQRT_2 - 1.0) as Real;
    const OUTER: Real = (std::f64::consts::SQRT_2 + 1.0) as Real;
    let a = x.abs();
    let (numerator, denominator) = if a > INNER { (a - 1.0, a + 1.0) } else { (a, 1.0) };
    let (numerator, denominator) = if a > OUTER { (-1.0, a) } else { (numerator, denominator) };
    let quarters = if a > INNER { 1.0 } else { 0.0 };
    let quarters = if a > OUTER { 2.0 } else { quarters };
    let t = numerator / denominator;
    let z = t * t;
    let tail = fma::<FMA>(t * z, polynomial::<FMA, _>(z, ATAN), quarters * QUARTER_PI_ERROR);
    (quarters * QUARTER_PI + (tail + t)).copysign(x)
}

/// The angle of the point (x, y). |y|/|x| as the tangent of a sum as in `atan`, and π less that where x is negative.
#[inline(always)]
pub(crate) fn atan2<const FMA: bool>(y: Real, x: Real) -> Real {
    const INNER: Real = (std::f64::consts::SQRT_2 - 1.0) as Real;
    const OUTER: Real = (std::f64::consts::SQRT_2 + 1.0) as Real;
    const BIG: Real = Real::MAX / 4.0;
    let (a, c) = (y.abs(), x.abs());
    // So that their sum is finite.
    let scale = if (a > BIG) | (c > BIG) { 0.25 } else { 1.0 };
    let (a, c) = (a * scale, c * scale);
    // Infinities stand for equal numbers, and zeros for (0, 1).
    let equal = (a == Real::INFINITY) & (c == Real::INFINITY);
    let (a, c) = if equal { (1.0, 1.0) } else { (a, c) };
    let c = if (a == 0.0) & (c == 0.0) { 1.0 } else { c };
    let (numerator, denominator) = if a > INNER * c { (a - c, a + c) } else { (a, c) };
    let (numerator, denominator) = if a > OUTER * c { (-c, a) } else { (numerator, denominator) };
    let quarters = if a > INNER * c { 1.0 } else { 0.0 };
    let quarters = if a > OUTER * c { 2.0 } else { quarters };
    let t = numerator / denominator;
    let back = x.is_sign_negative();
    let (t, quarters) = (if back { -t } else { t }, if back { 4.0 - quarters } else { quarters });
    let z = t * t;
    // Three quarters are not exact.
    let (whole, lost) = product::<FMA>(quarters, QUARTER_PI);
    let low = fma::<FMA>(quarters, QUARTER_PI_ERROR, lost);
    let tail = fma::<FMA>(t * z, polynomial::<FMA, _>(z, ATAN), low);
    (whole + (tail + t)).copysign(y)
}

/// The arc sine of s, for 0 <= s <= 1/2, in two parts: s, and what is missing, from s² and what s lacks to its root.
#[inline(always)]
fn asin_tail<const FMA: bool>(s: Real, square: Real, lacks: Real) -> Real {
    fma::<FMA>(s * square, polynomial::<FMA, _>(square, ASIN), lacks)
}

/// `quarters` π/4 - (a + low).
#[inline(always)]
fn away_from(quarters: Real, a: Real, low: Real) -> Real {
    let whole = quarters * QUARTER_PI;
    let difference = whole - a;
    difference + (((whole - difference) - a) + (quarters * QUARTER_PI_ERROR - low))
}

/// asin(a) for a up to 1/2; above it is π/2 - 2 asin(√((1 - a)/2)).
#[inline(always)]
pub(crate) fn asin<const FMA: bool>(x: Real) -> Real {
    let a = x.abs();
    let near = a + asin_tail::<FMA>(a, a * a, 0.0);
    let z = 0.5 * (1.0 - a);
    let (s, lacks) = root::<FMA>(z, 0.0);
    let far = away_from(2.0, s + s, 2.0 * asin_tail::<FMA>(s, z, lacks));
    (if a <= 0.5 { near } else { far }).copysign(x)
}

/// π/2 - asin(x) for |x| up to 1/2; above it is 2 asin(√((1 - x)/2)), and below π less that of -x.
#[inline(always)]
pub(crate) fn acos<const FMA: bool>(x: Real) -> Real {
    let a = x.abs();
    let near = away_from(2.0, x, asin_tail::<FMA>(x, x * x, 0.0));
    let z = 0.5 * (1.0 - a);
    let (s, lacks) = root::<FMA>(z, 0.0);
    let low = 2.0 * asin_tail::<FMA>(s, z, lacks);
    let far = if x > 0.0 { (s + s) + low } else { away_from(4.0, s + s, low) };
    if a <= 0.5 { near } else { far }
}
