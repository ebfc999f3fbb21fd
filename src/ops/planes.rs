//! Products of matrices of numbers with tangents, made of products of matrices of plain numbers: those have kernels.

use crate::{
    Element,
    tensor::{Factor, product_by_loops},
};

/// With fewer multiplications, taking the numbers apart costs more than it saves.
const SMALL: usize = 512;

/// A number made of several of type `T`: a value and its tangents, or a power series.
pub(super) trait Parts<T>: Element {
    /// How many there are.
    const COUNT: usize;

    fn get(&self, k: usize) -> T;

    fn get_mut(&mut self, k: usize) -> &mut T;

    /// The part of a product in which the parts i and j of its factors meet, if they do.
    fn meet(i: usize, j: usize) -> Option<usize>;
}

/// `c = a b`, or `c += a b`: one plain product for each pair of parts that meet and are there. A factor without
/// movement, as a weight is, has one part.
pub(super) fn product<N: Parts<T>, T: Element>(a: &Factor<'_, N>, b: &Factor<'_, N>, add: bool, c: &mut [N]) {
    let (left, right) = (a.numbers(), b.numbers());
    // The three sizes are those of the sides, pair by pair: their product is the square of the multiplications.
    let squared = left.len().saturating_mul(right.len()).saturating_mul(c.len());
    // A tangent of 0 stays 0 also against an infinity, which plain products do not know.
    let is_finite = |x: &N| (0..N::COUNT).all(|k| x.get(k).is_finite());
    if squared < SMALL * SMALL || !left.iter().chain(right).all(is_finite) {
        return product_by_loops(a, b, add, c);
    }
    let planes = |numbers: &[N]| -> Vec<(usize, Vec<T>)> {
        let is_there = |k: &usize| *k == 0 || numbers.iter().any(|x| !x.get(*k).is_exactly_zero());
        let plane = |k: usize| (k, numbers.iter().map(|x| x.get(k)).collect());
        (0..N::COUNT).filter(is_there).map(plane).collect()
    };
    let (left, right) = (planes(left), planes(right));
    let mut sum = vec![T::zero(); c.len()];
    for k in 0..N::COUNT {
        let mut is_first = true;
        for (i, plane) in &left {
            for (_, other) in right.iter().filter(|(j, _)| N::meet(*i, *j) == Some(k)) {
                T::product(&a.with_numbers(plane), &b.with_numbers(other), !is_first, &mut sum);
                is_first = false;
            }
        }
        for (c, sum) in c.iter_mut().zip(&sum) {
            let place = c.get_mut(k);
            let more = if is_first { T::zero() } else { *sum };
            *place = if add { *place + more } else { more };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dual, MultiDual, Rng, Taylor, rng::uniform};

    fn agrees_with_loops<N: Parts<f64>>(change: impl Fn(&mut [N])) {
        let mut rng = Rng::new(1);
        let mut draw = |n: usize| -> Vec<N> {
            let mut numbers = vec![N::zero(); n];
            numbers.iter_mut().for_each(|x| (0..N::COUNT).for_each(|k| *x.get_mut(k) = uniform(&mut rng) - 0.5));
            change(&mut numbers);
            numbers
        };
        let (m, k, n) = (9, 11, 13);
        let (a, b, start) = (draw(m * k), draw(k * n), draw(m * n));
        for (turn_a, turn_b, add) in
            [(false, false, false), (true, false, true), (false, true, true), (true, true, false)]
        {
            let factor = |numbers, rows, columns, turn: bool| match turn {
                true => Factor::new(numbers, columns, rows).transposed_if(true),
                false => Factor::new(numbers, rows, columns),
            };
            let (mut found, mut expected) = (start.clone(), start.clone());
            product(&factor(&a, m, k, turn_a), &factor(&b, k, n, turn_b), add, &mut found);
            product_by_loops(&factor(&a, m, k, turn_a), &factor(&b, k, n, turn_b), add, &mut expected);
            for (x, y) in found.iter().zip(&expected) {
                for k in 0..N::COUNT {
                    let (x, y) = (x.get(k), y.get(k));
                    assert!((x - y).abs() < 1e-12 || x == y || (x.is_nan() && y.is_nan()), "part {k}: {x} and {y}");
                }
            }
        }
    }

    #[test]
    fn planes_give_what_numbers_give_one_by_one() {
        agrees_with_loops::<Dual<f64>>(|_| {});
        agrees_with_loops::<MultiDual<f64, 3>>(|_| {});
        agrees_with_loops::<Taylor<f64, 3>>(|_| {});
        // Without tangents, and where an infinity meets a tangent of 0.
        agrees_with_loops::<Dual<f64>>(|x| x.iter_mut().for_each(|x| x.tangent = 0.0));
        agrees_with_loops::<Dual<f64>>(|x| x[5] = Dual::constant(f64::INFINITY));
        agrees_with_loops::<MultiDual<f64, 3>>(|x| x[7].value = f64::INFINITY);
    }
}
