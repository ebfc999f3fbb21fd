//! The operators `+ - * / %` and negation of `Var`, `TensorVar` and `Tensor`, by value and by reference. Those of
//! numbers that carry their derivatives with them are in `forward`.
//!
//! On the right of an operator stands a handle, or a number: `f64` or the tape's own. On the left `f64` only: with
//! another choice the literal of `2.0 * x` has no type that the compiler can infer on every tape.

mod forward;

use crate::{
    Element, FromNumber, Number, Scalar, Tensor, TensorVar, Var,
    ops::{Builtin, Operand, Row, TapeOperand, elementwise as row, numeric, run},
};
use smallvec::SmallVec;
use std::{iter, ops};

/// The row for a tensor beside a number, so that the number is no tensor of its own. Numbers with tangents are.
fn beside_number(operator: Row, number: f64) -> Row {
    match operator {
        Row::Add() => Row::AddNumber(number),
        Row::Sub() => Row::AddNumber(-number),
        Row::Mul() => Row::Scale(number),
        Row::Div() => Row::DivideBy(number),
        other => other,
    }
}

fn beside_number_on_the_left(operator: Row, number: f64) -> Row {
    match operator {
        Row::Add() => Row::AddNumber(number),
        Row::Sub() => Row::SubtractFrom(number),
        Row::Mul() => Row::Scale(number),
        Row::Div() => Row::DivideInto(number),
        other => other,
    }
}

/// Whether the number is its value and nothing else, so that a row can hold it.
fn is_plain<T: Element>(number: T) -> bool {
    (number - T::lit(number.real())).is_exactly_zero()
}

#[track_caller]
fn recorded<'t, T: Scalar>(operator: Row, a: TensorVar<'t, T>, b: TensorVar<'t, T>) -> TensorVar<'t, T> {
    TensorVar::record(T::step(Builtin::Row(operator)), &[a, b])
}

