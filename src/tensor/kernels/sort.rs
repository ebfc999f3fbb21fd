//! The order of numbers along an axis. It moves none of them: what picks by position does.

use crate::{Element, tensor::kernels::along::Along};
use std::cmp::Ordering;

/// For every lane along the axis, the positions of its numbers from first to last, laid out as the numbers are.
///
/// Ascending or descending; equal numbers in the order of their positions; NaN last in both directions.
pub(crate) fn order<T: Element>(numbers: &[T], along: Along, descending: bool) -> Vec<usize> {
    let mut order = vec![0; numbers.len()];
    let mut lane = Vec::with_capacity(along.size);
    for_lanes(along, |start| {
        lane.clear();
        lane.extend(0..along.size);
        let number = |position: usize| numbers[start + position * along.inner];
        lane.sort_by(|a, b| compare(number(*a), number(*b), descending));
        for (rank, position) in lane.iter().enumerate() {
            order[start + rank * along.inner] = *position;
        }
    });
    order
}

/// Whether [`order`] would give this.
pub(crate) fn is_order<T: Element>(order: &[usize], numbers: &[T], along: Along, descending: bool) -> bool {
    let mut holds = order.len() == numbers.len() && order.iter().all(|position| *position < along.size);
    for_lanes(along, |start| {
        // Strictly rising in (number, position) along the lane, the positions differ, and so are all of them.
        holds = holds
            && (1..along.size).all(|rank| {
                let (before, after) = (order[start + (rank - 1) * along.inner], order[start + rank * along.inner]);
                let number = |position: usize| numbers[start + position * along.inner];
                compare(number(before), number(after), descending).then(before.cmp(&after)).is_lt()
            });
    });
    holds
}

fn for_lanes(along: Along, mut visit: impl FnMut(usize)) {
    for outer in 0..along.outer {
        for inner in 0..along.inner {
            visit(outer * along.size * along.inner + inner);
        }
    }
}

fn compare<T: Element>(a: T, b: T, descending: bool) -> Ordering {
    match (a.is_nan(), b.is_nan()) {
        (false, false) => {
            let order = a.partial_cmp(&b).unwrap_or(Ordering::Equal);
            if descending { order.reverse() } else { order }
        }
        (a, b) => a.cmp(&b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_is_stable_and_nan_comes_last_in_both_directions() {
        let numbers = [2.0, f64::NAN, 1.0, 2.0, f64::NEG_INFINITY];
        let along = Along::new(&[5], 0);
        assert_eq!(order(&numbers, along, false), [4, 2, 0, 3, 1]);
        assert_eq!(order(&numbers, along, true), [0, 3, 2, 4, 1]);
    }

    #[test]
    fn only_the_order_itself_is_recognised() {
        let numbers = [2.0, 1.0, 2.0, 0.0, 5.0, 0.0];
        let along = Along::new(&[3, 2], 0);
        let order = order(&numbers, along, false);
        assert_eq!(order, [0, 1, 1, 2, 2, 0]);
        assert!(is_order(&order, &numbers, along, false));
        assert!(!is_order(&order, &numbers, along, true));
        assert!(!is_order(&[2, 1, 0, 2, 1, 0], &numbers, along, false));
        assert!(!is_order(&order[..5], &numbers, along, false));
    }
}
