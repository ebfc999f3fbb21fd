//! A matrix that is mostly zero, as derivatives give it: the entries that may be something else, row by row. No
//! derivatives.

use crate::{Element, Tensor};
use std::fmt;

/// A matrix stored as its entries, row by row (compressed rows). An entry that is not stored is 0.
///
/// Made by [`jacobian_sparse`](super::jacobian_sparse) and [`hessian_sparse`](super::hessian_sparse).
///
/// ```
/// use gradtape::{Tensor, functional::jacobian_sparse};
/// let j = jacobian_sparse(|x| vec![x[0] * x[1], x[2].exp()], &[2.0, 5.0, 0.0]);
/// assert_eq!(j.shape(), [2, 3]);
/// assert_eq!(j.stored(), 3);
/// assert_eq!((j.rows(), j.columns(), j.values()), (&[0, 2, 3][..], &[0, 1, 2][..], &[5.0, 2.0, 1.0][..]));
/// assert_eq!(j.row(0).collect::<Vec<_>>(), [(0, 5.0), (1, 2.0)]);
/// assert_eq!(j.iter().last(), Some((1, 2, 1.0)));
/// assert_eq!((j.get(0, 1), j.get(1, 1)), (2.0, 0.0));
/// assert_eq!(j.times(&[1.0, 1.0, 1.0]), [7.0, 1.0]);
/// assert_eq!(j.to_dense(), Tensor::from([[5.0, 2.0, 0.0], [0.0, 0.0, 1.0]]));
/// ```
#[derive(Clone, PartialEq)]
pub struct SparseMatrix<T> {
    columns: usize,
    starts: Vec<usize>,
    indices: Vec<usize>,
    values: Vec<T>,
}

impl<T: Element> SparseMatrix<T> {
    /// From the columns of the entries of each row, in increasing order, and what stands there.
    pub(super) fn from_pattern(pattern: &[Vec<u32>], columns: usize, entry: impl Fn(usize, usize) -> T) -> Self {
        let stored = pattern.iter().map(Vec::len).sum();
        let (mut indices, mut values) = (Vec::with_capacity(stored), Vec::with_capacity(stored));
        let mut starts = vec![0];
        for (i, row) in pattern.iter().enumerate() {
            indices.extend(row.iter().map(|j| *j as usize));
            values.extend(row.iter().map(|j| entry(i, *j as usize)));
            starts.push(indices.len());
        }
        SparseMatrix { columns, starts, indices, values }
    }

    /// From the entries of each row, in increasing order of their columns.
    pub(super) fn from_entries(entries: &[Vec<(u32, T)>], columns: usize) -> Self {
        let all = || entries.iter().flatten();
        let mut starts = vec![0];
        starts.extend(entries.iter().scan(0, |end, row| {
            *end += row.len();
            Some(*end)
        }));
        let indices = all().map(|(j, _)| *j as usize).collect();
        SparseMatrix { columns, starts, indices, values: all().map(|(_, value)| *value).collect() }
    }

    /// Rows and columns.
    pub fn shape(&self) -> [usize; 2] {
        [self.starts.len() - 1, self.columns]
    }

    /// How many entries are stored.
    pub fn stored(&self) -> usize {
        self.values.len()
    }

    /// Where the entries of each row begin in [`columns`](Self::columns) and [`values`](Self::values); one number more
    /// than rows, the last being [`stored`](Self::stored).
    pub fn rows(&self) -> &[usize] {
        &self.starts
    }

    /// The column of each entry, increasing in every row.
    pub fn columns(&self) -> &[usize] {
        &self.indices
    }

    /// The entries, row by row.
    pub fn values(&self) -> &[T] {
        &self.values
    }

    /// The stored entries of a row, each with its column.
    ///
    /// # Panics
    /// If there is no such row.
    #[track_caller]
    pub fn row(&self, i: usize) -> impl Iterator<Item = (usize, T)> + '_ {
        let range = self.starts[i]..self.starts[i + 1];
        self.indices[range.clone()].iter().copied().zip(self.values[range].iter().copied())
    }

    /// All stored entries as (row, column, value), in the order of rows.
    pub fn iter(&self) -> impl Iterator<Item = (usize, usize, T)> + '_ {
        (0..self.starts.len() - 1).flat_map(|i| self.row(i).map(move |(j, value)| (i, j, value)))
    }

    /// One entry `A[i][j]`; 0 where none is stored. A binary search in row i.
    ///
    /// # Panics
    /// If there is no such row or column.
    #[track_caller]
    pub fn get(&self, i: usize, j: usize) -> T {
        let [rows, columns] = self.shape();
        assert!(i < rows && j < columns, "get: [{rows}, {columns}]: there is no entry [{i}, {j}]");
        let range = self.starts[i]..self.starts[i + 1];
        match self.indices[range.clone()].binary_search(&j) {
            Ok(at) => self.values[range.start + at],
            Err(_) => T::zero(),
        }
    }

    /// The matrix times a vector, `Σⱼ A[i][j] v[j]`: as many numbers as there are rows, for a multiplication an entry.
    ///
    /// # Panics
    /// If the vector has not as many numbers as the matrix has columns.
    #[track_caller]
    pub fn times(&self, v: &[T]) -> Vec<T> {
        let [rows, columns] = self.shape();
        assert!(v.len() == columns, "times: [{rows}, {columns}] and [{}]: the inner sizes differ", v.len());
        let product = |i| self.row(i).fold(T::zero(), |sum, (j, value): (usize, T)| sum + value * v[j]);
        (0..rows).map(product).collect()
    }

    /// The matrix with its zeros, of shape `[rows, columns]`.
    pub fn to_dense(&self) -> Tensor<T> {
        let [rows, columns] = self.shape();
        let mut dense = Tensor::zeros([rows, columns]);
        let numbers = dense.as_mut_slice();
        for (i, j, value) in self.iter() {
            numbers[i * columns + j] = value;
        }
        dense
    }
}

/// `[2, 3] with 3 stored: (0, 0) 5, (0, 1) 2, (1, 2) 1`
impl<T: Element> fmt::Debug for SparseMatrix<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} with {} stored", self.shape(), self.stored())?;
        for (n, (i, j, value)) in self.iter().enumerate() {
            write!(f, "{}({i}, {j}) {value}", if n == 0 { ": " } else { ", " })?;
        }
        Ok(())
    }
}
