//! Copies and sums between a contiguous tensor and a part of another one that strides name. Knows no operation.

use crate::{Element, tensor::kernels::walk};

/// Number by number, `to` (contiguous, of the given shape) becomes what strides name in `from`, beginning at `start`;
/// or that is added to it.
pub(crate) fn read<T: Element>(from: &[T], start: usize, shape: &[usize], strides: &[usize], to: &mut [T], add: bool) {
    if add { read_with(from, start, shape, strides, to, sum) } else { read_with(from, start, shape, strides, to, set) }
}

/// Number by number, what strides name in `to`, beginning at `start`, becomes `from` (contiguous, of the given shape);
/// or that is added to it.
pub(crate) fn write<T: Element>(from: &[T], start: usize, shape: &[usize], strides: &[usize], to: &mut [T], add: bool) {
    if add {
        write_with(from, start, shape, strides, to, sum)
    } else {
        write_with(from, start, shape, strides, to, set)
    }
}

fn set<T>(to: &mut T, from: T) {
    *to = from;
}

fn sum<T: Element>(to: &mut T, from: T) {
    *to += from;
}

fn read_with<T: Copy>(
    from: &[T],
    start: usize,
    shape: &[usize],
    strides: &[usize],
    to: &mut [T],
    combine: impl Fn(&mut T, T),
) {
    let mut at = 0;
    walk::rows(shape, [strides], &mut |[offset], [step], len| {
        let row = &mut to[at..at + len];
        at += len;
        let from = &from[start + offset..];
        if step == 1 {
            for (to, from) in row.iter_mut().zip(from) {
                combine(to, *from);
            }
        } else {
            for (i, to) in row.iter_mut().enumerate() {
                combine(to, from[i * step]);
            }
        }
    });
}

fn write_with<T: Copy>(
    from: &[T],
    start: usize,
    shape: &[usize],
    strides: &[usize],
    to: &mut [T],
    combine: impl Fn(&mut T, T),
) {
    let mut at = 0;
    walk::rows(shape, [strides], &mut |[offset], [step], len| {
        let row = &from[at..at + len];
        at += len;
        let to = &mut to[start + offset..];
        if step == 1 {
            for (to, from) in to.iter_mut().zip(row) {
                combine(to, *from);
            }
        } else {
            for (i, from) in row.iter().enumerate() {
                combine(&mut to[i * step], *from);
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_by_strides_is_read_by_the_same() {
        // The middle two columns of a 2 by 4 matrix, read downwards.
        let (start, shape, strides) = (1, [2, 2], [1, 4]);
        let mut matrix = [0.0; 8];
        write(&[1.0, 2.0, 3.0, 4.0], start, &shape, &strides, &mut matrix, false);
        assert_eq!(matrix, [0.0, 1.0, 3.0, 0.0, 0.0, 2.0, 4.0, 0.0]);
        write(&[1.0; 4], start, &shape, &strides, &mut matrix, true);
        let mut back = [10.0; 4];
        read(&matrix, start, &shape, &strides, &mut back, true);
        assert_eq!(back, [12.0, 13.0, 14.0, 15.0]);
        read(&matrix, start, &shape, &strides, &mut back, false);
        assert_eq!(back, [2.0, 3.0, 4.0, 5.0]);
    }
}
