//! The exponential function: exp, exp2, expm1, and the power of e in parts for the functions made of it.

use super::coefficients::{EXPM1, LN2_ERROR, LN2_HIGH, LN2_LOW, LN2_ROUNDED};
use super::number::{fma, limit, polynomial, product, two_to};
use super::{BIAS, Bits, EXP_INFINITE, EXP_ZERO, MANTISSA, Real, SHIFT};

/// What is known of the exponent of a [`Power`]: nothing; that it is at most 60, as for numbers below 1; that 2 to the
/// power of it is a normal number. The more is known, the less it takes to multiply by that.
pub(super) const ANY: u8 = 0;
pub(super) const SMALL: u8 = 1;
pub(super) const NORMAL: u8 = 2;

/// (value + rest) 2^exponent, with a value near 1 and the rest below its last bit.
pub(super) struct Power<const EXPONENT: u8> {
    value: Real,
    rest: Real,
    shifted: Real,
}

impl<const EXPONENT: u8> Power<EXPONENT> {
    /// The number times `factor`. Multiplying by the factor before scaling keeps the bits of denormal results.
    #[inline(always)]
    pub(super) fn times<const FMA: bool>(&self, factor: Real) -> Real {
        self.scale::<FMA>(factor * self.value)
    }

    /// The number, and what its rounding lost.
    #[inline(always)]
    pub(super) fn parts<const FMA: bool>(&self) -> (Real, Real) {
        (self.scale::<FMA>(self.value), self.scale::<FMA>(self.rest))
    }

    /// The number times `factor + rest`, rounded as if the number had more bits.
    #[inline(always)]
    pub(super) fn times_parts<const FMA: bool>(&self, factor: Real, rest: Real) -> Real {
        let (product, lost) = product::<FMA>(factor, self.value);
        self.scale::<FMA>(product + (lost + fma::<FMA>(factor, self.rest, rest * self.value)))
    }

    #[inline(always)]
    fn scale<const FMA: bool>(&self, x: Real) -> Real {
        scale::<FMA, EXPONENT>(x, self.shifted)
    }
}

/// x 2^n, for n + [`SHIFT`]. Rounds once. A product even where n could be added to the bits of x, so that a NaN stays.
#[inline(always)]
fn scale<const FMA: bool, const EXPONENT: u8>(x: Real, shifted: Real) -> Real {
    /// 2^-64, and the exponent of the number by which that is multiplied before.
    const DOWN: Real = 1.0 / 18_446_744_073_709_551_616.0;
    const UP: Bits = 64;
    // The low bits of the shifted number are those of n.
    let n = shifted.to_bits();
    match EXPONENT {
        NORMAL => x * two_to(n),
        SMALL => x * two_to(n.wrapping_add(UP)) * DOWN,
        // In two halves, since 2^n alone may be out of range.
        _ => {
            let half = fma::<FMA>(shifted - SHIFT, 0.5, SHIFT).to_bits();
            x * two_to(half) * two_to(n.wrapping_sub(half))
        }
    }
}

/// x + low = n ln 2 + r: gives r, expm1(r) - r (with what r has lost), and n + [`SHIFT`].
#[inline(always)]
fn split<const FMA: bool>(x: Real, low: Real) -> (Real, Real, Real) {
    let shifted = fma::<FMA>(x, 1.0 / LN2_ROUNDED, SHIFT);
    let n = shifted - SHIFT;
    // n LN2_HIGH is exact.
    let (a, b) = (fma::<FMA>(n, -LN2_HIGH, x), low - n * LN2_LOW);
    let r = a + b;
    let lost = (a - r) + b;
    (r, curve::<FMA>(r, lost), shifted)
}

/// expm1(r) - r + lost.
#[inline(always)]
fn curve<const FMA: bool>(r: Real, lost: Real) -> Real {
    fma::<FMA>(r * r, polynomial::<FMA, _>(r, EXPM1), lost)
}

#[inline(always)]
fn assemble<const EXPONENT: u8>(r: Real, curve: Real, shifted: Real) -> Power<EXPONENT> {
    let h = 1.0 + r;
    let tail = ((1.0 - h) + r) + curve;
    let value = h + tail;
    Power { value, rest: (h - value) + tail, shifted }
}

/// e^(x + low), for x where neither it nor its square root is out of range.
#[inline(always)]
pub(super) fn power<const FMA: bool, const EXPONENT: u8>(x: Real, low: Real) -> Power<EXPONENT> {
    let (r, curve, shifted) = split::<FMA>(x, low);
    assemble(r, curve, shifted)
}

/// e^x times `factor`, for such an x: with three operations less, and a quarter of a unit of the last place less exact.
#[inline(always)]
pub(super) fn times_power<const FMA: bool, const EXPONENT: u8>(factor: Real, x: Real) -> Real {
    let (r, curve, shifted) = split::<FMA>(x, 0.0);
    scale::<FMA, EXPONENT>(factor * (1.0 + (r + curve)), shifted)
}

/// e^-|x|, the decaying one of the two exponentials.
#[inline(always)]
pub(super) fn decay<const FMA: bool>(x: Real) -> Power<SMALL> {
    let x = -x.abs();
    power::<FMA, SMALL>(if x < EXP_ZERO { EXP_ZERO } else { x }, 0.0)
}

#[inline(always)]
pub(crate) fn exp<const FMA: bool>(x: Real) -> Real {
    times_power::<FMA, ANY>(1.0, limit(x, EXP_ZERO, EXP_INFINITE))
}

#[inline(always)]
pub(crate) fn exp2<const FMA: bool>(x: Real) -> Real {
    // Beyond these the result is 0 or infinite.
    const HIGH: Real = (BIAS + 1) as Real;
    const LOW: Real = -((BIAS + MANTISSA as Bits + 1) as Real);
    let x = limit(x, LOW, HIGH);
    let shifted = x + SHIFT;
    let rest = x - (shifted - SHIFT);
    let r = rest * LN2_ROUNDED;
    let lost = if FMA { rest.mul_add(LN2_ROUNDED, -r) } else { 0.0 };
    let lost = fma::<FMA>(rest, LN2_ERROR, lost);
    assemble::<ANY>(r, curve::<FMA>(r, lost), shifted).times::<FMA>(1.0)
}

#[inline(always)]
pub(crate) fn exp_m1<const FMA: bool>(x: Real) -> Real {
    // Below this the result is -1.
    const LOW: Real = -((MANTISSA + 2) as Real);
    let (r, curve, shifted) = split::<FMA>(limit(x, LOW, EXP_INFINITE), 0.0);
    // 2^n ((1 - 2^-n) + r + curve). Above 2^64 the one is not seen, and 2^-n might be out of range.
    let one = if x < 44.0 { two_to(shifted.to_bits().wrapping_neg()) } else { 0.0 };
    let one = 1.0 - one;
    let h = one + r;
    scale::<FMA, ANY>(h + (((one - h) + r) + curve), shifted).copysign(x)
}
