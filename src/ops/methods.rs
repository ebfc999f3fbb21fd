//! What may stand beside a tensor as the second operand of a method.

use crate::{Dual, FromNumber, Scalar, Tensor, TensorVar, Var, tape::Tape};

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

macro_rules! number {
    ([$($generics:tt)*] $T:ty, $N:ty) => {
        impl<'t, $($generics)*> TapeOperand<'t, $T> for $N {
            #[track_caller]
            fn on(self, tape: &'t Tape<$T>) -> TensorVar<'t, $T> {
                tape.constant(Tensor::scalar(<$T as FromNumber<$N>>::from_number(self)))
            }
        }

        impl<$($generics)*> TensorOperand<$T> for $N {
            fn tensor(self) -> Tensor<$T> {
                Tensor::scalar(<$T as FromNumber<$N>>::from_number(self))
            }
        }
    };
}
number!([T: Scalar] T, f64);
number!([] f32, f32);
number!([T: Scalar] Dual<T>, Dual<T>);
