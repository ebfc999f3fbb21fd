//! The operators of numbers that carry their derivatives with them, `Dual`, `MultiDual` and `Taylor`, among themselves
//! and beside `f64`; their sums and products. What an operator does to the derivatives is said by its row.

use super::{assign, implement, negation};
use crate::{
    Dual, Element, MultiDual, Scalar, Taylor,
    ops::{Operand, elementwise as row},
};
use std::{iter, ops};

/// A number beside a plain one. `lifted`, the plain one becomes a number with derivatives of zero; `held`, a row holds
/// it, and nothing is computed with the zeros, of which there are many.
macro_rules! beside {
    (lifted right $Trait:ident, $a:ident, $b:ident) => {
        Operand::apply(row::$Trait(), [$a, Element::lit($b)])
    };
    (lifted left $Trait:ident, $a:ident, $b:ident) => {
        Operand::apply(row::$Trait(), [Element::lit($a), $b])
    };
    (held right Add, $a:ident, $b:ident) => {
        Operand::apply(row::AddNumber($b), [$a])
    };
    (held right Sub, $a:ident, $b:ident) => {
        Operand::apply(row::AddNumber(-$b), [$a])
    };
    (held right Mul, $a:ident, $b:ident) => {
        Operand::apply(row::Scale($b), [$a])
    };
    (held right Div, $a:ident, $b:ident) => {
        Operand::apply(row::DivideBy($b), [$a])
    };
    (held left Add, $a:ident, $b:ident) => {
        Operand::apply(row::AddNumber($a), [$b])
    };
    (held left Sub, $a:ident, $b:ident) => {
        Operand::apply(row::SubtractFrom($a), [$b])
    };
    (held left Mul, $a:ident, $b:ident) => {
        Operand::apply(row::Scale($a), [$b])
    };
    (held left Div, $a:ident, $b:ident) => {
        Operand::apply(row::DivideInto($a), [$b])
    };
    // There is no row for it.
    (held $side:ident Rem, $a:ident, $b:ident) => {
        beside!(lifted $side Rem, $a, $b)
    };
}

/// All operators of a type of numbers.
macro_rules! operators {
    ($generics:tt $Number:ty, $how:ident) => {
        operators! { @each $generics $Number, $how:
            Add add AddAssign add_assign;
            Sub sub SubAssign sub_assign;
            Mul mul MulAssign mul_assign;
            Div div DivAssign div_assign;
            Rem rem RemAssign rem_assign;
        }
        negation!($generics $Number => $Number, |a| <$Number>::neg(a));
        negation!($generics &$Number => $Number, |a| <$Number>::neg(*a));
        iterators!($generics $Number);
    };
    (@each $generics:tt $Number:ty, $how:ident: $($Trait:ident $method:ident $Assign:ident $assign:ident;)*) => { $(
        implement!($generics $Trait $method for $Number, $Number => $Number,
            |a, b| Operand::apply(row::$Trait(), [a, b]));
        implement!($generics $Trait $method for $Number, f64 => $Number, |a, b| beside!($how right $Trait, a, b));
        implement!($generics $Trait $method for f64, $Number => $Number, |a, b| beside!($how left $Trait, a, b));
        implement!($generics $Trait $method for $Number, &$Number => $Number, |a, b| ops::$Trait::$method(a, *b));
        implement!($generics $Trait $method for &$Number, $Number => $Number, |a, b| ops::$Trait::$method(*a, b));
        implement!($generics $Trait $method for &$Number, &$Number => $Number, |a, b| ops::$Trait::$method(*a, *b));
        implement!($generics $Trait $method for &$Number, f64 => $Number, |a, b| ops::$Trait::$method(*a, b));
        implement!($generics $Trait $method for f64, &$Number => $Number, |a, b| ops::$Trait::$method(a, *b));

        assign!($generics $Trait $method $Assign $assign for $Number: $Number, &$Number, f64);
    )* };
}

macro_rules! iterators {
    ([$($generics:tt)*] $T:ty) => {
        impl<$($generics)*> iter::Sum for $T {
            fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
                iter.reduce(|a, b| a + b).unwrap_or_else(num_traits::Zero::zero)
            }
        }
        impl<'a, $($generics)*> iter::Sum<&'a $T> for $T {
            fn sum<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
                iter.copied().sum()
            }
        }
        impl<$($generics)*> iter::Product for $T {
            fn product<I: Iterator<Item = Self>>(iter: I) -> Self {
                iter.reduce(|a, b| a * b).unwrap_or_else(num_traits::One::one)
            }
        }
        impl<'a, $($generics)*> iter::Product<&'a $T> for $T {
            fn product<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
                iter.copied().product()
            }
        }
    };
}

operators!([T: Scalar] Dual<T>, lifted);
operators!([T: Scalar, const N: usize] MultiDual<T, N>, held);
operators!([T: Scalar, const K: usize] Taylor<T, K>, held);
