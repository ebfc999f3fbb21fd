//! `num_traits` for `Var`, `Dual` and `MultiDual`: the same list for all, each function an elementwise row.

use crate::{
    Dual, MultiDual, Scalar, Taylor, Var,
    ops::{Operand, elementwise as row},
};
use num_traits::{Float, FloatConst, FromPrimitive, Num, NumCast, One, ToPrimitive, Zero};
use std::{cmp::Ordering, num::FpCategory};

/// Methods that are a function of the value alone.
macro_rules! by_value {
    ($($name:ident -> $Output:ty),* $(,)?) => { $(
        fn $name(self) -> $Output {
            self.primal().$name()
        }
    )* };
}

/// Constants of the type.
macro_rules! constants {
    ($($name:ident),* $(,)?) => { $(
        fn $name() -> Self {
            T::$name().into()
        }
    )* };
}

/// Functions that are a row of one argument.
macro_rules! rows {
    ($($name:ident: $Row:ident),* $(,)?) => { $(
        #[inline(always)]
        fn $name(self) -> Self {
            Operand::apply(row::$Row(), [self])
        }
    )* };
}

macro_rules! float {
    ([$($generics:tt)*] $Type:ty) => {
        /// By value.
        impl<$($generics)*> PartialEq for $Type {
            fn eq(&self, other: &Self) -> bool {
                self.primal() == other.primal()
            }
        }

        impl<$($generics)*> PartialOrd for $Type {
            fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
                self.primal().partial_cmp(&other.primal())
            }
        }

        impl<$($generics)*> PartialEq<f64> for $Type {
            fn eq(&self, other: &f64) -> bool {
                self.primal().real() == *other
            }
        }

        impl<$($generics)*> PartialOrd<f64> for $Type {
            fn partial_cmp(&self, other: &f64) -> Option<Ordering> {
                self.primal().real().partial_cmp(other)
            }
        }

        impl<$($generics)*> Zero for $Type {
            fn zero() -> Self {
                T::zero().into()
            }
            fn is_zero(&self) -> bool {
                self.primal().is_zero()
            }
        }

        impl<$($generics)*> One for $Type {
            fn one() -> Self {
                T::one().into()
            }
        }

        impl<$($generics)*> Num for $Type {
            type FromStrRadixErr = T::FromStrRadixErr;
            fn from_str_radix(text: &str, radix: u32) -> Result<Self, Self::FromStrRadixErr> {
                T::from_str_radix(text, radix).map(Into::into)
            }
        }

        impl<$($generics)*> ToPrimitive for $Type {
            fn to_i64(&self) -> Option<i64> {
                self.primal().to_i64()
            }
            fn to_u64(&self) -> Option<u64> {
                self.primal().to_u64()
            }
            fn to_f64(&self) -> Option<f64> {
                self.primal().to_f64()
            }
        }

        impl<$($generics)*> NumCast for $Type {
            fn from<U: ToPrimitive>(number: U) -> Option<Self> {
                <T as NumCast>::from(number).map(<Self as From<T>>::from)
            }
        }

        impl<$($generics)*> FromPrimitive for $Type {
            fn from_i64(number: i64) -> Option<Self> {
                <Self as NumCast>::from(number)
            }
            fn from_u64(number: u64) -> Option<Self> {
                <Self as NumCast>::from(number)
            }
            fn from_f64(number: f64) -> Option<Self> {
                <Self as NumCast>::from(number)
            }
        }

        impl<$($generics)*> FloatConst for $Type {
            float!(@pi E FRAC_1_PI FRAC_1_SQRT_2 FRAC_2_PI FRAC_2_SQRT_PI FRAC_PI_2 FRAC_PI_3 FRAC_PI_4 FRAC_PI_6
                FRAC_PI_8 LN_10 LN_2 LOG10_E LOG2_E PI SQRT_2);
        }

        impl<$($generics)*> Float for $Type {
            constants!(nan, infinity, neg_infinity, neg_zero, min_value, min_positive_value, max_value, epsilon);
            by_value!(is_nan -> bool, is_infinite -> bool, is_finite -> bool, is_normal -> bool,
                is_sign_positive -> bool, is_sign_negative -> bool, classify -> FpCategory,
                integer_decode -> (u64, i16, i8));
            rows!(floor: Floor, ceil: Ceil, round: Round, abs: Abs, recip: Recip, sqrt: Sqrt, exp: Exp, exp2: Exp2,
                exp_m1: Expm1, ln: Ln, log2: Log2, log10: Log10, ln_1p: Ln1p, sin: Sin, cos: Cos, tan: Tan, asin: Asin,
                acos: Acos, atan: Atan, sinh: Sinh, cosh: Cosh, tanh: Tanh, asinh: Asinh, acosh: Acosh, atanh: Atanh);

            fn trunc(self) -> Self {
                if self.primal().is_sign_negative() { Float::ceil(self) } else { Float::floor(self) }
            }
            fn fract(self) -> Self {
                self - Float::trunc(self)
            }
            /// 1 or -1, also at 0, as for the primitive numbers; the slope is 0.
            fn signum(self) -> Self {
                let sign = self.primal().signum();
                Operand::apply(row::Sign(), [self]) * 0.0 + Into::<Self>::into(sign)
            }
            #[track_caller]
            fn mul_add(self, a: Self, b: Self) -> Self {
                self * a + b
            }
            #[inline(always)]
            fn powi(self, n: i32) -> Self {
                Operand::apply(row::Powi(n), [self])
            }
            /// Where the exponent is a constant, no derivative is taken by it.
            #[inline(always)]
            #[track_caller]
            fn powf(self, n: Self) -> Self {
                Operand::apply(row::Pow(), [self, n])
            }
            #[track_caller]
            fn log(self, base: Self) -> Self {
                Float::ln(self) / Float::ln(base)
            }
            /// The larger; of equal ones each has slope 1/2. A NaN loses, as for the primitive numbers.
            #[track_caller]
            fn max(self, other: Self) -> Self {
                if self.primal().is_nan() {
                    other
                } else if other.primal().is_nan() {
                    self
                } else {
                    Operand::apply(row::Maximum(), [self, other])
                }
            }
            /// The smaller; of equal ones each has slope 1/2. A NaN loses, as for the primitive numbers.
            #[track_caller]
            fn min(self, other: Self) -> Self {
                if self.primal().is_nan() {
                    other
                } else if other.primal().is_nan() {
                    self
                } else {
                    Operand::apply(row::Minimum(), [self, other])
                }
            }
            #[track_caller]
            fn abs_sub(self, other: Self) -> Self {
                Float::max(self - other, Self::zero())
            }
            fn cbrt(self) -> Self {
                Operand::apply(row::Cbrt(), [self])
            }
            #[track_caller]
            fn hypot(self, other: Self) -> Self {
                Operand::apply(row::Hypot(), [self, other])
            }
            #[track_caller]
            fn atan2(self, other: Self) -> Self {
                Operand::apply(row::Atan2(), [self, other])
            }
            #[inline(always)]
            fn sin_cos(self) -> (Self, Self) {
                (Float::sin(self), Float::cos(self))
            }
        }
    };
    (@pi $($name:ident)*) => { $(
        fn $name() -> Self {
            T::lit(std::f64::consts::$name).into()
        }
    )* };
}

float!([T: Scalar] Var<'_, T>);
float!([T: Scalar] Dual<T>);
float!([T: Scalar, const N: usize] MultiDual<T, N>);
float!([T: Scalar, const K: usize] Taylor<T, K>);

impl<T: Copy> Var<'_, T> {
    fn primal(&self) -> T {
        self.value()
    }
}

impl<T: Copy> Dual<T> {
    fn primal(&self) -> T {
        self.value
    }
}

impl<T: Copy, const K: usize> Taylor<T, K> {
    fn primal(&self) -> T {
        self.value
    }
}

impl<T: Copy, const N: usize> MultiDual<T, N> {
    fn primal(&self) -> T {
        self.value
    }
}
