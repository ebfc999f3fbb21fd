//! Linear systems of which only products with a vector from the left are given, `w ↦ wᵀ A`: by elimination where they
//! are small, by GMRES where they are not.

use crate::{Scalar, Tensor};
use num_traits::Float;

/// Up to so many unknowns the matrix is written out.
const DENSE: usize = 256;

/// x with `Aᵀ x = b` where `transposed`, else `A x = b`.
///
/// # Panics
/// If A is singular; if a large system, which is always transposed, does not converge.
pub(super) fn solve<T: Scalar>(b: &Tensor<T>, pull: impl Fn(Tensor<T>) -> Tensor<T>, transposed: bool) -> Tensor<T> {
    let n = b.len();
    if transposed && n > DENSE {
        return gmres(b, pull);
    }
    // Row i of A is what the i-th unit vector pulls back.
    let mut matrix = vec![T::zero(); n * n];
    let mut unit = Tensor::zeros(b.shape());
    for i in 0..n {
        unit.as_mut_slice()[i] = T::one();
        let row = pull(unit.clone());
        unit.as_mut_slice()[i] = T::zero();
        for (j, entry) in row.iter().enumerate() {
            matrix[if transposed { j * n + i } else { i * n + j }] = *entry;
        }
    }
    let mut x: Vec<T> = b.iter().copied().collect();
    eliminate(&mut matrix, &mut x);
    Tensor::assemble(x, b.shape().into())
}

/// Gauss's elimination with partial pivoting, of one right side.
fn eliminate<T: Scalar>(a: &mut [T], x: &mut [T]) {
    let n = x.len();
    for k in 0..n {
        let size = |i: usize| Float::abs(a[i * n + k]).real();
        let pivot = (k..n).max_by(|i, j| size(*i).total_cmp(&size(*j))).unwrap_or(k);
        let is_regular = size(pivot) > 0.0;
        assert!(is_regular, "root: the derivative of the equation by its unknown is singular at the solution");
        if pivot != k {
            for j in k..n {
                a.swap(k * n + j, pivot * n + j);
            }
            x.swap(k, pivot);
        }
        for i in k + 1..n {
            let factor = a[i * n + k] / a[k * n + k];
            if factor.is_exactly_zero() {
                continue;
            }
            for j in k + 1..n {
                let upper = a[k * n + j];
                a[i * n + j] -= factor * upper;
            }
            let upper = x[k];
            x[i] -= factor * upper;
        }
    }
    for i in (0..n).rev() {
        let rest = (i + 1..n).fold(x[i], |rest, j| rest - a[i * n + j] * x[j]);
        x[i] = rest / a[i * n + i];
    }
}

/// How many directions GMRES keeps before it starts again.
const KEPT: usize = 60;

/// Generalised minimal residuals, restarted. Saad and Schultz, 1986.
fn gmres<T: Scalar>(b: &Tensor<T>, pull: impl Fn(Tensor<T>) -> Tensor<T>) -> Tensor<T> {
    let dot = |a: &Tensor<T>, b: &Tensor<T>| a.iter().zip(b.iter()).fold(T::zero(), |sum, (a, b)| sum + *a * *b);
    let norm = |a: &Tensor<T>| Float::sqrt(dot(a, a));
    let goal = norm(b).real() * (32.0 * T::epsilon().real()).max(1e-14);
    let mut x: Tensor<T> = Tensor::zeros(b.shape());
    let mut last = f64::INFINITY;
    for _ in 0..200 {
        let rest = b - pull(x.clone());
        let size = norm(&rest);
        // Below some rounding error there is nothing left to gain.
        if size.real() <= goal || (size.real() <= 1e3 * goal && size.real() > 0.5 * last) {
            return x;
        }
        last = size.real();
        let scale = |v: &Tensor<T>, by: T| v.map(|v| v * by);
        let mut basis = vec![scale(&rest, T::one() / size)];
        let mut columns: Vec<Vec<T>> = Vec::new();
        let mut rotations: Vec<(T, T)> = Vec::new();
        let mut right = vec![size];
        for k in 0..KEPT {
            let mut next = pull(basis[k].clone());
            let mut column: Vec<T> = Vec::with_capacity(k + 2);
            for v in &basis {
                let part = dot(v, &next);
                next -= scale(v, part);
                column.push(part);
            }
            let length = norm(&next);
            column.push(length);
            for (i, (c, s)) in rotations.iter().enumerate() {
                let (up, down) = (column[i], column[i + 1]);
                column[i] = *c * up + *s * down;
                column[i + 1] = *c * down - *s * up;
            }
            let (up, down) = (column[k], column[k + 1]);
            let radius = Float::sqrt(up * up + down * down);
            let is_regular = radius.real() > 0.0;
            assert!(is_regular, "root: the derivative of the equation by its unknown is singular at the solution");
            let (c, s) = (up / radius, down / radius);
            column[k] = radius;
            column.truncate(k + 1);
            columns.push(column);
            rotations.push((c, s));
            right.push(-s * right[k]);
            right[k] *= c;
            let rest = Float::abs(right[k + 1]).real();
            if rest <= goal || length.real() <= f64::MIN_POSITIVE {
                break;
            }
            basis.push(scale(&next, T::one() / length));
        }
        let n = columns.len();
        let mut y = right[..n].to_vec();
        for i in (0..n).rev() {
            let rest = (i + 1..n).fold(y[i], |rest, j| rest - columns[j][i] * y[j]);
            y[i] = rest / columns[i][i];
        }
        for (v, y) in basis.iter().zip(&y) {
            x += scale(v, *y);
        }
    }
    panic!("root: the linear system with the derivative of the equation, of {} unknowns, does not converge", b.len());
}
