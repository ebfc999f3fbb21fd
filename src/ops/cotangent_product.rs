//! Products of which one factor is a cotangent: a 0 of one factor contributes 0 against an infinity of the other, as
//! everywhere in a reverse sweep. Which products those are is for the operations to know.
//!
//! The kernels know nothing of it, and need not: a number of a factor that is not finite makes a whole row or column of
//! the product not finite, so one row and one column of it tell whether there is any. Where there is one, and a
//! 0 meets it, the numbers of the product that are not finite are computed again.

use crate::{
    Scalar,
    tensor::{
        guarded,
        kernels::{
            map::add_into,
            product::{Factor, product},
        },
    },
};

/// Which factor of a product is the cotangent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cotangent {
    Left,
    Right,
}

/// `c = a b`, or `c += a b` where `add` says so.
pub(crate) fn cotangent_product<T: Scalar>(
    a: Factor<'_, T>,
    b: Factor<'_, T>,
    cotangent: Cotangent,
    add: bool,
    c: &mut [T],
) {
    if !add {
        product(a, b, false, c);
        if !is_border_finite(c, b.columns()) {
            repair(a, b, cotangent, c);
        }
    } else if [a, b].iter().all(|factor| are_finite(factor.numbers())) {
        product(a, b, true, c);
    } else {
        // What `c` holds would be lost.
        let mut more = vec![T::zero(); c.len()];
        cotangent_product(a, b, cotangent, false, &mut more);
        add_into(c, &more);
    }
}

fn is_finite<T: Scalar>(x: T) -> bool {
    if T::IS_PLAIN { x.is_finite() } else { (0..T::PARTS).all(|part| x.part(part).is_finite()) }
}

fn are_finite<T: Scalar>(numbers: &[T]) -> bool {
    // In blocks without branches, which vectorises.
    numbers.chunks(1024).all(|numbers| numbers.iter().fold(true, |all, x| all & is_finite(*x)))
}

/// Whether the numbers of the first row and of the first column are.
fn is_border_finite<T: Scalar>(c: &[T], columns: usize) -> bool {
    c.is_empty() || (are_finite(&c[..columns]) && c.iter().step_by(columns).fold(true, |all, x| all & is_finite(*x)))
}

/// What stands in a row or a column of a factor.
#[derive(Clone, Copy, Default)]
struct Content {
    zero: bool,
    infinite: bool,
    not_finite: bool,
}

impl Content {
    fn with<T: Scalar>(self, x: T) -> Self {
        Content {
            zero: self.zero | x.is_exactly_zero(),
            infinite: self.infinite | x.is_infinite(),
            not_finite: self.not_finite | !is_finite(x),
        }
    }

    /// Whether a 0 of the one can meet something of the other against which it has to be guarded.
    fn meets(self, right: Self, cotangent: Cotangent) -> bool {
        let (slope, g) = match cotangent {
            Cotangent::Left => (right, self),
            Cotangent::Right => (self, right),
        };
        (g.zero && slope.not_finite) || (slope.zero && g.infinite)
    }
}

/// Computes the numbers again that are not finite, in rows where a 0 makes a difference. Where a network has diverged,
/// few rows are such ones, or none: most of what it hands back is no number, and no 0.
#[cold]
fn repair<T: Scalar>(a: Factor<'_, T>, b: Factor<'_, T>, cotangent: Cotangent, c: &mut [T]) {
    let (inner, columns) = (a.columns(), b.columns());
    let rows = c.len() / columns;
    let (mut lefts, mut rights) = (vec![Content::default(); inner], vec![Content::default(); inner]);
    for i in 0..rows {
        lefts.iter_mut().enumerate().for_each(|(k, left)| *left = left.with(a.at(i, k)));
    }
    for (k, right) in rights.iter_mut().enumerate() {
        *right = (0..columns).fold(*right, |right, j| right.with(b.at(k, j)));
    }
    let meeting: Vec<usize> = (0..inner).filter(|k| lefts[*k].meets(rights[*k], cotangent)).collect();
    if meeting.is_empty() {
        return;
    }
    let mut sums = vec![T::zero(); columns];
    for (i, row) in c.chunks_exact_mut(columns).enumerate() {
        let is_met = |k: &usize| Content::default().with(a.at(i, *k)).meets(rights[*k], cotangent);
        if are_finite(row) || !meeting.iter().any(is_met) {
            continue;
        }
        sums.fill(T::zero());
        for k in 0..inner {
            let left = a.at(i, k);
            for (j, sum) in sums.iter_mut().enumerate() {
                let right = b.at(k, j);
                *sum += match cotangent {
                    Cotangent::Left => guarded(right, left),
                    Cotangent::Right => guarded(left, right),
                };
            }
        }
        for (c, sum) in row.iter_mut().zip(&sums).filter(|(c, _)| !is_finite(**c)) {
            *c = *sum;
        }
    }
}
