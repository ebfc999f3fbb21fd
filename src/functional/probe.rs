//! The entries of a sparse matrix of which only products are given, eight at a time, as they are of a derivative
//! through tensors, of which no graph of scalars is known.

use super::{
    color::{Coloring, columns_apart, transposed},
    recorded::{LANES, Lanes, number},
};
use crate::{Scalar, rng::element_uniform};

/// The entries of each row that are not 0, with their columns.
pub(super) type Entries<T> = Vec<Vec<(u32, T)>>;

/// Finds a matrix with so many columns from its products with [`LANES`] vectors at once.
///
/// Groups of neighbouring columns are divided into eight, over and over, until they are single columns. Which rows a
/// part has entries in, is seen from the product with a random vector that is zero elsewhere; parts of groups without a
/// common row share their vectors. So a banded matrix takes as many products as a group has neighbours, for each power
/// of eight in the number of columns; a full one takes a seventh more than one for each eight columns.
pub(super) fn entries<T: Scalar>(
    columns: usize,
    mut product: impl FnMut(&[[T; LANES]]) -> Vec<[T; LANES]>,
) -> Entries<T> {
    let zeros = || vec![[T::zero(); LANES]; columns];
    if columns == 0 {
        return product(&zeros()).iter().map(|_| Vec::new()).collect();
    }
    let mut size = LANES;
    while size < columns {
        size *= LANES;
    }
    // For each row the groups that it may have entries in; at first the only one there is.
    let mut rows: Option<Vec<Vec<u32>>> = None;
    loop {
        let part = size / LANES;
        let colors = match &rows {
            Some(rows) => columns_apart(rows, &transposed(rows, columns.div_ceil(size))),
            None => Coloring::all_different(1),
        };
        let passes: Vec<Lanes<T>> = (0..colors.count)
            .map(|color| {
                let mut seeds = zeros();
                for (column, seed) in seeds.iter_mut().enumerate() {
                    if colors.of[column / size] as usize == color {
                        let random = || T::lit(0.5 + element_uniform(7, part as u64, column as u64));
                        seed[column % size / part] = if part == 1 { T::one() } else { random() };
                    }
                }
                Lanes(product(&seeds))
            })
            .collect();
        let before = rows.unwrap_or_else(|| vec![vec![0]; passes[0].0.len()]);
        let found = before.iter().enumerate().map(|(i, groups)| {
            let parts = groups.iter().flat_map(|group| {
                let color = colors.of[*group as usize] * LANES as u32;
                (0..LANES as u32).map(move |k| (group * LANES as u32 + k, color + k))
            });
            let parts = parts.map(|(part, lane)| (part, number(&passes, i, lane)));
            parts.filter(|(_, value)| !value.is_exactly_zero()).collect::<Vec<_>>()
        });
        let found: Entries<T> = found.collect();
        if part == 1 || found.iter().all(Vec::is_empty) {
            return found;
        }
        rows = Some(found.iter().map(|row| row.iter().map(|(part, _)| *part).collect()).collect());
        size = part;
    }
}

/// The other way round: the entries of each column, with their rows.
pub(super) fn turned<T: Copy>(entries: &Entries<T>, columns: usize) -> Entries<T> {
    let mut result = vec![Vec::new(); columns];
    for (i, row) in entries.iter().enumerate() {
        for (j, value) in row {
            result[*j as usize].push((i as u32, *value));
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The matrix as it was, and how many products it took.
    fn found(matrix: &[Vec<(u32, f64)>], columns: usize) -> usize {
        let mut count = 0;
        let entries = entries(columns, |v: &[[f64; LANES]]| {
            count += 1;
            let row = |row: &Vec<(u32, f64)>| {
                let mut sum = [0.0; LANES];
                for (j, value) in row {
                    (0..LANES).for_each(|lane| sum[lane] += value * v[*j as usize][lane]);
                }
                sum
            };
            matrix.iter().map(row).collect()
        });
        assert_eq!(entries, matrix);
        count
    }

    #[test]
    fn bands_take_few_products_and_full_matrices_an_eighth() {
        let band = |n: u32| -> Vec<Vec<(u32, f64)>> {
            let row = |i: u32| (i.saturating_sub(1)..(i + 2).min(n)).map(|j| (j, f64::from(i + 2 * j + 1))).collect();
            (0..n).map(row).collect()
        };
        assert_eq!(found(&band(8), 8), 1);
        assert!(found(&band(5000), 5000) <= 1 + 3 * 4);
        let full = |n: u32| -> Vec<Vec<(u32, f64)>> {
            (0..3).map(|i| (0..n).map(|j| (j, f64::from(i * n + j + 1))).collect()).collect()
        };
        assert!(found(&full(512), 512) <= 64 + 8 + 1);
        // The sum of a row is 0, and some rows and columns have nothing.
        assert_eq!(found(&[vec![(3, 1.0), (4, -1.0)], vec![], vec![(99, 2.0)]], 100), 3);
        assert_eq!(found(&vec![vec![]; 4], 70), 1);
        assert_eq!(found(&[vec![], vec![]], 0), 1);
        assert_eq!(found(&[], 9), 1);
    }

    #[test]
    fn turning_twice_changes_nothing() {
        let matrix = vec![vec![(0, 1.0), (2, 2.0)], vec![], vec![(1, 3.0)]];
        assert_eq!(turned(&turned(&matrix, 4), 3), matrix);
    }
}
