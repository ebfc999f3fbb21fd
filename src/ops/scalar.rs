//! What a number must be so that a tape can be made of it, and what may stand beside a handle.

use crate::{
    Dual, Element, MultiDual, Taylor, Var,
    ops::{
        Builtin, Operand,
        lane::{Lane, Lanes},
    },
    tape::Step,
};

/// The number of a tape: `f32`, `f64`, and [`Dual`], [`MultiDual`] and [`Taylor`] of them. The bound for code generic
/// over tapes and tensors.
///
/// ```
/// use gradtape::{Scalar, TensorVar};
/// fn energy<'t, T: Scalar>(x: TensorVar<'t, T>) -> TensorVar<'t, T> {
///     0.5 * x.square().sum()
/// }
/// let tape = gradtape::Tape::<f32>::new();
/// assert_eq!(energy(tape.tensor([3.0, 4.0])).item(), 12.5);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the number of a tape",
    note = "gradtape computes with f32, f64, and with Dual, MultiDual and Taylor of them"
)]
pub trait Scalar: Element + Operand + Number + FromNumber<Self> + FromNumber<f64> {
    /// What stands for it in a loop over many, with fused multiply-adds or without.
    #[doc(hidden)]
    type Lane<const FMA: bool>: Lanes<Self>;

    /// A built-in operation. Not generic for the number types there are: their kernels are compiled in this crate,
    /// once and optimised, and not in each user's.
    #[doc(hidden)]
    fn step(builtin: Builtin) -> Box<dyn Step<Self>>;

    /// The same for dual numbers over this type.
    #[doc(hidden)]
    fn dual_step(builtin: Builtin) -> Box<dyn Step<Dual<Self>>>;
}

macro_rules! scalar {
    ($($T:ty),*) => { $(
        impl Scalar for $T {
            type Lane<const FMA: bool> = Lane<$T, FMA>;

            #[inline(never)]
            fn step(builtin: Builtin) -> Box<dyn Step<Self>> {
                builtin.build()
            }
            #[inline(never)]
            fn dual_step(builtin: Builtin) -> Box<dyn Step<Dual<Self>>> {
                builtin.build()
            }
        }
    )* };
}
scalar!(f32, f64);

impl<T: Scalar> Scalar for Dual<T> {
    type Lane<const FMA: bool> = Dual<T>;

    fn step(builtin: Builtin) -> Box<dyn Step<Self>> {
        T::dual_step(builtin)
    }

    fn dual_step(builtin: Builtin) -> Box<dyn Step<Dual<Self>>> {
        builtin.build()
    }
}

impl<T: Scalar, const N: usize> Scalar for MultiDual<T, N> {
    type Lane<const FMA: bool> = Self;

    fn step(builtin: Builtin) -> Box<dyn Step<Self>> {
        builtin.build()
    }

    fn dual_step(builtin: Builtin) -> Box<dyn Step<Dual<Self>>> {
        builtin.build()
    }
}

/// A plain number, which may stand beside a handle: `f64` on every tape, and the tape's own number type.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not mix with a value of a tape",
    label = "expected a number, a `Var`, a `TensorVar` or a `&Tensor` of the same tape and number type",
    note = "for a whole number write an `f64` literal such as `2.0`, or `as f64`; a tensor, or a value of a tape, \
            has this tape's number type"
)]
pub trait Number: Copy {}

impl Number for f32 {}
impl Number for f64 {}
impl<T: Scalar> Number for Dual<T> {}
impl<T: Scalar, const N: usize> Number for MultiDual<T, N> {}
impl<T: Scalar, const K: usize> Number for Taylor<T, K> {}

/// Which numbers may stand beside `Self`: `f64` (so that literals always infer) and `Self`; beside a scalar of a tape
/// also another scalar.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not take a number of type `{N}` beside it",
    note = "for a whole number write an `f64` literal such as `2.0`, or `as f64`; a tensor, or a value of a tape, \
            has this tape's number type"
)]
pub trait FromNumber<N>: Sized {
    /// The same number, rounded. Records nothing: it is called while a node is in the making.
    fn from_number(number: N) -> Self;
}

impl<T: Scalar> FromNumber<f64> for T {
    #[inline(always)]
    fn from_number(number: f64) -> T {
        T::lit(number)
    }
}

impl FromNumber<f32> for f32 {
    #[inline(always)]
    fn from_number(number: f32) -> f32 {
        number
    }
}

impl<T: Scalar> FromNumber<Dual<T>> for Dual<T> {
    #[inline(always)]
    fn from_number(number: Dual<T>) -> Dual<T> {
        number
    }
}

impl<T: Scalar, const N: usize> FromNumber<MultiDual<T, N>> for MultiDual<T, N> {
    #[inline(always)]
    fn from_number(number: MultiDual<T, N>) -> Self {
        number
    }
}

impl<T: Scalar, const K: usize> FromNumber<Taylor<T, K>> for Taylor<T, K> {
    #[inline(always)]
    fn from_number(number: Taylor<T, K>) -> Self {
        number
    }
}

impl<'t, T: Scalar> FromNumber<Var<'t, T>> for Var<'t, T> {
    #[inline(always)]
    fn from_number(number: Var<'t, T>) -> Self {
        number
    }
}

impl<'t, T: Scalar> FromNumber<&Var<'t, T>> for Var<'t, T> {
    #[inline(always)]
    fn from_number(number: &Var<'t, T>) -> Self {
        *number
    }
}

impl<T: Scalar + FromNumber<N>, N: Number> FromNumber<N> for Var<'_, T> {
    #[inline(always)]
    fn from_number(number: N) -> Self {
        Var::from(T::from_number(number))
    }
}
