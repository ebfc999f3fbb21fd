//! Walking over several tensors at once, each with strides of its own. Knows no arithmetic.

use smallvec::SmallVec;

type Sizes = SmallVec<[usize; 4]>;

/// Visits the elements of a box of the given shape in row-major order, a row at a time.
///
/// `visit(offsets, steps, len)` is called for each row: `len` elements, of which number `i` lies at
/// `offsets[j] + i * steps[j]` of input `j`. Axes over which every input runs on evenly are joined, so that inputs
/// of equal shape are one row.
pub(crate) fn rows<const N: usize>(
    shape: &[usize],
    strides: [&[usize]; N],
    visit: &mut dyn FnMut([usize; N], [usize; N], usize),
) {
    if shape.contains(&0) {
        return;
    }
    let (sizes, steps) = join_axes(shape, strides);
    let Some(inner) = sizes.len().checked_sub(1) else {
        return visit([0; N], [0; N], 1);
    };
    let mut index: Sizes = SmallVec::from_elem(0, inner);
    let mut offsets = [0; N];
    loop {
        visit(offsets, steps[inner], sizes[inner]);
        // Count up like an odometer, from the last of the outer axes.
        let mut axis = inner;
        loop {
            if axis == 0 {
                return;
            }
            axis -= 1;
            index[axis] += 1;
            for j in 0..N {
                offsets[j] += steps[axis][j];
            }
            if index[axis] < sizes[axis] {
                break;
            }
            for j in 0..N {
                offsets[j] -= steps[axis][j] * sizes[axis];
            }
            index[axis] = 0;
        }
    }
}

/// Drops axes of size 1, and joins neighbours over which every input runs on evenly.
pub(crate) fn join_axes<const N: usize>(shape: &[usize], strides: [&[usize]; N]) -> (Sizes, SmallVec<[[usize; N]; 4]>) {
    let mut sizes = Sizes::new();
    let mut steps: SmallVec<[[usize; N]; 4]> = SmallVec::new();
    for (axis, &size) in shape.iter().enumerate() {
        if size == 1 {
            continue;
        }
        let step = strides.map(|strides| strides[axis]);
        match (sizes.last_mut(), steps.last_mut()) {
            (Some(outer), Some(outer_step)) if (0..N).all(|j| outer_step[j] == step[j] * size) => {
                *outer *= size;
                *outer_step = step;
            }
            _ => {
                sizes.push(size);
                steps.push(step);
            }
        }
    }
    (sizes, steps)
}

/// Copies numbers that lie with the given strides into the contiguous `to`, whose shape is `shape`.
pub(crate) fn gather<T: Copy>(from: &[T], start: usize, shape: &[usize], strides: &[usize], to: &mut [T]) {
    let mut at = 0;
    rows(shape, [strides], &mut |[offset], [step], len| {
        let row = &mut to[at..at + len];
        let from = &from[start + offset..];
        match step {
            1 => row.copy_from_slice(&from[..len]),
            0 => row.fill(from[0]),
            _ => {
                for (to, from) in row.iter_mut().zip(from.iter().step_by(step)) {
                    *to = *from;
                }
            }
        }
        at += len;
    });
}

/// Adds every number of the contiguous `from`, whose shape is `shape`, to the place of `to` that the strides name, one
/// after the other.
pub(crate) fn scatter_add<T: Copy + std::ops::AddAssign + std::ops::Add<Output = T>>(
    from: &[T],
    shape: &[usize],
    strides: &[usize],
    to: &mut [T],
) {
    let mut at = 0;
    rows(shape, [strides], &mut |[offset], [step], len| {
        let row = &from[at..at + len];
        at += len;
        let to = &mut to[offset..];
        match step {
            1 => {
                for (to, from) in to.iter_mut().zip(row) {
                    *to += *from;
                }
            }
            0 => to[0] = row.iter().fold(to[0], |sum, x| sum + *x),
            _ => {
                for (to, from) in to.iter_mut().step_by(step).zip(row) {
                    *to += *from;
                }
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_shapes_are_one_row_and_a_broadcast_axis_ends_it() {
        let mut seen = Vec::new();
        rows(&[2, 3], [&[3, 1], &[3, 1]], &mut |offsets, steps, len| seen.push((offsets, steps, len)));
        assert_eq!(seen, [([0, 0], [1, 1], 6)]);
        seen.clear();
        rows(&[2, 3], [&[3, 1], &[0, 1]], &mut |offsets, steps, len| seen.push((offsets, steps, len)));
        assert_eq!(seen, [([0, 0], [1, 1], 3), ([3, 0], [1, 1], 3)]);
    }

    #[test]
    fn a_single_number_is_visited_once_and_an_empty_box_never() {
        let mut count = 0;
        rows::<1>(&[], [&[]], &mut |_, _, len| count += len);
        assert_eq!(count, 1);
        rows(&[2, 0], [&[0, 1]], &mut |_, _, len| count += len);
        assert_eq!(count, 1);
    }

    #[test]
    fn a_transpose_is_a_gather() {
        let mut to = [0; 6];
        gather(&[1, 2, 3, 4, 5, 6], 0, &[3, 2], &[1, 3], &mut to);
        assert_eq!(to, [1, 4, 2, 5, 3, 6]);
    }
}
