//! Picking numbers by their position along one axis, and adding them back there. Positions have been checked before.

use crate::{
    Element,
    tensor::{
        kernels::walk,
        shape::{elements, strides},
    },
};

/// A tensor as seen from one of its axes: `outer` times `size` blocks of `inner` neighbours.
#[derive(Clone, Copy)]
pub(crate) struct Along {
    pub(crate) outer: usize,
    pub(crate) size: usize,
    pub(crate) inner: usize,
}

impl Along {
    pub(crate) fn new(shape: &[usize], axis: usize) -> Self {
        Along { outer: elements(&shape[..axis]), size: shape[axis], inner: elements(&shape[axis + 1..]) }
    }

    /// Visits pairs of blocks: number `i` of `count` along the axis, and the one at `position(i)` of `size`.
    fn blocks(self, count: usize, position: impl Fn(usize) -> usize, mut visit: impl FnMut(usize, usize)) {
        for outer in 0..self.outer {
            for i in 0..count {
                visit((outer * count + i) * self.inner, (outer * self.size + position(i)) * self.inner);
            }
        }
    }
}

/// Block `i` of `to`, of `count` along the axis, becomes block `position(i)` of `from`, which `along` describes.
pub(crate) fn pick<T: Element>(
    from: &[T],
    along: Along,
    count: usize,
    position: impl Fn(usize) -> usize,
    to: &mut [T],
    add: bool,
) {
    let inner = along.inner;
    along.blocks(count, position, |i, place| {
        let (to, from) = (&mut to[i..i + inner], &from[place..place + inner]);
        for (to, from) in to.iter_mut().zip(from) {
            *to = if add { *to + *from } else { *from };
        }
    });
}

/// Adds block `i` of `from`, of `count` along the axis, to block `position(i)` of `to`, which `along` describes.
pub(crate) fn put<T: Element>(from: &[T], along: Along, count: usize, position: impl Fn(usize) -> usize, to: &mut [T]) {
    let inner = along.inner;
    along.blocks(count, position, |i, place| {
        let (to, from) = (&mut to[place..place + inner], &from[i..i + inner]);
        for (to, from) in to.iter_mut().zip(from) {
            *to += *from;
        }
    });
}

/// The numbers of `from` at each element's own position along the axis: `to[.., i, ..] = from[.., indices[.., i, ..],
/// ..]`.
///
/// `shape` is that of the indices and of `to`, and nowhere larger than that of `from` but along the axis.
pub(crate) fn gather<T: Element>(
    from: (&[T], &[usize]),
    axis: usize,
    indices: &[usize],
    shape: &[usize],
    to: &mut [T],
    add: bool,
) {
    let (from, from_shape) = from;
    places(from_shape, axis, indices, shape, |i, place| {
        to[i] = if add { to[i] + from[place] } else { from[place] };
    });
}

/// Adds each of `from` to `to` at its own position along the axis; the transpose of [`gather`].
pub(crate) fn scatter_add<T: Element>(
    from: &[T],
    axis: usize,
    indices: &[usize],
    shape: &[usize],
    to: (&mut [T], &[usize]),
) {
    let (to, to_shape) = to;
    places(to_shape, axis, indices, shape, |i, place| to[place] += from[i]);
}

/// Visits every element of the indices, in order, with the place in a tensor of shape `full` that it points to.
fn places(full: &[usize], axis: usize, indices: &[usize], shape: &[usize], mut visit: impl FnMut(usize, usize)) {
    let mut steps = strides(full);
    let step_along = std::mem::take(&mut steps[axis]);
    let mut at = 0;
    walk::rows(shape, [&steps], &mut |[offset], [step], len| {
        for (i, index) in indices[at..at + len].iter().enumerate() {
            visit(at + i, offset + i * step + index * step_along);
        }
        at += len;
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn picking_and_putting_are_transposes() {
        let along = Along::new(&[2, 3, 2], 1);
        let from: Vec<f64> = (0..12).map(f64::from).collect();
        let positions = [2, 0, 2, 1];
        let mut picked = [0.0; 16];
        pick(&from, along, 4, |i| positions[i], &mut picked, false);
        assert_eq!(picked[..8], [4.0, 5.0, 0.0, 1.0, 4.0, 5.0, 2.0, 3.0]);
        let mut back = [0.0; 12];
        put(&picked, along, 4, |i| positions[i], &mut back);
        assert_eq!(back[..6], [0.0, 1.0, 2.0, 3.0, 8.0, 10.0]);
    }

    #[test]
    fn indices_may_cover_a_corner_of_the_tensor_only() {
        let from = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let mut to = [0.0; 2];
        gather((&from, &[2, 3]), 0, &[1, 0], &[1, 2], &mut to, false);
        assert_eq!(to, [4.0, 2.0]);
        let mut sums = [0.0; 6];
        scatter_add(&to, 0, &[1, 0], &[1, 2], (&mut sums, &[2, 3]));
        assert_eq!(sums, [0.0, 2.0, 0.0, 4.0, 0.0, 0.0]);
    }
}
