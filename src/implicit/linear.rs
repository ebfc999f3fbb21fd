//! Linear systems of which only products with a vector are given: by elimination where they are small, by GMRES where
//! they are not. Of plain numbers; those of numbers with tangents are solved part by part.

use crate::{Scalar, Tensor};
use std::cell::OnceCell;

/// Up to so many unknowns the matrix is written out.
pub(super) const DENSE: usize = 256;

/// Up to so many it is written out where GMRES does not converge.
const LARGEST: usize = 4096;

/// A product of a matrix with a vector.
pub(super) type Product<'a> = &'a dyn Fn(&[f64]) -> Vec<f64>;

/// A square matrix A of plain numbers, to solve with.
pub(super) struct System<'a> {
    n: usize,
    /// `A v`.
    times: Option<Product<'a>>,
    /// `Aᵀ v`, where that costs less.
    transposed: Option<Product<'a>>,
    /// The error relative to the right side.
    tolerance: f64,
    factors: OnceCell<Factors>,
}

impl<'a> System<'a> {
    /// One of the two products is enough. The tolerance is that of numbers of type `T`.
    pub(super) fn new<T: Scalar>(n: usize, times: Option<Product<'a>>, transposed: Option<Product<'a>>) -> Self {
        let tolerance = (32.0 * T::epsilon().real()).max(1e-14);
        System { n, times, transposed, tolerance, factors: OnceCell::new() }
    }

    /// x with `A x = b`.
    ///
    /// # Panics
    /// If A is singular; if a very large system does not converge.
    fn solve(&self, b: &[f64]) -> Vec<f64> {
        if b.iter().any(|b| !b.is_finite()) {
            return vec![f64::NAN; self.n];
        }
        if let (Some(times), None, true) = (self.times, self.factors.get(), self.n > DENSE) {
            if let Some(x) = gmres(times, b, self.tolerance) {
                return x;
            }
            let n = self.n;
            assert!(
                n <= LARGEST,
                "root: the linear system with the derivative of the equation, of {n} unknowns, does not converge"
            );
        }
        self.factors().solve(b)
    }

    /// The size of x with `Aᵀ x = b`, where the matrix is written out already or soon will be.
    pub(super) fn size_of_transposed_solution(&self, b: &[f64]) -> Option<f64> {
        (self.n <= DENSE || self.factors.get().is_some()).then(|| norm(&self.factors().solve_transposed(b)))
    }

    /// The size of x with `A x = b`.
    pub(super) fn size_of_solution(&self, b: &[f64]) -> f64 {
        norm(&self.solve(b))
    }

    fn factors(&self) -> &Factors {
        self.factors.get_or_init(|| Factors::new(self.n, self.entries()))
    }

    /// The matrix row by row.
    fn entries(&self) -> Vec<f64> {
        let n = self.n;
        let mut entries = vec![0.0; n * n];
        let mut unit = vec![0.0; n];
        for i in 0..n {
            unit[i] = 1.0;
            match (self.transposed, self.times) {
                (Some(transposed), _) => entries[i * n..(i + 1) * n].copy_from_slice(&transposed(&unit)),
                (None, Some(times)) => {
                    for (j, entry) in times(&unit).into_iter().enumerate() {
                        entries[j * n + i] = entry;
                    }
                }
                (None, None) => {}
            }
            unit[i] = 0.0;
        }
        entries
    }
}

/// Solves `A x = b` over numbers with tangents, whose values are the matrix of the system, or an equation `r(x) = 0`
/// with that derivative: part by part, as no part of what is left depends on later parts of x but through the values of
/// A.
///
/// `left` is what x leaves of the right side, and `after` says what another x leaves; parts of x before `first` are
/// right already.
pub(super) fn part_by_part<T: Scalar>(
    system: &System<'_>,
    first: usize,
    mut x: Tensor<T>,
    mut left: Tensor<T>,
    after: impl Fn(&Tensor<T>) -> Tensor<T>,
) -> Tensor<T> {
    for part in first..T::PARTS {
        let right: Vec<f64> = left.iter().map(|left| left.part(part)).collect();
        if right.iter().all(|right| *right == 0.0) {
            continue;
        }
        for (x, step) in x.as_mut_slice().iter_mut().zip(system.solve(&right)) {
            x.set_part(part, x.part(part) + step);
        }
        if part + 1 < T::PARTS {
            left = after(&x);
        }
    }
    x
}

/// The factors of a matrix by Gauss's elimination with partial pivoting, in one square; and the order of its rows.
struct Factors {
    n: usize,
    square: Vec<f64>,
    rows: Vec<usize>,
}

