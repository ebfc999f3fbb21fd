//! The forms in which a function may return its results: one number, an array or a `Vec` of them. No derivatives.

use crate::{Dual, Scalar, Var};
use std::slice;

/// What a function of dual numbers may return: one [`Dual`], an array or a `Vec` of them.
#[diagnostic::on_unimplemented(
    message = "a function cannot return `{Self}` here",
    note = "it returns one number, an array `[a, b]` or a `Vec` of the numbers that it is given"
)]
pub trait Outputs<T> {
    /// Plain numbers in the same form: `T`, `[T; M]` or `Vec<T>`.
    type Values;

    /// Whether there is one number, which is no list.
    #[doc(hidden)]
    const IS_ONE: bool = false;

    #[doc(hidden)]
    fn as_list(&self) -> &[Dual<T>];

    #[doc(hidden)]
    fn into_parts(self) -> (Self::Values, Self::Values);
}

impl<T: Scalar> Outputs<T> for Dual<T> {
    type Values = T;
    const IS_ONE: bool = true;

    fn as_list(&self) -> &[Dual<T>] {
        slice::from_ref(self)
    }

    fn into_parts(self) -> (T, T) {
        (self.value, self.tangent)
    }
}

impl<T: Scalar, const M: usize> Outputs<T> for [Dual<T>; M] {
    type Values = [T; M];

    fn as_list(&self) -> &[Dual<T>] {
        self
    }

    fn into_parts(self) -> ([T; M], [T; M]) {
        (self.map(|y| y.value), self.map(|y| y.tangent))
    }
}

impl<T: Scalar> Outputs<T> for Vec<Dual<T>> {
    type Values = Vec<T>;

    fn as_list(&self) -> &[Dual<T>] {
        self
    }

    fn into_parts(self) -> (Vec<T>, Vec<T>) {
        self.into_iter().map(|y| (y.value, y.tangent)).unzip()
    }
}

/// What [`vjp`](super::vjp) multiplies the Jacobian with. Its form says what the function returns: a number `T` goes
/// with one [`Var`], an array `[T; M]` with an array, and a `Vec`, a slice or a reference `&[..]` with a `Vec`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not the cotangent of a function's result",
    note = "it is a number where the function returns one, `[a, b]` where it returns an array, `&[a, b]` where it \
            returns a `Vec`"
)]
pub trait Cotangent<T> {
    /// What the function returns.
    type Outputs<'t>;

    /// Plain numbers in the same form.
    type Values;

    #[doc(hidden)]
    fn weights(&self) -> &[T];

    #[doc(hidden)]
    fn as_list<'a, 't: 'a>(outputs: &'a Self::Outputs<'t>) -> &'a [Var<'t, T>];

    #[doc(hidden)]
    fn values(outputs: &Self::Outputs<'_>) -> Self::Values;
}

impl<T: Scalar> Cotangent<T> for T {
    type Outputs<'t> = Var<'t, T>;
    type Values = T;

    fn weights(&self) -> &[T] {
        slice::from_ref(self)
    }

    fn as_list<'a, 't: 'a>(outputs: &'a Var<'t, T>) -> &'a [Var<'t, T>] {
        slice::from_ref(outputs)
    }

    fn values(outputs: &Var<'_, T>) -> T {
        outputs.value()
    }
}

impl<T: Scalar, const M: usize> Cotangent<T> for [T; M] {
    type Outputs<'t> = [Var<'t, T>; M];
    type Values = [T; M];

    fn weights(&self) -> &[T] {
        self
    }

    fn as_list<'a, 't: 'a>(outputs: &'a [Var<'t, T>; M]) -> &'a [Var<'t, T>] {
        outputs
    }

    fn values(outputs: &[Var<'_, T>; M]) -> [T; M] {
        outputs.map(Var::value)
    }
}

macro_rules! cotangent_of_a_vec {
    ($([$($generics:tt)*] $W:ty;)*) => { $(
        impl<$($generics)*> Cotangent<T> for $W {
            type Outputs<'t> = Vec<Var<'t, T>>;
            type Values = Vec<T>;

            fn weights(&self) -> &[T] {
                &self[..]
            }

            fn as_list<'a, 't: 'a>(outputs: &'a Vec<Var<'t, T>>) -> &'a [Var<'t, T>] {
                outputs
            }

            fn values(outputs: &Vec<Var<'_, T>>) -> Vec<T> {
                outputs.iter().map(|y| y.value()).collect()
            }
        }
    )* };
}
cotangent_of_a_vec! {
    [T: Scalar] Vec<T>;
    [T: Scalar] &Vec<T>;
    [T: Scalar] &[T];
    [T: Scalar, const M: usize] &[T; M];
}
