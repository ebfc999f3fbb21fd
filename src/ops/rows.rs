//! Loops of elementwise functions over rows of numbers, each compiled for several instruction sets, with the user's
//! formula in it: values here, slopes in `slopes`, both for lists of scalars in `few`. What is a row, and who gets the
//! results, stands in `map`.
//!
//! A loop over numbers that lie side by side goes over them where they lie, in a multiple of the widest vector. The
//! rest of a row, and rows that are read with other steps, go through small blocks on the stack, padded to such a
//! multiple: so every element is computed by the same instructions and has the same bits wherever it lies, and no
//! element is computed alone. Slices are cut to the length of the loop before it, so that nothing is checked inside:
//! a loop with a second exit runs its last elements one by one. The length of a loop is not known where it is
//! compiled, because a short loop of known length would be unrolled before it could become vectors.

// Several arrays are indexed by one number, in loops whose form is what makes them vectors.
#![allow(clippy::needless_range_loop)]

mod few;
mod pieces;
mod slopes;

pub(super) use few::{Few, value_and_slopes_of_few, values_of_few};
pub(super) use pieces::{Multiplier, SlopeLoop, slope_in_pieces};
pub(super) use slopes::{slope, slopes, value_and_slopes};

use super::{Elementwise, Operand, Scalar, lane::Lanes};
use crate::tensor::kernels::{
    dispatch::{InstructionSet, multiversion},
    map::element,
};

/// Numbers of a widest vector of f32.
const LANES: usize = 16;

/// How many elements go through the stack at a time.
const BLOCK: usize = 64;

/// The same where results of several slopes, or cotangents that are written over, are kept apart.
const LONG: usize = 256;

type Blocks<T, const N: usize> = [[T; BLOCK]; N];

/// `out = f(x)`.
pub(super) fn values<T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    x: [&[T]; N],
    steps: [usize; N],
    out: &mut [T],
) {
    if const { T::IS_PLAIN && F::VECTORISES } {
        values_vectors(InstructionSet::detected(), formula, x, steps, out);
    } else {
        for (k, out) in out.iter_mut().enumerate() {
            *out = T::apply(formula, element(&x, &steps, k));
        }
    }
}

multiversion! {
    @widest if F::WIDEST;
    fn values_vectors[T: Scalar, F: Elementwise<N>, const N: usize][T, F, N](
        set: InstructionSet, formula: F, x: [&[T]; N], steps: [usize; N], out: &mut [T]
    ) {
        let (mut blocks, mut results): (Blocks<T, N>, _) = ([[T::zero(); BLOCK]; N], [T::zero(); BLOCK]);
        let mut at = 0;
        while at < out.len() {
            let (size, direct) = part(&steps, out.len() - at, usize::MAX);
            let (x, to) = if direct {
                (cut(&x, at, size), &mut out[at..at + size])
            } else {
                lay(&x, &steps, at, size, &mut blocks);
                (parts(&blocks, size), &mut results[..size.next_multiple_of(LANES)])
            };
            let n = to.len();
            let x = cut(&x, 0, n);
            let mut any_left = false;
            if const { F::CHEAP } || direct {
                for k in 0..n {
                    let y = <T::Lane<FMA>>::apply(formula, lanes(&x, k));
                    to[k] = y.number();
                    any_left |= y.is_left();
                }
            } else {
                // The end of a row, and a short one: a loop over all would take several vectors at once, and what is
                // less than that one by one.
                let vector = const { 64 / size_of::<T>() };
                for first in (0..n).step_by(vector) {
                    let x = cut(&x, first, vector);
                    let to = &mut to[first..first + vector];
                    for k in 0..vector {
                        let y = <T::Lane<FMA>>::apply(formula, lanes(&x, k));
                        to[k] = y.number();
                        any_left |= y.is_left();
                    }
                }
            }
            if const { F::LEAVES_SOME } && any_left {
                correct_values::<FMA, T, F, N>(formula, &x, to);
            }
            if !direct {
                out[at..at + size].copy_from_slice(&results[..size]);
            }
            at += size;
        }
    }
}

#[cold]
fn correct_values<const FMA: bool, T: Scalar, F: Elementwise<N>, const N: usize>(
    formula: F,
    x: &[&[T]; N],
    to: &mut [T],
) {
    for (k, to) in to.iter_mut().enumerate() {
        if <T::Lane<FMA>>::apply(formula, lanes(x, k)).is_left() {
            *to = T::apply(formula, element(x, &[1; N], k));
        }
    }
}

/// The function of numbers where they lie; not one that leaves some. The same bits as by [`values`].
pub(super) fn values_in_place<T: Scalar, F: Elementwise<1>>(formula: F, numbers: &mut [T]) {
    const { assert!(!F::LEAVES_SOME) };
    if const { T::IS_PLAIN && F::VECTORISES } {
        values_in_place_vectors(InstructionSet::detected(), formula, numbers);
    } else {
        numbers.iter_mut().for_each(|x| *x = T::apply(formula, [*x]));
    }
}

