//! Dual numbers as numbers of tensors and tapes; their functions are rows of the table.

use crate::{
    Dual, Element, MultiDual, Scalar,
    ops::planes::{self, Parts},
    tensor::{Factor, Pool},
};

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

    const PARTS: usize = Self::COUNT * T::PARTS;

    fn part(&self, i: usize) -> f64 {
        self.get(i / T::PARTS).part(i % T::PARTS)
    }

    fn set_part(&mut self, i: usize, value: f64) {
        self.get_mut(i / T::PARTS).set_part(i % T::PARTS, value);
    }

    fn pool() -> Option<&'static Pool<Self>> {
        T::dual_pool()
    }

    fn product(a: &Factor<'_, Self>, b: &Factor<'_, Self>, add: bool, c: &mut [Self]) {
        planes::product(a, b, add, c);
    }
}

impl<T: Scalar> Parts<T> for Dual<T> {
    const COUNT: usize = 2;

    fn get(&self, k: usize) -> T {
        if k == 0 { self.value } else { self.tangent }
    }

    fn get_mut(&mut self, k: usize) -> &mut T {
        if k == 0 { &mut self.value } else { &mut self.tangent }
    }

    fn meet(i: usize, j: usize) -> Option<usize> {
        (i + j < 2).then_some(i + j)
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

    const PARTS: usize = Self::COUNT * T::PARTS;

    fn part(&self, i: usize) -> f64 {
        self.get(i / T::PARTS).part(i % T::PARTS)
    }

    fn set_part(&mut self, i: usize, value: f64) {
        self.get_mut(i / T::PARTS).set_part(i % T::PARTS, value);
    }

    fn product(a: &Factor<'_, Self>, b: &Factor<'_, Self>, add: bool, c: &mut [Self]) {
        planes::product(a, b, add, c);
    }
}

impl<T: Scalar, const N: usize> Parts<T> for MultiDual<T, N> {
    const COUNT: usize = N + 1;

    fn get(&self, k: usize) -> T {
        if k == 0 { self.value } else { self.tangents[k - 1] }
    }

    fn get_mut(&mut self, k: usize) -> &mut T {
        if k == 0 { &mut self.value } else { &mut self.tangents[k - 1] }
    }

    fn meet(i: usize, j: usize) -> Option<usize> {
        (i == 0 || j == 0).then_some(i + j)
    }
}
