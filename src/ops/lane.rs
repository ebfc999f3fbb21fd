//! A number inside a loop that is compiled for vectors. Elementwise functions of it have no branches, and values and
//! slopes are written over it as over any operand. The functions themselves stand in `kernels::vector`, the loops in
//! `rows`.

use super::{
    Elementwise, Expr, Operand, Scalar,
    formula::{Comparison, Condition, Constant},
};
use crate::{Dual, MultiDual, Taylor, tensor::guarded};
use std::cmp::Ordering;
use std::ops::{Add, Div, Mul, Neg, Sub};

/// A number, and whether it is left to be computed by itself, because a function on the way leaves its argument: a sine
/// a far angle, `lgamma` a number below 0. Then the loop computes the element once more.
// An `f32` and its flag would be 8 bytes, which the compiler copies as one integer: loops of formulas that call others
// then stay loops of single numbers.
#[repr(align(16))]
#[derive(Clone, Copy, Debug)]
pub struct Lane<T, const FMA: bool> {
    pub(crate) number: T,
    pub(crate) is_left: bool,
}

/// What stands for a number of type `T` in a loop over many.
pub trait Lanes<T>: Operand {
    /// The number as it lies in memory.
    fn of(number: T) -> Self;

    /// The number as it goes back to memory.
    fn number(self) -> T;

    /// Whether the number is left to be computed once more, with the functions of `T` itself.
    fn is_left(self) -> bool;
}

/// What the value of a formula is computed with.
pub trait FormulaNumber:
    Operand
    + Constant
    + PartialOrd
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Div<Output = Self>
    + Neg<Output = Self>
{
}

impl FormulaNumber for f32 {}
impl FormulaNumber for f64 {}

macro_rules! operator {
    ($T:ident $($Trait:ident $method:ident $sign:tt),*) => { $(
        impl<const FMA: bool> $Trait for Lane<$T, FMA> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: Self) -> Self {
                Lane { number: self.number $sign other.number, is_left: self.is_left | other.is_left }
            }
        }
    )* };
}

macro_rules! lane {
    ($($T:ident $function:ident),*) => { $(
        operator! { $T Add add +, Sub sub -, Mul mul *, Div div / }

        impl<const FMA: bool> Neg for Lane<$T, FMA> {
            type Output = Self;
            #[inline(always)]
            fn neg(self) -> Self {
                Lane { number: -self.number, ..self }
            }
        }

        impl<const FMA: bool> Constant for Lane<$T, FMA> {
            #[inline(always)]
            fn constant(number: f64) -> Self {
                Lane { number: number as $T, is_left: false }
            }
        }

        impl<const FMA: bool> FormulaNumber for Lane<$T, FMA> {}

        impl<const FMA: bool> Operand for Lane<$T, FMA> {
            #[inline(always)]
            fn apply<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Self {
                f.$function(x)
            }

            #[inline(always)]
            fn like(self, literal: f64) -> Self {
                Self::constant(literal)
            }

            #[inline(always)]
            fn compare(comparison: Comparison, a: Self, b: Self) -> Condition<Self> {
                Condition::Decided(comparison.holds(a.number, b.number), a.beside(b))
            }

            #[inline(always)]
            fn beside(self, other: Self) -> Self {
                Lane { is_left: self.is_left | other.is_left, ..self }
            }
        }

        impl<const FMA: bool> Lanes<$T> for Lane<$T, FMA> {
            #[inline(always)]
            fn of(number: $T) -> Self {
                Lane { number, is_left: false }
            }

            #[inline(always)]
            fn number(self) -> $T {
                self.number
            }

            #[inline(always)]
            fn is_left(self) -> bool {
                self.is_left
            }
        }
    )* };
}
lane!(f32 lane_f32, f64 lane_f64);

impl<T: PartialEq, const FMA: bool> PartialEq for Lane<T, FMA> {
    #[inline(always)]
    fn eq(&self, other: &Self) -> bool {
        self.number == other.number
    }
}

impl<T: PartialOrd, const FMA: bool> PartialOrd for Lane<T, FMA> {
    #[inline(always)]
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        self.number.partial_cmp(&other.number)
    }
    #[inline(always)]
    fn lt(&self, other: &Self) -> bool {
        self.number < other.number
    }
    #[inline(always)]
    fn le(&self, other: &Self) -> bool {
        self.number <= other.number
    }
    #[inline(always)]
    fn gt(&self, other: &Self) -> bool {
        self.number > other.number
    }
    #[inline(always)]
    fn ge(&self, other: &Self) -> bool {
        self.number >= other.number
    }
}

/// Numbers with tangents are computed one by one.
macro_rules! itself {
    ($([$($parameter:tt)*] $T:ty),*) => { $(
        impl<T: Scalar $($parameter)*> Lanes<$T> for $T {
            #[inline(always)]
            fn of(number: $T) -> Self {
                number
            }

            #[inline(always)]
            fn number(self) -> $T {
                self
            }

            #[inline(always)]
            fn is_left(self) -> bool {
                false
            }
        }
    )* };
}
itself!([] Dual<T>, [, const N: usize] MultiDual<T, N>, [, const K: usize] Taylor<T, K>);

/// A slope times a cotangent, and whether the slope is left to be computed once more.
#[inline(always)]
pub(super) fn times<T: Scalar, L: Lanes<T>>(slope: Expr<L>, g: T) -> (T, bool) {
    match slope {
        Expr::Literal(c) => (guarded(T::lit(c), g), false),
        Expr::Value(slope) => (guarded(slope.number(), g), slope.is_left()),
    }
}

/// The numbers of the arguments, and whether one of them is left.
#[inline(always)]
pub(crate) fn numbers<T: Copy, const FMA: bool, const N: usize>(x: [Lane<T, FMA>; N]) -> ([T; N], bool) {
    let (mut numbers, mut is_left) = ([x[0].number; N], x[0].is_left);
    for j in 1..N {
        numbers[j] = x[j].number;
        is_left |= x[j].is_left;
    }
    (numbers, is_left)
}
