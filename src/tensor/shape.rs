//! Shapes: sizes of axes, broadcasting, negative axes, strides. No numbers.

use smallvec::SmallVec;
use std::{
    fmt,
    hash::{Hash, Hasher},
    ops,
};

/// The sizes of a tensor's axes, outermost first; `[]` for a single number. Reads like a slice of `usize`.
///
/// ```
/// let shape = gradtape::Shape::from([2, 3]);
/// assert_eq!(shape[1], 3);
/// assert_eq!(shape.elements(), 6);
/// ```
pub struct Shape(Sizes);

/// So many sizes are kept without an allocation.
const FEW: usize = 4;

enum Sizes {
    /// Those behind `rank` are 1: the product of all is then the number of elements, and a copy has a known length. The
    /// rank leaves no gap, so that such a copy reads what was written in one piece.
    Few {
        rank: u32,
        sizes: [usize; FEW],
    },
    Many(Vec<usize>),
}

impl Clone for Shape {
    #[inline]
    fn clone(&self) -> Self {
        match &self.0 {
            Sizes::Few { rank, sizes } => Shape(Sizes::Few { rank: *rank, sizes: *sizes }),
            Sizes::Many(sizes) => Shape(Sizes::Many(sizes.clone())),
        }
    }

    /// Written in place, part by part: through a copy of the whole it would take longer.
    #[inline]
    fn clone_from(&mut self, source: &Self) {
        match (&mut self.0, &source.0) {
            (Sizes::Few { rank, sizes }, Sizes::Few { rank: new_rank, sizes: new_sizes }) => {
                *rank = *new_rank;
                *sizes = *new_sizes;
            }
            _ => *self = source.clone(),
        }
    }
}

/// That of a single number.
impl Default for Shape {
    #[inline]
    fn default() -> Self {
        Shape(Sizes::Few { sizes: [1; FEW], rank: 0 })
    }
}

impl PartialEq for Shape {
    #[inline]
    fn eq(&self, other: &Self) -> bool {
        is_same(self, other)
    }
}

impl Eq for Shape {}

impl Hash for Shape {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (**self).hash(state);
    }
}

/// Whether two shapes are equal. Shapes are short: the comparison of slices, which is a call of the C library, takes
/// longer than that of their few sizes.
#[inline]
pub(crate) fn is_same(a: &[usize], b: &[usize]) -> bool {
    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a == b)
}

impl Shape {
    /// Size by size where there are few, for the same reason.
    #[inline]
    fn copied(sizes: &[usize]) -> Self {
        if sizes.len() > FEW {
            return Shape(Sizes::Many(sizes.to_vec()));
        }
        let size = |axis: usize| sizes.get(axis).copied().unwrap_or(1);
        Shape(Sizes::Few { sizes: [size(0), size(1), size(2), size(3)], rank: sizes.len() as u32 })
    }

    /// How many numbers a tensor of this shape holds: the product of the sizes, 1 for `[]`.
    #[inline]
    pub fn elements(&self) -> usize {
        debug_assert!(
            self.contains(&0) || self.iter().try_fold(1usize, |product, size| product.checked_mul(*size)).is_some(),
            "{self:?} has more elements than can be counted"
        );
        match &self.0 {
            // Factors are not checked one by one: a zero makes the product 0 whatever wraps, and without one the shape
            // of a tensor does not wrap.
            Sizes::Few { sizes: [a, b, c, d], .. } => a.wrapping_mul(*b).wrapping_mul(c.wrapping_mul(*d)),
            Sizes::Many(sizes) => elements(sizes),
        }
    }

    pub(crate) fn push(&mut self, size: usize) {
        match &mut self.0 {
            Sizes::Few { sizes, rank } if (*rank as usize) < FEW => {
                sizes[*rank as usize] = size;
                *rank += 1;
            }
            Sizes::Few { sizes, .. } => self.0 = Sizes::Many([&sizes[..], &[size]].concat()),
            Sizes::Many(sizes) => sizes.push(size),
        }
    }

    pub(crate) fn insert(&mut self, axis: usize, size: usize) {
        self.push(size);
        self[axis..].rotate_right(1);
    }

    pub(crate) fn remove(&mut self, axis: usize) -> usize {
        let size = self[axis];
        self[axis..].rotate_left(1);
        match &mut self.0 {
            Sizes::Few { sizes, rank } => {
                *rank -= 1;
                sizes[*rank as usize] = 1;
            }
            Sizes::Many(sizes) => sizes.truncate(sizes.len() - 1),
        }
        size
    }
}

impl ops::Deref for Shape {
    type Target = [usize];
    #[inline]
    fn deref(&self) -> &[usize] {
        match &self.0 {
            Sizes::Few { sizes, rank } => &sizes[..*rank as usize],
            Sizes::Many(sizes) => sizes,
        }
    }
}

