//! [`Batch`], the rows of one step, and [`Batches`], the iterator over a data set's. Which rows make a batch is decided
//! here; how often to go through them is the training loop's business.

use super::{Dataset, Target};
use crate::Element;
use crate::{
    Shape, Tensor,
    tensor::parallel::{self, for_each_chunk},
};

/// Some rows of a data set: what one step of training sees.
#[derive(Clone, Debug, PartialEq)]
pub struct Batch<T: 'static> {
    /// The inputs, `[rows, ...]`.
    pub inputs: Tensor<T>,
    /// The targets of the same rows.
    pub targets: Target<T>,
}

impl<T> Batch<T> {
    /// How many rows it has.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A batch without rows, to be filled by [`Dataset::gather_into`].
impl<T: Element> Default for Batch<T> {
    fn default() -> Batch<T> {
        Batch { inputs: Tensor::zeros([0]), targets: Target::Classes(Vec::new()) }
    }
}

/// The batches of a data set, from [`Dataset::batches`] or [`Dataset::shuffled_batches`].
#[derive(Clone, Debug)]
pub struct Batches<'a, T: 'static> {
    data: &'a Dataset<T>,
    size: usize,
    order: Vec<usize>,
    next: usize,
}

impl<'a, T: Element> Batches<'a, T> {
    /// In the given order, which names every row once, or in the order of the rows.
    #[track_caller]
    pub(super) fn new(data: &'a Dataset<T>, size: usize, order: Option<Vec<usize>>) -> Batches<'a, T> {
        assert!(size > 0, "batches: a batch of 0 rows; the size must be 1 or more");
        Batches { data, size, order: order.unwrap_or_else(|| (0..data.len()).collect()), next: 0 }
    }
}

impl<T: Element> Iterator for Batches<'_, T> {
    type Item = Batch<T>;

    fn next(&mut self) -> Option<Batch<T>> {
        let rest = &self.order[self.next..];
        let rows = &rest[..rest.len().min(self.size)];
        self.next += rows.len();
        (!rows.is_empty()).then(|| self.data.gather(rows))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = (self.order.len() - self.next).div_ceil(self.size);
        (left, Some(left))
    }
}

impl<T: Element> ExactSizeIterator for Batches<'_, T> {}

impl<T: Element> std::iter::FusedIterator for Batches<'_, T> {}

/// Puts the named rows of a tensor, numbers that are known to exist, into another, which gets their shape. Its buffer
/// comes from those given back before, so that a training loop, whose batches are all of one size, allocates none.
pub(super) fn gather<T: Element>(from: &Tensor<T>, rows: &[usize], into: &mut Tensor<T>) {
    let mut shape = Shape::from(from.shape());
    shape[0] = rows.len();
    let width: usize = shape[1..].iter().product();
    let numbers = from.as_slice();
    *into = Tensor::build(shape, |places| {
        if width == 0 {
            return;
        }
        // Rows that lie anywhere come at some 8 bytes a nanosecond.
        let (len, nanoseconds) = (places.len(), size_of_val(places) / 8);
        let chunk = rows.len().div_ceil(4 * parallel::threads()).max(1) * width;
        for_each_chunk(places, len, chunk, nanoseconds, &|at, places| {
            for (place, &row) in places.chunks_exact_mut(width).zip(&rows[at.start / width..]) {
                place.copy_from_slice(&numbers[row * width..][..width]);
            }
        });
    });
}
