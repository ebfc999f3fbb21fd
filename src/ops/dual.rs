//! Dual numbers as numbers of tensors and tapes; their functions are rows of the table.

use crate::{Dual, Element, MultiDual, Scalar, tensor::Pool};

impl<T: Scalar> Element for Dual<T> {
    const IS_PLAIN: bool = false;

    #[inline(always)]
    fn lit(value: f64) -> Self {
        Dual::constant(T::lit(value))
    }

    #[inline(always)]
    fn real(self) -> f64 {
        self.value.real()
    }

    #[inline(always)]
    fn is_exactly_zero(self) -> bool {
        self.value.is_exactly_zero() && self.tangent.is_exactly_zero()
    }

    fn pool() -> Option<&'static Pool<Self>> {
        T::dual_pool()
    }
}

impl<T: Scalar, const N: usize> Element for MultiDual<T, N> {
    const IS_PLAIN: bool = false;

    #[inline(always)]
    fn lit(value: f64) -> Self {
        MultiDual::constant(T::lit(value))
    }

    #[inline(always)]
    fn real(self) -> f64 {
        self.value.real()
    }

    #[inline(always)]
    fn is_exactly_zero(self) -> bool {
        self.value.is_exactly_zero() && self.tangents.iter().all(|tangent| tangent.is_exactly_zero())
    }
}
