//! One pass over a weight, its gradient and its state, compiled in this crate. The formulas stand with their
//! optimizers.

use crate::{Element, Scalar, Tensor, tensor::kernels::vector::dispatch::multiversion};
use std::any::Any;

/// The formula of an optimizer, with its numbers.
///
/// The methods that are not generic are what [`apply`] calls: their loops are compiled here, once and optimised, and
/// not in each user's crate.
pub(super) trait Rule<const N: usize>: Copy {
    /// Changes a weight and its state by the gradient. `#[inline(always)]`, so that it is compiled for each instruction
    /// set.
    fn update<T: Scalar>(self, weight: &mut Tensor<T>, gradient: &[T], state: &mut [Tensor<T>; N]);

    fn update_f32(self, weight: &mut Tensor<f32>, gradient: &[f32], state: &mut [Tensor<f32>; N]);
    fn update_f64(self, weight: &mut Tensor<f64>, gradient: &[f64], state: &mut [Tensor<f64>; N]);
}

/// The part of a [`Rule`] that is the same for all.
macro_rules! pinned {
    ($N:literal) => {
        #[inline(never)]
        fn update_f32(self, weight: &mut Tensor<f32>, gradient: &[f32], state: &mut [Tensor<f32>; $N]) {
            super::update::run(
                $crate::tensor::kernels::vector::InstructionSet::detected(),
                self,
                weight,
                gradient,
                state,
            );
        }
        #[inline(never)]
        fn update_f64(self, weight: &mut Tensor<f64>, gradient: &[f64], state: &mut [Tensor<f64>; $N]) {
            super::update::run(
                $crate::tensor::kernels::vector::InstructionSet::detected(),
                self,
                weight,
                gradient,
                state,
            );
        }
    };
}
pub(super) use pinned;

multiversion! {
    /// A rule's pass in the widest vectors that the processor has. Products and sums are rounded one by one in all, so
    /// that the bits are the same.
    pub(super) fn run[T: Scalar, R: Rule<N>, const N: usize][T, R, N](
        set: InstructionSet,
        rule: R,
        weight: &mut Tensor<T>,
        gradient: &[T],
        state: &mut [Tensor<T>; N],
    ) {
        rule.update(weight, gradient, state);
    }
}

/// Applies a rule by the code for its number type.
pub(super) fn apply<T: Scalar, const N: usize>(
    rule: impl Rule<N>,
    weight: &mut Tensor<T>,
    gradient: &Tensor<T>,
    state: &mut [Tensor<T>; N],
) {
    if let Some((weight, gradient, state)) = concrete::<T, f32, N>(weight, gradient, state) {
        return rule.update_f32(weight, gradient.as_slice(), state);
    }
    if let Some((weight, gradient, state)) = concrete::<T, f64, N>(weight, gradient, state) {
        return rule.update_f64(weight, gradient.as_slice(), state);
    }
    rule.update(weight, gradient.as_slice(), state);
}

type Operands<'a, T, const N: usize> = (&'a mut Tensor<T>, &'a Tensor<T>, &'a mut [Tensor<T>; N]);

/// The same tensors, if their numbers are of type `U`.
fn concrete<'a, T: Element, U: Element, const N: usize>(
    weight: &'a mut Tensor<T>,
    gradient: &'a Tensor<T>,
    state: &'a mut [Tensor<T>; N],
) -> Option<Operands<'a, U, N>> {
    Some((
        (weight as &mut dyn Any).downcast_mut()?,
        (gradient as &dyn Any).downcast_ref()?,
        (state as &mut dyn Any).downcast_mut()?,
    ))
}

/// Replaces every weight by `f(weight, gradient, state)`: in place, or into a new buffer if the old one is held
/// elsewhere.
#[inline(always)]
pub(super) fn replace<T: Element, S>(
    weight: &mut Tensor<T>,
    gradient: &[T],
    state: impl Iterator<Item = S>,
    f: impl Fn(T, T, S) -> T,
) {
    if let Some(numbers) = weight.own() {
        for ((w, g), s) in numbers.iter_mut().zip(gradient).zip(state) {
            *w = f(*w, *g, s);
        }
        return;
    }
    *weight = Tensor::build(weight.shape().into(), |to| {
        for (((to, w), g), s) in to.iter_mut().zip(weight.as_slice()).zip(gradient).zip(state) {
            *to = f(*w, *g, s);
        }
    });
}
