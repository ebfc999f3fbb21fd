//! What the functions ask of a number: operators, also with `f64`, and a few functions.

use gradtape::{MultiDual, Var};
use num_traits::Float;
use std::ops::{Add, Div, Mul, Sub};

/// A number that the functions run on.
pub(crate) trait Real:
    Float + Add<f64, Output = Self> + Sub<f64, Output = Self> + Mul<f64, Output = Self> + Div<f64, Output = Self>
{
    /// The value alone.
    fn number(self) -> f64;
    /// `c - self`.
    fn subtracted_from(self, c: f64) -> Self;
    /// `c / self`.
    fn divided_into(self, c: f64) -> Self;
}

macro_rules! real {
    ([$($generics:tt)*] $Type:ty, |$x:ident| $number:expr) => {
        impl<$($generics)*> Real for $Type {
            #[inline(always)]
            fn number(self) -> f64 {
                let $x = self;
                $number
            }
            #[inline(always)]
            fn subtracted_from(self, c: f64) -> Self {
                c - self
            }
            #[inline(always)]
            fn divided_into(self, c: f64) -> Self {
                c / self
            }
        }
    };
}
real!([] f64, |x| x);
real!([] Var<'_, f64>, |x| x.value());
real!([const N: usize] MultiDual<f64, N>, |x| x.value);
