//! The number a tensor is made of. What can be differentiated on a tape is [`Scalar`](crate::Scalar), a layer above.

use crate::tensor::{Dual, Factor, MultiDual, Near, Pool, Taylor, product_by_loops};
use num_traits::{Float, NumAssign};
use std::fmt::{Debug, Display};
use std::thread::LocalKey;

/// No other crate can add a number type: the tape relies on arithmetic that does not record.
mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
    impl<T: super::Element> Sealed for super::Dual<T> {}
    impl<T: super::Element, const N: usize> Sealed for super::MultiDual<T, N> {}
    impl<T: super::Element, const K: usize> Sealed for super::Taylor<T, K> {}
}

/// A floating-point number that tensors hold: `f32`, `f64`, and [`Dual`](crate::Dual),
/// [`MultiDual`](crate::MultiDual) and [`Taylor`](crate::Taylor) of them.
///
/// Code generic over tensors asks for [`Scalar`](crate::Scalar), which implies this.
#[diagnostic::on_unimplemented(
    message = "tensors do not compute with `{Self}`",
    label = "not a number of a tensor",
    note = "gradtape computes with f32, f64, and with Dual, MultiDual and Taylor of them"
)]
pub trait Element: sealed::Sealed + Float + NumAssign + Default + Debug + Display + Send + Sync + 'static {
    /// Whether it is a machine number, for which kernels have loops that vectorise.
    #[doc(hidden)]
    const IS_PLAIN: bool;

    /// The number nearest to a literal.
    ///
    /// ```
    /// use gradtape::Element;
    /// assert_eq!(f32::lit(0.5), 0.5f32);
    /// ```
    fn lit(value: f64) -> Self;

    /// The value as `f64`, without tangents.
    fn real(self) -> f64;

    /// Whether the number is zero in all its parts: a dual number also in its tangent.
    fn is_exactly_zero(self) -> bool;

    /// How many machine numbers it is made of: 1, or a value and its tangents.
    #[doc(hidden)]
    const PARTS: usize;

    /// One of them. Part 0 is the value, and no part of a product is made of later ones.
    #[doc(hidden)]
    fn part(&self, i: usize) -> f64;

    /// Gives one of them another value.
    #[doc(hidden)]
    fn set_part(&mut self, i: usize, value: f64);

    /// Where buffers of such numbers are kept for reuse; `None` frees them.
    #[doc(hidden)]
    fn pool() -> Option<&'static Pool<Self>> {
        None
    }

    /// Where this thread keeps small buffers of such numbers.
    #[doc(hidden)]
    fn near() -> Option<&'static LocalKey<Near<Self>>> {
        None
    }

    /// The pool of the dual numbers over this type.
    #[doc(hidden)]
    fn dual_pool() -> Option<&'static Pool<Dual<Self>>> {
        None
    }

    /// `c = a b`, or `c += a b` where `add` says so.
    #[doc(hidden)]
    fn product(a: &Factor<'_, Self>, b: &Factor<'_, Self>, add: bool, c: &mut [Self]) {
        product_by_loops(a, b, add, c);
    }
}

/// A slope times a cotangent. A 0 of one contributes 0 against an infinity of the other: what is masked out, and where
/// a function is constant, nothing comes back. A cotangent of 0 does so even against a slope that is no number.
#[inline(always)]
pub(crate) fn guarded<T: Element>(slope: T, g: T) -> T {
    let product = slope * g;
    if g.is_exactly_zero() || (slope.is_exactly_zero() && g.is_infinite()) { T::zero() } else { product }
}

macro_rules! element {
    ($($T:ident),*) => { $(
        impl Element for $T {
            const IS_PLAIN: bool = true;

            #[inline(always)]
            fn lit(value: f64) -> Self {
                value as $T
            }
            #[inline(always)]
            fn real(self) -> f64 {
                self.into()
            }
            #[inline(always)]
            fn is_exactly_zero(self) -> bool {
                self == 0.0
            }
            const PARTS: usize = 1;

            #[inline(always)]
            fn part(&self, _: usize) -> f64 {
                (*self).into()
            }
            #[inline(always)]
            fn set_part(&mut self, _: usize, value: f64) {
                *self = value as $T;
            }
            fn pool() -> Option<&'static Pool<Self>> {
                static POOL: Pool<$T> = Pool::new();
                Some(&POOL)
            }
            #[inline]
            fn near() -> Option<&'static LocalKey<Near<Self>>> {
                thread_local! { static NEAR: Near<$T> = const { Near::new() } }
                Some(&NEAR)
            }
            fn dual_pool() -> Option<&'static Pool<Dual<Self>>> {
                static POOL: Pool<Dual<$T>> = Pool::new();
                Some(&POOL)
            }
            fn product(a: &Factor<'_, Self>, b: &Factor<'_, Self>, add: bool, c: &mut [Self]) {
                crate::tensor::product_by_blocks(a, b, add, c);
            }
        }
    )* };
}
element!(f32, f64);
