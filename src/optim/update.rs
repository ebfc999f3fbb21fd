//! One pass over a weight, its gradient and its state, compiled in this crate. The formulas stand with their
//! optimizers.

use crate::{
    Element, Scalar, Tensor,
    tensor::{kernels::dispatch::multiversion, parallel::for_each_chunk},
};
use std::any::Any;

/// The formula of an optimizer, with its numbers.
///
/// The methods that are not generic are what [`apply`] calls: their loops are compiled here, once and optimised, and
/// not in each user's crate.
pub(super) trait Rule<const N: usize>: Copy + Sync {
    /// Changes a weight and its state by the gradient. `#[inline(always)]`, so that it is compiled for each instruction
    /// set.
    fn update<T: Scalar>(self, weight: Weight<'_, T>, gradient: &[T], state: [&mut [T]; N]);

    fn update_f32(self, weight: Weight<'_, f32>, gradient: &[f32], state: [&mut [f32]; N]);
    fn update_f64(self, weight: Weight<'_, f64>, gradient: &[f64], state: [&mut [f64]; N]);
}

/// Numbers that are to be changed: in place, or into a new buffer if the old one is held elsewhere.
pub(super) struct Weight<'a, T> {
    to: &'a mut [T],
    from: Option<&'a [T]>,
}

/// The part of a [`Rule`] that is the same for all.
macro_rules! pinned {
    ($N:literal) => {
        #[inline(never)]
        fn update_f32(self, weight: super::update::Weight<'_, f32>, gradient: &[f32], state: [&mut [f32]; $N]) {
            super::update::run(
                $crate::tensor::kernels::dispatch::InstructionSet::detected(),
                self,
                weight,
                gradient,
                state,
            );
        }
        #[inline(never)]
        fn update_f64(self, weight: super::update::Weight<'_, f64>, gradient: &[f64], state: [&mut [f64]; $N]) {
            super::update::run(
                $crate::tensor::kernels::dispatch::InstructionSet::detected(),
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
        weight: Weight<'_, T>,
        gradient: &[T],
        state: [&mut [T]; N],
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
        return in_chunks(weight, gradient, state, &|weight, gradient, state| rule.update_f32(weight, gradient, state));
    }
    if let Some((weight, gradient, state)) = concrete::<T, f64, N>(weight, gradient, state) {
        return in_chunks(weight, gradient, state, &|weight, gradient, state| rule.update_f64(weight, gradient, state));
    }
    in_chunks(weight, gradient, state, &|weight, gradient, state| rule.update(weight, gradient, state));
}

/// What changes the numbers of a chunk.
type Change<'a, T, const N: usize> = &'a (dyn Fn(Weight<'_, T>, &[T], [&mut [T]; N]) + Sync);

/// Divides the numbers among threads if there are many: each is changed for itself.
fn in_chunks<T: Element, const N: usize>(
    weight: &mut Tensor<T>,
    gradient: &Tensor<T>,
    state: &mut [Tensor<T>; N],
    change: Change<'_, T, N>,
) {
    /// About how many numbers are changed in a nanosecond, and how many are taken at a time.
    const CHANGED_IN_A_NANOSECOND: usize = 3;
    const CHUNK: usize = 1 << 14;
    let (len, gradient) = (gradient.len(), gradient.as_slice());
    let state = state.each_mut().map(Tensor::pooled_mut);
    let nanoseconds = len / CHANGED_IN_A_NANOSECOND;
    if let Some(numbers) = weight.own() {
        return for_each_chunk((numbers, state), len, CHUNK, nanoseconds, &|at, (to, state)| {
            change(Weight { to, from: None }, &gradient[at], state);
        });
    }
    *weight = Tensor::build(weight.shape().into(), |to| {
        for_each_chunk((to, state), len, CHUNK, nanoseconds, &|at, (to, state)| {
            change(Weight { to, from: Some(&weight.as_slice()[at.clone()]) }, &gradient[at], state);
        });
    });
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

/// Replaces every weight by `f(weight, gradient, state)`.
#[inline(always)]
pub(super) fn replace<T: Element, S>(
    weight: Weight<'_, T>,
    gradient: &[T],
    state: impl Iterator<Item = S>,
    f: impl Fn(T, T, S) -> T,
) {
    match weight.from {
        None => {
            for ((w, g), s) in weight.to.iter_mut().zip(gradient).zip(state) {
                *w = f(*w, *g, s);
            }
        }
        Some(from) => {
            for (((to, w), g), s) in weight.to.iter_mut().zip(from).zip(gradient).zip(state) {
                *to = f(*w, *g, s);
            }
        }
    }
}