impl ops::DerefMut for Shape {
    fn deref_mut(&mut self) -> &mut [usize] {
        match &mut self.0 {
            Sizes::Few { sizes, rank } => &mut sizes[..*rank as usize],
            Sizes::Many(sizes) => sizes,
        }
    }
}

impl AsRef<[usize]> for Shape {
    #[inline]
    fn as_ref(&self) -> &[usize] {
        self
    }
}

impl From<&[usize]> for Shape {
    #[inline]
    fn from(sizes: &[usize]) -> Self {
        Shape::copied(sizes)
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    #[inline]
    fn from(sizes: [usize; N]) -> Self {
        Shape::copied(&sizes)
    }
}

impl FromIterator<usize> for Shape {
    fn from_iter<I: IntoIterator<Item = usize>>(sizes: I) -> Self {
        let mut shape = Shape::default();
        sizes.into_iter().for_each(|size| shape.push(size));
        shape
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}

/// The product of the sizes.
#[inline]
pub(crate) fn elements(shape: &[usize]) -> usize {
    // A zero anywhere makes the tensor empty, however large the product of the other sizes is.
    if shape.contains(&0) { 0 } else { shape.iter().product() }
}

/// The product of the sizes, or `None` where it is more than memory can address.
pub(crate) fn checked_elements(shape: &[usize]) -> Option<usize> {
    if shape.contains(&0) {
        return Some(0);
    }
    // Memory ends well below; numbers take up to 16 bytes each.
    const MOST: usize = isize::MAX as usize / 16;
    shape.iter().try_fold(1usize, |product, size| product.checked_mul(*size).filter(|product| *product <= MOST))
}

/// NumPy's rule: shapes are aligned at their last axes; sizes are equal, or one of them is 1.
pub(crate) fn broadcast(a: &[usize], b: &[usize]) -> Result<Shape, String> {
    if is_same(a, b) {
        return Ok(a.into());
    }
    let rank = a.len().max(b.len());
    let size = |shape: &[usize], axis: usize| match (axis + shape.len()).checked_sub(rank) {
        Some(own) => shape[own],
        None => 1,
    };
    (0..rank)
        .map(|axis| match (size(a, axis), size(b, axis)) {
            (p, q) if p == q => Ok(p),
            (1, q) => Ok(q),
            (p, 1) => Ok(p),
            (p, q) => Err(format!(
                "{a:?} and {b:?}: the sizes {p} and {q} of axis {} differ, and neither is 1",
                axis as isize - rank as isize
            )),
        })
        .collect()
}

/// The axis that a signed number means: negative ones count from the end.
pub(crate) fn resolve_axis(axis: isize, shape: &[usize]) -> Result<usize, String> {
    let rank = shape.len() as isize;
    if (-rank..rank).contains(&axis) {
        Ok((if axis < 0 { axis + rank } else { axis }) as usize)
    } else if rank == 0 {
        Err(format!("[]: there is no axis {axis} in a single number"))
    } else {
        Err(format!("{shape:?}: there is no axis {axis}; it takes {} to {}", -rank, rank - 1))
    }
}

/// Distances in memory between neighbours along each axis of a contiguous tensor.
pub(crate) fn strides(shape: &[usize]) -> SmallVec<[usize; 4]> {
    let mut strides: SmallVec<[usize; 4]> = SmallVec::from_elem(1, shape.len());
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis];
    }
    strides
}

/// Strides with which a tensor of shape `from` is read as if it had the shape `to`: 0 along broadcast axes.
pub(crate) fn broadcast_strides(from: &[usize], to: &[usize]) -> SmallVec<[usize; 4]> {
    let own = strides(from);
    let missing = to.len() - from.len();
    let mut result: SmallVec<[usize; 4]> = SmallVec::from_elem(0, to.len());
    for axis in 0..from.len() {
        result[axis + missing] = if from[axis] == 1 && to[axis + missing] != 1 { 0 } else { own[axis] };
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_added_and_taken_away_with_few_of_them_and_with_many() {
        let mut shape = Shape::default();
        for rank in 0..7 {
            let expected: Vec<usize> = (10..10 + rank).collect();
            assert_eq!(shape[..], expected);
            for axis in 0..=rank {
                let (mut changed, mut expected) = (shape.clone(), expected.clone());
                changed.insert(axis, 7);
                expected.insert(axis, 7);
                assert_eq!((&changed[..], &Shape::from(&expected[..])), (&expected[..], &changed));
                assert_eq!((changed.remove(axis), &changed), (7, &shape));
            }
            shape.push(10 + rank);
        }
    }
}
