//! The number that the functions of scalars are generic over: plain, on a tape, or with tangents.

use gradtape::{FromNumber, num_traits::Float};
use std::ops::{Add, Div, Mul, Sub};

/// A number that takes `f64` literals beside it.
pub(crate) trait Real:
    Float
    + FromNumber<f64>
    + Add<f64, Output = Self>
    + Sub<f64, Output = Self>
    + Mul<f64, Output = Self>
    + Div<f64, Output = Self>
{
    /// A constant.
    #[inline(always)]
    fn of(number: f64) -> Self {
        Self::from_number(number)
    }
}

impl<T> Real for T where
    T: Float
        + FromNumber<f64>
        + Add<f64, Output = T>
        + Sub<f64, Output = T>
        + Mul<f64, Output = T>
        + Div<f64, Output = T>
{
}