impl Factors {
    fn new(n: usize, mut a: Vec<f64>) -> Self {
        let mut rows: Vec<usize> = (0..n).collect();
        for k in 0..n {
            let size = |i: usize| a[i * n + k].abs();
            let pivot = (k..n).max_by(|i, j| size(*i).total_cmp(&size(*j))).unwrap_or(k);
            let is_regular = size(pivot) > 0.0;
            assert!(is_regular, "root: the derivative of the equation by its unknown is singular at the solution");
            if pivot != k {
                rows.swap(k, pivot);
                let (upper, lower) = a.split_at_mut(pivot * n);
                upper[k * n..(k + 1) * n].swap_with_slice(&mut lower[..n]);
            }
            let (upper, lower) = a.split_at_mut((k + 1) * n);
            let pivots = &upper[k * n..];
            for row in lower.chunks_mut(n) {
                let factor = row[k] / pivots[k];
                row[k] = factor;
                if factor != 0.0 {
                    for (entry, pivot) in row[k + 1..].iter_mut().zip(&pivots[k + 1..]) {
                        *entry -= factor * pivot;
                    }
                }
            }
        }
        Factors { n, square: a, rows }
    }

    fn solve(&self, b: &[f64]) -> Vec<f64> {
        let row = |i: usize| &self.square[i * self.n..(i + 1) * self.n];
        let mut x: Vec<f64> = self.rows.iter().map(|i| b[*i]).collect();
        for i in 0..self.n {
            x[i] -= dot(&row(i)[..i], &x[..i]);
        }
        for i in (0..self.n).rev() {
            x[i] = (x[i] - dot(&row(i)[i + 1..], &x[i + 1..])) / row(i)[i];
        }
        x
    }

    /// x with `Aᵀ x = b`.
    fn solve_transposed(&self, b: &[f64]) -> Vec<f64> {
        let row = |i: usize| &self.square[i * self.n..(i + 1) * self.n];
        let mut z = b.to_vec();
        for i in 0..self.n {
            z[i] /= row(i)[i];
            let known = z[i];
            add(&mut z[i + 1..], -known, &row(i)[i + 1..]);
        }
        for i in (0..self.n).rev() {
            let known = z[i];
            add(&mut z[..i], -known, &row(i)[..i]);
        }
        let mut x = vec![0.0; self.n];
        for (z, i) in z.into_iter().zip(&self.rows) {
            x[*i] = z;
        }
        x
    }
}

/// How many directions GMRES keeps before it starts again.
const KEPT: usize = 60;

pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// The Euclidean norm.
pub(super) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// `a += factor b`.
fn add(a: &mut [f64], factor: f64, b: &[f64]) {
    for (a, b) in a.iter_mut().zip(b) {
        *a += factor * b;
    }
}

/// Generalised minimal residuals, restarted; `None` where they do not become small. Saad and Schultz, 1986.
fn gmres(times: Product<'_>, b: &[f64], tolerance: f64) -> Option<Vec<f64>> {
    let goal = norm(b) * tolerance;
    let mut x = vec![0.0; b.len()];
    let mut last = f64::INFINITY;
    for _ in 0..200 {
        let mut rest = b.to_vec();
        add(&mut rest, -1.0, &times(&x));
        let size = norm(&rest);
        // Below some rounding error there is nothing left to gain.
        if size <= goal || (size <= 1e3 * goal && size > 0.5 * last) {
            return Some(x);
        }
        // It stands still.
        if size > 0.999 * last {
            return None;
        }
        last = size;
        rest.iter_mut().for_each(|rest| *rest /= size);
        let mut basis = vec![rest];
        let mut columns: Vec<Vec<f64>> = Vec::new();
        let mut rotations: Vec<(f64, f64)> = Vec::new();
        let mut right = vec![size];
        for k in 0..KEPT {
            let mut next = times(&basis[k]);
            let mut column: Vec<f64> = Vec::with_capacity(k + 2);
            for v in &basis {
                let part = dot(v, &next);
                add(&mut next, -part, v);
                column.push(part);
            }
            let length = norm(&next);
            column.push(length);
            for (i, (c, s)) in rotations.iter().enumerate() {
                let (up, down) = (column[i], column[i + 1]);
                column[i] = c * up + s * down;
                column[i + 1] = c * down - s * up;
            }
            let (up, down) = (column[k], column[k + 1]);
            let radius = up.hypot(down);
            // Also where it is no number.
            if radius.is_nan() || radius <= 0.0 {
                return None;
            }
            let (c, s) = (up / radius, down / radius);
            column[k] = radius;
            column.truncate(k + 1);
            columns.push(column);
            rotations.push((c, s));
            right.push(-s * right[k]);
            right[k] *= c;
            if right[k + 1].abs() <= goal || length <= f64::MIN_POSITIVE {
                break;
            }
            next.iter_mut().for_each(|next| *next /= length);
            basis.push(next);
        }
        let n = columns.len();
        let mut y = right[..n].to_vec();
        for i in (0..n).rev() {
            let rest = (i + 1..n).fold(y[i], |rest, j| rest - columns[j][i] * y[j]);
            y[i] = rest / columns[i][i];
        }
        for (v, y) in basis.iter().zip(&y) {
            add(&mut x, *y, v);
        }
    }
    None
}