#[track_caller]
fn recorded_with_number<T: Scalar>(operator: Row, a: TensorVar<'_, T>, number: T) -> TensorVar<'_, T> {
    if is_plain(number) && !matches!(operator, Row::Rem()) {
        return TensorVar::record(T::step(Builtin::Row(beside_number(operator, number.real()))), &[a]);
    }
    let number = a.tape().constant(Tensor::scalar(number));
    recorded(operator, a, number)
}

#[track_caller]
fn number_with_recorded<T: Scalar>(operator: Row, number: f64, a: TensorVar<'_, T>) -> TensorVar<'_, T> {
    if matches!(operator, Row::Rem()) {
        return recorded(operator, number.on(a.tape()), a);
    }
    TensorVar::record(T::step(Builtin::Row(beside_number_on_the_left(operator, number))), &[a])
}

#[track_caller]
fn plain<T: Scalar>(operator: Row, a: &Tensor<T>, b: &Tensor<T>) -> Tensor<T> {
    run(&*T::step(Builtin::Row(operator)), &[a, b])
}

#[track_caller]
fn plain_with_number<T: Scalar>(operator: Row, a: &Tensor<T>, number: T) -> Tensor<T> {
    if is_plain(number) && !matches!(operator, Row::Rem()) {
        return run(&*T::step(Builtin::Row(beside_number(operator, number.real()))), &[a]);
    }
    plain(operator, a, &Tensor::scalar(number))
}

#[track_caller]
fn number_with_plain<T: Scalar>(operator: Row, number: f64, a: &Tensor<T>) -> Tensor<T> {
    plain(operator, &Tensor::scalar(T::lit(number)), a)
}

/// One operator trait for a left and a right type, and for references where `&` is asked for.
macro_rules! implement {
    ([$($generics:tt)*] $Trait:ident $method:ident for $Left:ty, $Right:ty => $Output:ty,
        |$a:ident, $b:ident| $result:expr) => {
        impl<$($generics)*> ops::$Trait<$Right> for $Left {
            type Output = $Output;
            #[inline(always)]
            #[track_caller]
            fn $method(self, other: $Right) -> $Output {
                let ($a, $b) = (self, other);
                $result
            }
        }
    };
}

/// The assigning form of an operator on handles, for each right type.
macro_rules! assign {
    ([$($generics:tt)*] $Trait:ident $method:ident $Assign:ident $assign:ident for $Left:ty: $($Right:ty),*) => {
        assign! { @each [($($generics)*)] [$Trait $method $Assign $assign] [$Left] $($Right),* }
    };
    (@each [$generics:tt] $names:tt $left:tt $($Right:ty),*) => { $(
        assign! { @one $generics $names $left $Right }
    )* };
    (@one ($($generics:tt)*) [$Trait:ident $method:ident $Assign:ident $assign:ident] [$Left:ty] $Right:ty) => {
        impl<$($generics)*> ops::$Assign<$Right> for $Left {
            #[inline(always)]
            #[track_caller]
            fn $assign(&mut self, other: $Right) {
                *self = ops::$Trait::$method(*self, other);
            }
        }
    };
}

macro_rules! operators {
    ($($Trait:ident $method:ident $Assign:ident $assign:ident;)*) => { $(
        // Scalars.
        implement!(['t, T: Scalar] $Trait $method for Var<'t, T>, Var<'t, T> => Var<'t, T>,
            |a, b| Operand::apply(row::$Trait(), [a, b]));
        implement!(['t, T: Scalar] $Trait $method for Var<'t, T>, &Var<'t, T> => Var<'t, T>,
            |a, b| ops::$Trait::$method(a, *b));
        implement!(['t, T: Scalar] $Trait $method for &Var<'t, T>, Var<'t, T> => Var<'t, T>,
            |a, b| ops::$Trait::$method(*a, b));
        implement!(['t, T: Scalar] $Trait $method for &Var<'t, T>, &Var<'t, T> => Var<'t, T>,
            |a, b| ops::$Trait::$method(*a, *b));
        implement!(['t, T: Scalar + FromNumber<N>, N: Number] $Trait $method for Var<'t, T>, N => Var<'t, T>,
            |a, b| ops::$Trait::$method(a, Var::from(T::from_number(b))));
        implement!(['t, T: Scalar + FromNumber<N>, N: Number] $Trait $method for &Var<'t, T>, N => Var<'t, T>,
            |a, b| ops::$Trait::$method(*a, Var::from(T::from_number(b))));
        implement!(['t, T: Scalar] $Trait $method for f64, Var<'t, T> => Var<'t, T>,
            |a, b| ops::$Trait::$method(Var::from(T::lit(a)), b));
        implement!(['t, T: Scalar] $Trait $method for f64, &Var<'t, T> => Var<'t, T>,
            |a, b| ops::$Trait::$method(Var::from(T::lit(a)), *b));

        assign!(['t, T: Scalar] $Trait $method $Assign $assign for Var<'t, T>: Var<'t, T>, &Var<'t, T>);
        assign!(['t, T: Scalar + FromNumber<N>, N: Number] $Trait $method $Assign $assign for Var<'t, T>: N);

        // Tensors on a tape.
        implement!(['t, T: Scalar] $Trait $method for TensorVar<'t, T>, TensorVar<'t, T> => TensorVar<'t, T>,
            |a, b| recorded(Row::$Trait(), a, b));
        implement!(['t, T: Scalar] $Trait $method for TensorVar<'t, T>, &TensorVar<'t, T> => TensorVar<'t, T>,
            |a, b| recorded(Row::$Trait(), a, *b));
        implement!(['t, T: Scalar] $Trait $method for &TensorVar<'t, T>, TensorVar<'t, T> => TensorVar<'t, T>,
            |a, b| recorded(Row::$Trait(), *a, b));
        implement!(['t, T: Scalar] $Trait $method for &TensorVar<'t, T>, &TensorVar<'t, T> => TensorVar<'t, T>,
            |a, b| recorded(Row::$Trait(), *a, *b));
        implement!(['t, T: Scalar + FromNumber<N>, N: Number] $Trait $method for TensorVar<'t, T>, N
            => TensorVar<'t, T>, |a, b| recorded_with_number(Row::$Trait(), a, T::from_number(b)));
        implement!(['t, T: Scalar + FromNumber<N>, N: Number] $Trait $method for &TensorVar<'t, T>, N
            => TensorVar<'t, T>, |a, b| recorded_with_number(Row::$Trait(), *a, T::from_number(b)));
        implement!(['t, T: Scalar] $Trait $method for f64, TensorVar<'t, T> => TensorVar<'t, T>,
            |a, b| number_with_recorded(Row::$Trait(), a, b));
        implement!(['t, T: Scalar] $Trait $method for f64, &TensorVar<'t, T> => TensorVar<'t, T>,
            |a, b| number_with_recorded(Row::$Trait(), a, *b));
        implement!(['t, T: Scalar] $Trait $method for TensorVar<'t, T>, Var<'t, T> => TensorVar<'t, T>,
            |a, b| recorded(Row::$Trait(), a, b.on(a.tape())));
        implement!(['t, T: Scalar] $Trait $method for Var<'t, T>, TensorVar<'t, T> => TensorVar<'t, T>,
            |a, b| recorded(Row::$Trait(), a.on(b.tape()), b));
        implement!(['t, T: Scalar] $Trait $method for TensorVar<'t, T>, &Tensor<T> => TensorVar<'t, T>,
            |a, b| recorded(Row::$Trait(), a, b.on(a.tape())));
        implement!(['t, T: Scalar] $Trait $method for TensorVar<'t, T>, Tensor<T> => TensorVar<'t, T>,
            |a, b| recorded(Row::$Trait(), a, b.on(a.tape())));
        implement!(['t, T: Scalar] $Trait $method for &Tensor<T>, TensorVar<'t, T> => TensorVar<'t, T>,
            |a, b| recorded(Row::$Trait(), a.on(b.tape()), b));
        implement!(['t, T: Scalar] $Trait $method for Tensor<T>, TensorVar<'t, T> => TensorVar<'t, T>,
            |a, b| recorded(Row::$Trait(), a.on(b.tape()), b));
        implement!(['t, T: Scalar] $Trait $method for &TensorVar<'t, T>, Var<'t, T> => TensorVar<'t, T>,
            |a, b| ops::$Trait::$method(*a, b));
        implement!(['t, T: Scalar] $Trait $method for Var<'t, T>, &TensorVar<'t, T> => TensorVar<'t, T>,
            |a, b| ops::$Trait::$method(a, *b));
        implement!(['t, T: Scalar] $Trait $method for &TensorVar<'t, T>, &Tensor<T> => TensorVar<'t, T>,
            |a, b| ops::$Trait::$method(*a, b));
        implement!(['t, T: Scalar] $Trait $method for &Tensor<T>, &TensorVar<'t, T> => TensorVar<'t, T>,
            |a, b| ops::$Trait::$method(a, *b));

        assign!(['t, T: Scalar] $Trait $method $Assign $assign for TensorVar<'t, T>:
            TensorVar<'t, T>, &TensorVar<'t, T>, Var<'t, T>, Tensor<T>, &Tensor<T>);
        assign!(['t, T: Scalar + FromNumber<N>, N: Number] $Trait $method $Assign $assign for TensorVar<'t, T>: N);

        // Plain tensors.
        implement!([T: Scalar] $Trait $method for Tensor<T>, Tensor<T> => Tensor<T>,
            |a, b| plain(Row::$Trait(), &a, &b));
        implement!([T: Scalar] $Trait $method for Tensor<T>, &Tensor<T> => Tensor<T>,
            |a, b| plain(Row::$Trait(), &a, b));
        implement!([T: Scalar] $Trait $method for &Tensor<T>, Tensor<T> => Tensor<T>,
            |a, b| plain(Row::$Trait(), a, &b));
        implement!([T: Scalar] $Trait $method for &Tensor<T>, &Tensor<T> => Tensor<T>,
            |a, b| plain(Row::$Trait(), a, b));
        implement!([T: Scalar + FromNumber<N>, N: Number] $Trait $method for Tensor<T>, N => Tensor<T>,
            |a, b| plain_with_number(Row::$Trait(), &a, T::from_number(b)));
        implement!([T: Scalar + FromNumber<N>, N: Number] $Trait $method for &Tensor<T>, N => Tensor<T>,
            |a, b| plain_with_number(Row::$Trait(), a, T::from_number(b)));
        implement!([T: Scalar] $Trait $method for f64, Tensor<T> => Tensor<T>,
            |a, b| number_with_plain(Row::$Trait(), a, &b));
        implement!([T: Scalar] $Trait $method for f64, &Tensor<T> => Tensor<T>,
            |a, b| number_with_plain(Row::$Trait(), a, b));

        impl<T: Scalar> ops::$Assign<&Tensor<T>> for Tensor<T> {
            #[track_caller]
            fn $assign(&mut self, other: &Tensor<T>) {
                *self = plain(Row::$Trait(), self, other);
            }
        }

        impl<T: Scalar> ops::$Assign for Tensor<T> {
            #[track_caller]
            fn $assign(&mut self, other: Tensor<T>) {
                *self = plain(Row::$Trait(), self, &other);
            }
        }

        impl<T: Scalar + FromNumber<N>, N: Number> ops::$Assign<N> for Tensor<T> {
            #[track_caller]
            fn $assign(&mut self, other: N) {
                *self = plain_with_number(Row::$Trait(), self, T::from_number(other));
            }
        }
    )* };
}

operators! {
    Add add AddAssign add_assign;
    Sub sub SubAssign sub_assign;
    Mul mul MulAssign mul_assign;
    Div div DivAssign div_assign;
    Rem rem RemAssign rem_assign;
}

macro_rules! negation {
    ([$($generics:tt)*] $T:ty => $Output:ty, |$a:ident| $result:expr) => {
        impl<$($generics)*> ops::Neg for $T {
            type Output = $Output;
            #[inline(always)]
            fn neg(self) -> $Output {
                let $a = self;
                $result
            }
        }
    };
}
negation!(['t, T: Scalar] Var<'t, T> => Var<'t, T>, |a| a.neg());
negation!(['t, T: Scalar] &Var<'t, T> => Var<'t, T>, |a| Var::neg(*a));
negation!(['t, T: Scalar] TensorVar<'t, T> => TensorVar<'t, T>, |a| TensorVar::neg(a));
negation!(['t, T: Scalar] &TensorVar<'t, T> => TensorVar<'t, T>, |a| TensorVar::neg(*a));
negation!([T: Scalar] Tensor<T> => Tensor<T>, |a| Tensor::neg(&a));
negation!([T: Scalar] &Tensor<T> => Tensor<T>, |a| Tensor::neg(a));

/// One node, however many there are; see [`numeric`](crate::numeric).
impl<T: Scalar> iter::Sum for Var<'_, T> {
    #[track_caller]
    fn sum<I: Iterator<Item = Self>>(iter: I) -> Self {
        // What the iterator records must be recorded before the sum is.
        numeric::sum(&SmallVec::<[Self; 16]>::from_iter(iter))
    }
}

/// One node, however many there are; see [`numeric`](crate::numeric).
impl<'a, T: Scalar> iter::Sum<&'a Self> for Var<'_, T> {
    #[track_caller]
    fn sum<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
        iter.copied().sum()
    }
}

/// One node, however many there are; see [`numeric`](crate::numeric).
impl<T: Scalar> iter::Product for Var<'_, T> {
    #[track_caller]
    fn product<I: Iterator<Item = Self>>(iter: I) -> Self {
        numeric::product(&SmallVec::<[Self; 16]>::from_iter(iter))
    }
}

/// One node, however many there are; see [`numeric`](crate::numeric).
impl<'a, T: Scalar> iter::Product<&'a Self> for Var<'_, T> {
    #[track_caller]
    fn product<I: Iterator<Item = &'a Self>>(iter: I) -> Self {
        iter.copied().product()
    }
}

use {assign, implement, negation};
