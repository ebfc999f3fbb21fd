//! The exponential function: exp, exp2, expm1, and the power of e in parts for the functions made of it.

use super::coefficients::{EXPM1, LN2_ERROR, LN2_HIGH, LN2_LOW, LN2_ROUNDED};
use super::number::{fma, limit, polynomial, product, two_to};
use super::{BIAS, Bits, EXP_INFINITE, EXP_ZERO, MANTISSA, Real, SHIFT};

/// (value + rest) 2^exponent, with a value near 1 and the rest below its last bit.
pub(super) struct Power {
    value: Real,
    rest: Real,
    exponent: Bits,
}

impl Power {
    /// The number times `factor`. Multiplying by the factor before scaling keeps the bits of denormal results.
    #[inline(always)]
    pub(super) fn times(&self, factor: Real) -> Real {
        self.scale(factor * self.value)
    }

    /// The number, and what its rounding lost.
    #[inline(always)]
    pub(super) fn parts(&self) -> (Real, Real) {
        (self.scale(self.value), self.scale(self.rest))
    }

    /// The number times `factor + rest`, rounded as if the number had more bits.
    #[inline(always)]
    pub(super) fn times_parts<const FMA: bool>(&self, factor: Real, rest: Real) -> Real {
        let (product, lost) = product::<FMA>(factor, self.value);
        self.scale(product + (lost + fma::<FMA>(factor, self.rest, rest * self.value)))
    }

    #[inline(always)]
    fn scale(&self, x: Real) -> Real {
        scale(x, self.exponent)
    }
}

/// x 2^n, in two steps, since 2^n alone may be out of range. Rounds once.
#[inline(always)]
fn scale(x: Real, n: Bits) -> Real {
    // floor(n/2), with a logical shift: AVX2 has no arithmetic one for 64 bits.
    let half = (n.wrapping_add(4096) >> 1).wrapping_sub(2048);
    x * two_to(half) * two_to(n.wrapping_sub(half))
}

/// x + low = n ln 2 + r: gives r, expm1(r) - r (with what r has lost), and n.
#[inline(always)]
fn split<const FMA: bool>(x: Real, low: Real) -> (Real, Real, Bits) {
    let shifted = fma::<FMA>(x, 1.0 / LN2_ROUNDED, SHIFT);
    let n = shifted - SHIFT;
    // n LN2_HIGH is exact.
    let (a, b) = (fma::<FMA>(n, -LN2_HIGH, x), low - n * LN2_LOW);
    let r = a + b;
    let lost = (a - r) + b;
    (r, curve::<FMA>(r, lost), shifted.to_bits().wrapping_sub(SHIFT.to_bits()))
}

/// expm1(r) - r + lost.
#[inline(always)]
fn curve<const FMA: bool>(r: Real, lost: Real) -> Real {
    fma::<FMA>(r * r, polynomial::<FMA, _>(r, EXPM1), lost)
}

#[inline(always)]
fn assemble(r: Real, curve: Real, exponent: Bits) -> Power {
    let h = 1.0 + r;
    let tail = ((1.0 - h) + r) + curve;
    let value = h + tail;
    Power { value, rest: (h - value) + tail, exponent }
}

/// e^(x + low), for x where neither it nor its square root is out of range.
#[inline(always)]
pub(super) fn power<const FMA: bool>(x: Real, low: Real) -> Power {
    let (r, curve, n) = split::<FMA>(x, low);
    assemble(r, curve, n)
}

/// e^-|x|, the decaying one of the two exponentials.
#[inline(always)]
pub(super) fn decay<const FMA: bool>(x: Real) -> Power {
    power::<FMA>(limit(-x.abs(), EXP_ZERO, 0.0), 0.0)
}

#[inline(always)]
pub(crate) fn exp<const FMA: bool>(x: Real) -> Real {
    power::<FMA>(limit(x, EXP_ZERO, EXP_INFINITE), 0.0).times(1.0)
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
    assemble(r, curve::<FMA>(r, lost), shifted.to_bits().wrapping_sub(SHIFT.to_bits())).times(1.0)
}

#[inline(always)]
pub(crate) fn exp_m1<const FMA: bool>(x: Real) -> Real {
    // Below this the result is -1.
    const LOW: Real = -((MANTISSA + 2) as Real);
    let (r, curve, n) = split::<FMA>(limit(x, LOW, EXP_INFINITE), 0.0);
    // 2^n ((1 - 2^-n) + r + curve). Above 2^64 the one is not seen, and 2^-n might be out of range.
    let one = if x < 44.0 { two_to(n.wrapping_neg()) } else { 0.0 };
    let one = 1.0 - one;
    let h = one + r;
    scale(h + (((one - h) + r) + curve), n).copysign(x)
}
