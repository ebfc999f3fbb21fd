//! Sums that undo broadcasting, in an order that halves. Which cotangents need them is for the operations to know.

use super::{
    map,
    reduce::{self, Lanes, ROWS},
    walk,
};
use crate::{
    Element, Tensor,
    tensor::shape::{broadcast_strides, elements, is_same},
};

/// So few numbers in all, of which a sum has no more than [`ROWS`], are added straight to where they belong.
const FEW: usize = 1 << 15;

/// Sums over the axes along which a tensor of shape `shape` would be broadcast to the shape of `from`.
pub(crate) fn sum_to<T: Element>(from: &Tensor<T>, shape: &[usize]) -> Tensor<T> {
    if is_same(from.shape(), shape) {
        return from.clone();
    }
    Tensor::build(shape.into(), |to| sum_into(from, shape, false, to))
}

/// Adds those sums to what `to` holds, or writes them.
pub(crate) fn sum_into<T: Element>(from: &Tensor<T>, shape: &[usize], add: bool, to: &mut [T]) {
    if elements(shape) == 1 {
        let sum = map::sum(from.as_slice());
        to[0] = if add { to[0] + sum } else { sum };
        return;
    }
    let strides = broadcast_strides(shape, from.shape());
    let (mut sizes, steps) = walk::join_axes(from.shape(), [&strides]);
    let is_summed = |axis: &usize| steps[*axis] == [0];
    let is_long = from.len() > FEW || from.len() > ROWS * to.len();
    let Some(last) = (0..sizes.len()).find(is_summed).filter(|_| is_long) else {
        if !add {
            to.fill(T::zero());
        }
        return walk::scatter_add(from.as_slice(), from.shape(), &strides, to);
    };
    // One axis after the other, from the innermost; the last sums go where they belong.
    let mut sums: Option<Tensor<T>> = None;
    for axis in (last + 1..sizes.len()).rev().filter(is_summed) {
        let lanes = Lanes::along(&sizes, axis);
        let numbers = sums.as_ref().unwrap_or(from).as_slice();
        sums = Some(Tensor::build([lanes.count()].into(), |sums| reduce::sum(numbers, lanes, sums)));
        sizes[axis] = 1;
    }
    reduce::sum_into(sums.as_ref().unwrap_or(from).as_slice(), Lanes::along(&sizes, last), add, to);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::with_threads;

    /// Sums of equal numbers, as `f32` and exactly: the largest relative error.
    fn error(from: &[usize], to: &[usize], add: bool) -> f64 {
        let x = Tensor::<f32>::full(from, 0.1);
        let mut sums = vec![0.0; elements(to)];
        sum_into(&x, to, add, &mut sums);
        let exact = f64::from(0.1f32) * (x.len() / sums.len()) as f64;
        sums.iter().map(|sum| (f64::from(*sum) / exact - 1.0).abs()).fold(0.0, f64::max)
    }

    #[test]
    fn a_long_sum_is_taken_in_halves_along_any_axes() {
        const LONG: usize = 1 << 20;
        let shapes: &[[&[usize]; 2]] = &[
            [&[LONG, 2], &[2]],
            [&[2, LONG], &[2, 1]],
            [&[2, LONG, 2], &[2, 1, 2]],
            [&[1 << 10, 2, 1 << 10], &[2, 1]],
            [&[1 << 10, 1, 2, 1 << 10], &[1, 2, 1]],
            [&[1 << 7, 2, 1 << 7, 2, 1 << 6], &[2, 1, 2, 1]],
            [&[LONG], &[]],
        ];
        for [from, to] in shapes {
            for add in [false, true] {
                let error = error(from, to, add);
                assert!(error < 5e-6, "{from:?} to {to:?}: {error:e}");
            }
        }
    }

    #[test]
    fn every_sum_is_that_of_its_numbers_with_any_number_of_threads() {
        let shapes: &[[&[usize]; 2]] = &[
            [&[3, 4, 5], &[4, 1]],
            [&[3, 4, 5], &[3, 1, 5]],
            [&[3, 4, 5], &[1, 1, 5]],
            [&[0, 4], &[4]],
            [&[4, 0], &[4, 1]],
            [&[700, 3], &[3]],
            [&[1001, 7, 61], &[7, 1]],
            [&[1001, 7, 61], &[1001, 1, 61]],
            [&[101, 7, 61, 13], &[101, 1, 61, 1]],
            [&[101, 7, 61, 13], &[7, 1, 13]],
            [&[300_001, 2], &[2]],
        ];
        for [from, to] in shapes {
            let len = elements(from);
            let x = Tensor::from_vec((0..len).map(|i| (i * i % 17) as f64).collect(), *from).expect("as many numbers");
            let mut expected = vec![1.0; elements(to)];
            walk::scatter_add(x.as_slice(), from, &broadcast_strides(to, from), &mut expected);
            for count in [1, 2, 3, 2] {
                with_threads(count, || {
                    let mut sums = vec![1.0; expected.len()];
                    sum_into(&x, to, true, &mut sums);
                    assert_eq!(sums, expected, "{from:?} to {to:?}, added");
                    sum_into(&x, to, false, &mut sums);
                    sums.iter_mut().for_each(|sum| *sum += 1.0);
                    assert_eq!(sums, expected, "{from:?} to {to:?}, written");
                });
            }
        }
    }

    #[test]
    fn threads_give_the_same_bits() {
        let shapes: &[[&[usize]; 2]] = &[[&[400_000, 3], &[3]], [&[1000, 2, 500], &[2, 1]], [&[600, 1000], &[600, 1]]];
        for [from, to] in shapes {
            let x = Tensor::<f32>::arange(0.0, elements(from) as f64, 1.0).map(|x| x.sin()).reshape(*from);
            let bits = |count| {
                with_threads(count, || sum_to(&x, to).as_slice().iter().map(|x| x.to_bits()).collect::<Vec<_>>())
            };
            let one = bits(1);
            assert!([2, 3, 2].into_iter().all(|count| bits(count) == one), "{from:?} to {to:?}");
        }
    }
}
