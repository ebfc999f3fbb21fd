//! Loops in which each number along an axis depends on the one before it. They know no operation.

use crate::{Element, tensor::kernels::reduce::Lanes};

/// Writes each lane from its first number on, or from its last where `reverse` says so: `first(place)` gives the number
/// that has none before it, `next(place, previous)` the others.
pub(crate) fn scan<T: Element>(
    lanes: Lanes,
    reverse: bool,
    out: &mut [T],
    first: impl Fn(usize) -> T,
    next: impl Fn(usize, T) -> T,
) {
    if out.is_empty() {
        return;
    }
    let (n, inner) = (lanes.n, lanes.inner);
    for start in (0..out.len()).step_by(lanes.block()) {
        let row = |step: usize| start + inner * if reverse { n - 1 - step } else { step };
        for i in 0..inner {
            out[row(0) + i] = first(row(0) + i);
        }
        for step in 1..n {
            let (here, before) = (row(step), row(step - 1));
            for i in 0..inner {
                out[here + i] = next(here + i, out[before + i]);
            }
        }
    }
}

/// Moves each lane by one place, forward or back, and puts `fill` where nothing came from.
pub(crate) fn shift<T: Element>(x: &[T], lanes: Lanes, forward: bool, fill: T, out: &mut [T]) {
    if out.is_empty() {
        return;
    }
    let (block, inner) = (lanes.block(), lanes.inner);
    for (x, out) in x.chunks_exact(block).zip(out.chunks_exact_mut(block)) {
        if forward {
            out[..inner].fill(fill);
            out[inner..].copy_from_slice(&x[..block - inner]);
        } else {
            out[block - inner..].fill(fill);
            out[..block - inner].copy_from_slice(&x[inner..]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scan_runs_along_the_axis_in_both_directions() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let sums = |axis, reverse| {
            let mut out = [0.0; 6];
            scan(Lanes::along(&[2, 3], axis), reverse, &mut out, |i| x[i], |i, before| before + x[i]);
            out
        };
        assert_eq!(sums(1, false), [1.0, 3.0, 6.0, 4.0, 9.0, 15.0]);
        assert_eq!(sums(1, true), [6.0, 5.0, 3.0, 15.0, 11.0, 6.0]);
        assert_eq!(sums(0, false), [1.0, 2.0, 3.0, 5.0, 7.0, 9.0]);
        assert_eq!(sums(0, true), [5.0, 7.0, 9.0, 4.0, 5.0, 6.0]);
    }

    #[test]
    fn a_shift_moves_by_one_place() {
        let x = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let shifted = |axis, forward| {
            let mut out = [0.0; 6];
            shift(&x, Lanes::along(&[2, 3], axis), forward, 9.0, &mut out);
            out
        };
        assert_eq!(shifted(1, true), [9.0, 1.0, 2.0, 9.0, 4.0, 5.0]);
        assert_eq!(shifted(0, false), [4.0, 5.0, 6.0, 9.0, 9.0, 9.0]);
    }
}
