//! What the tests ask of f32 and f64: samples, bits, and errors in units of the last place. No tests.

use gradtape::__vector::VectorMath;
use std::fmt::Debug;
use std::ops::Neg;

pub(crate) trait Float: VectorMath + Debug + Neg<Output = Self> {
    const NAME: &'static str;

    fn of(x: f64) -> Self;

    fn real(self) -> f64;

    /// The number whose bits are the leading ones of these.
    fn pattern(bits: u64) -> Self;

    /// The i-th of the denormal numbers, spread over them.
    fn tiny(i: u64) -> Self;

    /// Whether the bits are the same; all NaN count as one.
    fn same(self, other: Self) -> bool;

    /// The distance from this number to the next larger in magnitude; that of the largest number at infinity.
    fn ulp(self) -> f64;

    /// The distance from the exact value in ulp of it. An infinity counts as the number after the largest.
    fn error(self, exact: f64) -> f64;
}

macro_rules! float {
    ($T:ident, $Bits:ident, $next_after_max:expr) => {
        impl Float for $T {
            const NAME: &'static str = stringify!($T);

            fn of(x: f64) -> Self {
                x as $T
            }

            fn real(self) -> f64 {
                self.into()
            }

            fn pattern(bits: u64) -> Self {
                $T::from_bits((bits >> (64 - $Bits::BITS)) as $Bits)
            }

            fn tiny(i: u64) -> Self {
                $T::from_bits((1 << ($T::MANTISSA_DIGITS - 1)) / 8000 * i as $Bits + 1)
            }

            fn same(self, other: Self) -> bool {
                self.to_bits() == other.to_bits() || (self.is_nan() && other.is_nan())
            }

            fn ulp(self) -> f64 {
                let magnitude = self.abs().min($T::MAX.next_down());
                f64::from(magnitude.next_up()) - f64::from(magnitude)
            }

            fn error(self, exact: f64) -> f64 {
                let limit = |x: f64| x.clamp(-$next_after_max, $next_after_max);
                if exact.is_nan() {
                    return if self.is_nan() { 0.0 } else { f64::INFINITY };
                }
                if (exact == 0.0 && self == 0.0) && exact.is_sign_negative() != self.is_sign_negative() {
                    return f64::INFINITY;
                }
                (limit(self.into()) - limit(exact)).abs() / (limit(exact) as $T).ulp()
            }
        }
    };
}
float!(f32, u32, 2f64.powi(128));
// For f64 that number cannot be had; the largest itself has to do.
float!(f64, u64, f64::MAX);

/// The standard library's function of a name, if it has one.
pub(crate) fn standard(name: &str) -> Option<fn(f64) -> f64> {
    Some(match name {
        "exp" => f64::exp,
        "exp2" => f64::exp2,
        "exp_m1" => f64::exp_m1,
        "ln" => f64::ln,
        "log2" => f64::log2,
        "log10" => f64::log10,
        "ln_1p" => f64::ln_1p,
        "tanh" => f64::tanh,
        "sinh" => f64::sinh,
        "cosh" => f64::cosh,
        "asin" => f64::asin,
        "acos" => f64::acos,
        "atan" => f64::atan,
        "cbrt" => f64::cbrt,
        "sin" => f64::sin,
        "cos" => f64::cos,
        "tan" => f64::tan,
        _ => return None,
    })
}
