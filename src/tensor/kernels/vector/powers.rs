//! Powers and roots: pow, powi, cbrt, hypot; and the remainder of a quotient. What a power of a positive number is
//! stands in `single` and in `double`, as it differs between the types.

use super::coefficients::CBRT;
use super::logarithm::split_any;
use super::number::{fma, polynomial, product, root, sum, two_to};
use super::{Bits, MANTISSA, Real, SHIFT, SQUARES, raised};

/// From here on every number is whole.
const WHOLE: Real = (1 as Bits).wrapping_shl(MANTISSA) as Real;

/// |x|^z, with the sign of x where z is odd.
#[inline(always)]
pub(crate) fn pow<const FMA: bool>(x: Real, z: Real) -> Real {
    let (a, size) = (x.abs(), z.abs());
    let value = raised::<FMA>(a, z);
    // 1 to the power of an infinity is 1.
    let value = if a == 1.0 && size <= Real::INFINITY { 1.0 } else { value };
    // The addition leaves the nearest whole number in the low bits.
    let shifted = size + WHOLE;
    let is_small = size < WHOLE;
    let is_whole = !is_small | (shifted - WHOLE == size);
    let odd = if is_small { shifted } else { size }.to_bits() & 1;
    let odd = if is_whole & (size < 2.0 * WHOLE) { odd } else { 0 };
    let sign = (x.to_bits() >> (Bits::BITS - 1)) & odd;
    let value = Real::from_bits(value.to_bits() | (sign << (Bits::BITS - 1)));
    let value = if is_whole | (x >= 0.0) | (a == Real::INFINITY) { value } else { Real::NAN };
    if (z == 0.0) | (x == 1.0) { 1.0 } else { value }
}

/// x^n for |n| below 2^BITS, by squares, as the standard library does: with the same bits. Where a bit of n is not set,
/// 1 is multiplied by: so n is not asked for in a loop over many x. In a loop that is compiled for one n the compiler
/// leaves those multiplications out.
#[inline(always)]
pub(crate) fn powi<const BITS: u32>(x: Real, n: i32) -> Real {
    let left = n.unsigned_abs();
    let mut power = (x, 1.0);
    // In eights, which the compiler unrolls.
    power = eight_bits(power, left);
    if BITS > 8 {
        power = eight_bits(power, left >> 8);
        power = eight_bits(power, left >> 16);
        power = eight_bits(power, left >> 24);
    }
    let (_, value) = power;
    if n < 0 { 1.0 / value } else { value }
}

/// The square and the power after eight more bits of the exponent.
#[inline(always)]
fn eight_bits((mut square, mut value): (Real, Real), left: u32) -> (Real, Real) {
    const ONE: Bits = (1.0 as Real).to_bits();
    let mut i = 0;
    while i < 8 {
        let mask = (0 as Bits).wrapping_sub(((left >> i) & 1) as Bits);
        value *= Real::from_bits((square.to_bits() & mask) | (ONE & !mask));
        square *= square;
        i += 1;
    }
    (square, value)
}

/// The remainder of x / z with the sign of x, which is exact, and whether it is left to the standard library: where the
/// quotient is too large for that.
///
/// The whole number n nearest to the quotient is right or off by one, so |x| - n |z| is a number of the type, and so is
/// that plus |z| where it is below 0.
#[inline(always)]
pub(crate) fn remainder<const FMA: bool>(x: Real, z: Real) -> (Real, bool) {
    // The product with n is exact only for short n, without a fused operation.
    const FUSED: Real = ((1 as Bits) << (MANTISSA - 2)) as Real;
    const UNFUSED: Real = ((1 as Bits) << (MANTISSA.div_ceil(2))) as Real;
    let (a, b) = (x.abs(), z.abs());
    let quotient = a / b;
    let n = (quotient + SHIFT) - SHIFT;
    let rest = if FMA {
        fma::<FMA>(-n, b, a)
    } else {
        let (multiple, low) = product::<FMA>(n, b);
        (a - multiple) - low
    };
    let rest = if rest < 0.0 { rest + b } else { rest };
    // Here b may be infinite.
    let rest = if a < b { a } else { rest };
    (rest.copysign(x), (quotient >= if FMA { FUSED } else { UNFUSED }) | (a > 0.5 * Real::MAX))
}

/// The cube root: that of a number between √⅛ and √8, times a power of two. A polynomial, for f64 a step of Halley, and
/// a step of Newton from what the cube lacks.
#[inline(always)]
pub(crate) fn cbrt<const FMA: bool>(x: Real) -> Real {
    // Of 1/2 and of 2.
    const ROOTS: [Real; 2] = [0.793_700_525_984_099_7_f64 as Real, 1.259_921_049_894_873_2_f64 as Real];
    let a = x.abs();
    let (f, k) = split_any(a);
    // k = 3 q + j
    let shifted = fma::<FMA>(k, 1.0 / 3.0, SHIFT);
    let j = k - 3.0 * (shifted - SHIFT);
    let m = (1.0 + f) * if j > 0.0 { 2.0 } else { 1.0 } * if j < 0.0 { 0.5 } else { 1.0 };
    let factor = if j > 0.0 { ROOTS[1] } else { 1.0 } * if j < 0.0 { ROOTS[0] } else { 1.0 };
    let mut y = polynomial::<FMA, _>(f, CBRT) * factor;
    if MANTISSA > 24 {
        let cube = y * y * y;
        y = fma::<FMA>(y, (m - cube) / fma::<FMA>(2.0, cube, m), y);
    }
    let (square, square_low) = product::<FMA>(y, y);
    let (cube, cube_low) = product::<FMA>(square, y);
    let lacks = fma::<FMA>(-square_low, y, (m - cube) - cube_low);
    let value = (y + lacks / (3.0 * square)) * two_to(shifted.to_bits().wrapping_sub(SHIFT.to_bits()));
    let value = if a < Real::INFINITY { value } else { a };
    if a == 0.0 { x } else { value.copysign(x) }
}

/// √(x² + z²), from exact squares of numbers scaled to where these are finite and have all their bits.
#[inline(always)]
pub(crate) fn hypot<const FMA: bool>(x: Real, z: Real) -> Real {
    let [big, small, down, up] = SQUARES;
    let (a, b) = (x.abs(), z.abs());
    let (long, short) = if a < b { (b, a) } else { (a, b) };
    let (big, small) = (long > two_to(big), long < two_to(small.wrapping_neg()));
    let scale = if big { two_to(down.wrapping_neg()) } else { 1.0 } * if small { two_to(up) } else { 1.0 };
    let back = if big { two_to(down) } else { 1.0 } * if small { two_to(up.wrapping_neg()) } else { 1.0 };
    let (long, short) = (long * scale, short * scale);
    let (square, square_low) = product::<FMA>(long, long);
    let (other, other_low) = product::<FMA>(short, short);
    let (sum, sum_low) = sum(square, other);
    let (s, lacks) = root::<FMA>(sum, sum_low + (square_low + other_low));
    let value = (s + lacks) * back;
    if (a == Real::INFINITY) | (b == Real::INFINITY) { Real::INFINITY } else { value }
}
