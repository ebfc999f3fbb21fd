//! Elementwise functions of lists of numbers and of scalars on a tape. What else a formula is called with stands in
//! `formula`, the loops for vectors in `rows`.

use super::{
    Elementwise, ElementwiseArgument, Operand, Scalar,
    rows::{self, Few},
};
use crate::{Var, tensor::kernels::map::element};

#[diagnostic::do_not_recommend]
impl<A: Operand> ElementwiseArgument for &[A] {
    type Output = Vec<A>;

    #[track_caller]
    fn call<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Vec<A> {
        if let Some(other) = x.iter().find(|other| other.len() != x[0].len()) {
            panic!("{}: [{}] and [{}]: slices of one length are wanted", F::NAME, x[0].len(), other.len());
        }
        A::apply_each(f, x)
    }
}

#[diagnostic::do_not_recommend]
impl<A: Operand, const K: usize> ElementwiseArgument for &[A; K] {
    type Output = Vec<A>;

    #[track_caller]
    fn call<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Vec<A> {
        A::apply_each(f, x.map(|x| &x[..]))
    }
}

#[diagnostic::do_not_recommend]
impl<A: Operand> ElementwiseArgument for &Vec<A> {
    type Output = Vec<A>;

    #[track_caller]
    fn call<F: Elementwise<N>, const N: usize>(f: F, x: [Self; N]) -> Vec<A> {
        <&[A]>::call(f, x.map(|x| &x[..]))
    }
}

/// For whatever is no plain number.
#[track_caller]
pub(super) fn one_by_one<A: Operand, F: Elementwise<N>, const N: usize>(f: F, x: [&[A]; N]) -> Vec<A> {
    let mut results = Vec::with_capacity(x[0].len());
    for k in 0..x[0].len() {
        results.push(A::apply(f, element(&x, &[1; N], k)));
    }
    results
}

/// Of numbers, with the bits that a tensor gets.
pub(super) fn of_numbers<T: Scalar, F: Elementwise<N>, const N: usize>(f: F, x: [&[T]; N]) -> Vec<T> {
    if const { !F::VECTORISES } {
        return one_by_one(f, x);
    }
    let (mut arguments, mut values) = ([[T::zero(); _]; N], [T::zero(); _]);
    // What fills blocks is computed where it lies.
    let whole = x[0].len() / values.len() * values.len();
    let mut results = vec![T::zero(); x[0].len()];
    let (full, rest) = results.split_at_mut(whole);
    if whole > 0 {
        rows::values(f, x.map(|x| &x[..whole]), [1; N], full);
    }
    if !rest.is_empty() {
        gather(&x.map(|x| &x[whole..]), &mut arguments, |number| number);
        rows::values_of_few(f, &arguments, &mut values);
        rest.copy_from_slice(&values[..rest.len()]);
    }
    results
}

/// Of scalars, with the values that a tensor gets: a node for each.
#[track_caller]
pub(super) fn of_vars<'t, T: Scalar, F: Elementwise<N>, const N: usize>(
    f: F,
    x: [&[Var<'t, T>]; N],
) -> Vec<Var<'t, T>> {
    if const { !T::IS_PLAIN || !F::VECTORISES } {
        return one_by_one(f, x);
    }
    let len = x[0].len();
    let mut results = Vec::with_capacity(len);
    let (mut arguments, mut values) = ([[T::zero(); _]; N], [T::zero(); _]);
    let mut slopes = arguments;
    for at in (0..len).step_by(values.len()) {
        let size = values.len().min(len - at);
        let x = x.map(|x| &x[at..at + size]);
        gather(&x, &mut arguments, Var::value);
        rows::value_and_slopes_of_few(f, &arguments, &mut values, &mut slopes);
        Var::push_list(x, F::NAME, &values, &slopes, &mut results);
    }
    results
}

/// Lays the numbers of each list at the beginning of a block. Behind them stay numbers from before.
#[inline(always)]
fn gather<A: Copy, T, const N: usize>(x: &[&[A]; N], to: &mut [Few<T>; N], number: impl Fn(A) -> T) {
    for (to, x) in to.iter_mut().zip(x) {
        for (to, x) in to.iter_mut().zip(*x) {
            *to = number(*x);
        }
    }
}