multiversion! {
    @widest if F::WIDEST;
    fn values_in_place_vectors[T: Scalar, F: Elementwise<1>][T, F](
        set: InstructionSet, formula: F, numbers: &mut [T]
    ) {
        let (whole, rest) = numbers.split_at_mut(numbers.len() / LANES * LANES);
        for x in whole {
            *x = <T::Lane<FMA>>::apply(formula, [<T::Lane<FMA>>::of(*x)]).number();
        }
        if !rest.is_empty() {
            let mut block = [T::zero(); LANES];
            block[..rest.len()].copy_from_slice(rest);
            for x in &mut block[..rest.len().next_multiple_of(LANES)] {
                *x = <T::Lane<FMA>>::apply(formula, [<T::Lane<FMA>>::of(*x)]).number();
            }
            rest.copy_from_slice(&block[..rest.len()]);
        }
    }
}

/// The next part of a row of which so many elements are left: its size, and whether it is computed where it lies.
#[inline(always)]
fn part<const N: usize>(steps: &[usize; N], left: usize, most: usize) -> (usize, bool) {
    let whole = left.min(most) / LANES * LANES;
    if *steps == [1; N] && whole > 0 { (whole, true) } else { (left.min(BLOCK), false) }
}

#[inline(always)]
fn cut<'a, T, const N: usize>(x: &[&'a [T]; N], at: usize, size: usize) -> [&'a [T]; N] {
    let mut parts = [&x[0][at..at + size]; N];
    for j in 1..N {
        parts[j] = &x[j][at..at + size];
    }
    parts
}

/// `LONG` numbers from number `at` on.
#[inline(always)]
fn array<T>(x: &[T], at: usize) -> &[T; LONG] {
    x[at..].first_chunk().expect("the rows have as many elements")
}

/// Lays the arguments of `size` elements from number `at` on side by side. Behind them stay numbers from before.
#[inline(always)]
fn lay<T: Copy, const N: usize, const LEN: usize>(
    x: &[&[T]; N],
    steps: &[usize; N],
    at: usize,
    size: usize,
    blocks: &mut [[T; LEN]; N],
) {
    for j in 0..N {
        match steps[j] {
            0 => blocks[j].fill(x[j][0]),
            1 => blocks[j][..size].copy_from_slice(&x[j][at..at + size]),
            step => {
                for (to, x) in blocks[j][..size].iter_mut().zip(x[j][at * step..].iter().step_by(step)) {
                    *to = *x;
                }
            }
        }
    }
}

/// The first of every block, as many as fill vectors.
#[inline(always)]
fn parts<T, const N: usize>(blocks: &Blocks<T, N>, size: usize) -> [&[T]; N] {
    let n = size.next_multiple_of(LANES);
    let mut parts = [&blocks[0][..n]; N];
    for j in 1..N {
        parts[j] = &blocks[j][..n];
    }
    parts
}

#[inline(always)]
fn lanes<const FMA: bool, T: Scalar, const N: usize>(x: &[&[T]; N], k: usize) -> [T::Lane<FMA>; N] {
    let mut lanes = [<T::Lane<FMA>>::of(x[0][k]); N];
    for j in 1..N {
        lanes[j] = <T::Lane<FMA>>::of(x[j][k]);
    }
    lanes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::elementwise::{Atan2, Sin, Tanh};

    /// A NaN is one bit pattern: which of its signs and payloads comes out is not defined.
    fn bits(numbers: &[f64]) -> Vec<u64> {
        numbers.iter().map(|x| if x.is_nan() { f64::NAN } else { *x }.to_bits()).collect()
    }

    /// The loop that computes value and slopes at once, against the two that compute them apart.
    fn both<F: Elementwise<N>, const N: usize>(formula: F, x: [&[f64]; N]) {
        let len = x[0].len();
        let ones = vec![1.0; len];
        let [mut y, mut expected] = [(); 2].map(|()| vec![0.0; len]);
        let [mut found, mut apart] = [(); 2].map(|()| [(); N].map(|()| vec![0.0; len]));
        value_and_slopes(formula, x, &mut y, found.each_mut().map(|slopes| Some(&mut slopes[..])));
        values(formula, x, [1; N], &mut expected);
        let places = apart.each_mut().map(|slopes| Some(&mut slopes[..]));
        slopes(formula, x, [1; N], &expected, &ones, places);
        assert_eq!(bits(&y), bits(&expected), "the value of {}", F::NAME);
        for (found, apart) in found.iter().zip(&apart) {
            assert_eq!(bits(found), bits(apart), "a slope of {}", F::NAME);
        }
    }

    #[test]
    fn value_and_slopes_at_once_have_the_bits_of_each_alone() {
        for len in [1, 15, 256, 257, 600] {
            // With angles that are far, and numbers that are none.
            let x: Vec<f64> =
                (0..len).map(|i| f64::from(i) * 0.37 - 3.0 + if i % 97 == 5 { 1e12 } else { 0.0 }).collect();
            let mut y: Vec<f64> = x.iter().map(|x| 1.5 - x).collect();
            y[len as usize / 2] = f64::NAN;
            both(Tanh(), [&x]);
            both(Sin(), [&x]);
            both(Sin(), [&y]);
            both(Atan2(), [&x, &y]);
        }
    }
}
