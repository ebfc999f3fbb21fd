//! How methods of tensors are made: the same one for plain and recorded tensors, and what may stand beside either.

use crate::{
    FromNumber, Number, Scalar, Tensor, TensorVar, Var,
    ops::{Builtin, run},
    tape::Tape,
    tensor::shape::resolve_axis,
};

/// Methods on one tensor, written once: `fn name(arguments) = |shape| builtin;` makes the method of [`Tensor`] (by
/// reference) and that of [`TensorVar`] (by value), both with the documentation above it.
///
/// `shape` is the tensor's. Arguments are checked in `builtin`, by functions that panic at the user's line.
macro_rules! methods {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $Argument:ty),*) = |$shape:ident| $builtin:expr;)*) => {
        impl<T: $crate::Scalar> $crate::Tensor<T> { $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(&self, $($argument: $Argument),*) -> Self {
                let $shape: &[usize] = self.shape();
                $crate::ops::run(&*T::step($builtin), &[self])
            }
        )* }

        impl<T: $crate::Scalar> $crate::TensorVar<'_, T> { $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(self, $($argument: $Argument),*) -> Self {
                let $shape: &[usize] = self.shape();
                $crate::TensorVar::record(T::step($builtin), &[self])
            }
        )* }
    };
}
pub(crate) use methods;

/// The same for methods of other forms, written once for both kinds of tensor:
///
/// - `fn name(arguments; other) = builtin;` of a tensor and another operand, a number or a tensor;
/// - `fn name([tensors], arguments) = builtin;` of a list of tensors, an associated function;
/// - `fn name(x, arguments) -> Result { body }` of anything else, where `x` is the tensor.
macro_rules! methods_of_both {
    ($($(#[$doc:meta])* fn $name:ident($($argument:ident: $Argument:ty),*; $other:ident) = $builtin:expr;)*) => {
        impl<T: $crate::Scalar> $crate::Tensor<T> { $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(&self, $($argument: $Argument,)* $other: impl $crate::ops::TensorOperand<T>) -> Self {
                $crate::ops::run(&*T::step($builtin), &[self, &$other.tensor()])
            }
        )* }

        impl<'t, T: $crate::Scalar> $crate::TensorVar<'t, T> { $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(self, $($argument: $Argument,)* $other: impl $crate::ops::TapeOperand<'t, T>) -> Self {
                let $other = $other.on(self.tape());
                $crate::TensorVar::record(T::step($builtin), &[self, $other])
            }
        )* }
    };
    ($($(#[$doc:meta])* fn $name:ident([$tensors:ident] $(, $argument:ident: $Argument:ty)*) = $builtin:expr;)*) => {
        impl<T: $crate::Scalar> $crate::Tensor<T> { $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name($tensors: &[&Self] $(, $argument: $Argument)*) -> Self {
                $crate::ops::run(&*T::step($builtin), $tensors)
            }
        )* }

        impl<T: $crate::Scalar> $crate::TensorVar<'_, T> { $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name($tensors: &[Self] $(, $argument: $Argument)*) -> Self {
                $crate::TensorVar::record(T::step($builtin), $tensors)
            }
        )* }
    };
    ($($(#[$doc:meta])* fn $name:ident($x:ident $(, $argument:ident: $Argument:ty)*) -> $Result:ty $body:block)*) => {
        impl<T: $crate::Scalar> $crate::Tensor<T> { $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(&self $(, $argument: $Argument)*) -> $Result {
                let $x = self;
                $body
            }
        )* }

        impl<T: $crate::Scalar> $crate::TensorVar<'_, T> { $(
            $(#[$doc])*
            #[track_caller]
            pub fn $name(self $(, $argument: $Argument)*) -> $Result {
                let $x = self;
                $body
            }
        )* }
    };
}
pub(crate) use methods_of_both;

/// A built-in operation on one tensor of either kind, for the bodies of such methods.
pub(crate) trait Apply: Sized {
    #[track_caller]
    fn apply(&self, builtin: Builtin) -> Self;
}

impl<T: Scalar> Apply for Tensor<T> {
    #[track_caller]
    fn apply(&self, builtin: Builtin) -> Self {
        run(&*T::step(builtin), &[self])
    }
}

impl<T: Scalar> Apply for TensorVar<'_, T> {
    #[track_caller]
    fn apply(&self, builtin: Builtin) -> Self {
        TensorVar::record(T::step(builtin), &[*self])
    }
}

/// The axis that a method was given; negative ones count from the end.
///
/// # Panics
/// If there is no such axis.
#[track_caller]
pub(crate) fn axis_of(method: &str, axis: isize, shape: &[usize]) -> usize {
    match resolve_axis(axis, shape) {
        Ok(axis) => axis,
        Err(reason) => panic!("{method}: {reason}"),
    }
}

/// The other operand of a method of [`TensorVar`]: another one, a plain tensor, a [`Var`] or a number.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the other operand of a tensor on a tape of `{T}`",
    note = "it takes a `TensorVar`, a `&Tensor<{T}>`, a `Var` or an `f64` number"
)]
pub trait TapeOperand<'t, T> {
    /// The operand as a tensor on the tape.
    #[track_caller]
    fn on(self, tape: &'t Tape<T>) -> TensorVar<'t, T>;
}

impl<'t, T: Scalar> TapeOperand<'t, T> for TensorVar<'t, T> {
    fn on(self, _: &'t Tape<T>) -> TensorVar<'t, T> {
        self
    }
}

impl<'t, T: Scalar> TapeOperand<'t, T> for &TensorVar<'t, T> {
    fn on(self, _: &'t Tape<T>) -> TensorVar<'t, T> {
        *self
    }
}

impl<'t, T: Scalar> TapeOperand<'t, T> for Tensor<T> {
    #[track_caller]
    fn on(self, tape: &'t Tape<T>) -> TensorVar<'t, T> {
        tape.constant(self)
    }
}

impl<'t, T: Scalar> TapeOperand<'t, T> for &Tensor<T> {
    #[track_caller]
    fn on(self, tape: &'t Tape<T>) -> TensorVar<'t, T> {
        tape.constant(self)
    }
}

/// The scalar as a tensor of rank 0.
impl<'t, T: Scalar> TapeOperand<'t, T> for Var<'t, T> {
    #[track_caller]
    fn on(self, tape: &'t Tape<T>) -> TensorVar<'t, T> {
        match self.tape() {
            Some(_) => TensorVar::stack_vars(&[self]).reshape([]),
            None => tape.constant(Tensor::scalar(self.value())),
        }
    }
}

/// The other operand of a method of [`Tensor`]: another one or a number.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the other operand of a `Tensor<{T}>`",
    note = "it takes a `Tensor<{T}>`, by value or by reference, or an `f64` number"
)]
pub trait TensorOperand<T> {
    /// The operand as a tensor.
    fn tensor(self) -> Tensor<T>;
}

impl<T: Scalar> TensorOperand<T> for Tensor<T> {
    fn tensor(self) -> Tensor<T> {
        self
    }
}

impl<T: Scalar> TensorOperand<T> for &Tensor<T> {
    fn tensor(self) -> Tensor<T> {
        self.clone()
    }
}

impl<'t, T: Scalar + FromNumber<N>, N: Number> TapeOperand<'t, T> for N {
    #[track_caller]
    fn on(self, tape: &'t Tape<T>) -> TensorVar<'t, T> {
        tape.constant(Tensor::scalar(T::from_number(self)))
    }
}

impl<T: Scalar + FromNumber<N>, N: Number> TensorOperand<T> for N {
    fn tensor(self) -> Tensor<T> {
        Tensor::scalar(T::from_number(self))
    }
}
