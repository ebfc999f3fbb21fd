//! The matrix product: one function, `c = a b` or `c += a b`, with factors read transposed as they lie.
//!
//! Unsafe: the kernel behind it takes pointers. Their bounds are checked here.
#![allow(unsafe_code)]

use crate::Element;

/// A matrix as it lies in memory: row-major, or the transpose of such a one.
#[derive(Clone, Copy)]
pub struct Factor<'a, T> {
    numbers: &'a [T],
    rows: usize,
    columns: usize,
    transposed: bool,
}

impl<'a, T> Factor<'a, T> {
    /// The matrix of `rows` by `columns` in row-major order.
    pub(crate) fn new(numbers: &'a [T], rows: usize, columns: usize) -> Self {
        assert_eq!(numbers.len(), rows * columns, "a {rows} by {columns} matrix");
        Factor { numbers, rows, columns, transposed: false }
    }

    /// Its transpose, without moving a number.
    pub(crate) fn transposed_if(self, yes: bool) -> Self {
        if yes { Factor { rows: self.columns, columns: self.rows, transposed: !self.transposed, ..self } } else { self }
    }

    /// Distances between neighbours in a column, and in a row.
    fn strides(&self) -> (usize, usize) {
        if self.transposed { (1, self.rows) } else { (self.columns, 1) }
    }

    fn check(&self, right: &Self, c: &[T]) {
        assert_eq!(self.columns, right.rows, "inner sizes of a product");
        assert_eq!(c.len(), self.rows * right.columns, "the size of a product");
    }
}

/// `c = a b`, or `c += a b` where `add` says so.
pub(crate) fn product<T: Element>(a: Factor<'_, T>, b: Factor<'_, T>, add: bool, c: &mut [T]) {
    a.check(&b, c);
    if a.columns == 0 || c.is_empty() {
        if !add {
            c.fill(T::zero());
        }
        return;
    }
    T::product(a, b, add, c);
}

/// The definition, for numbers without a kernel of their own.
pub(crate) fn product_by_loops<T: Element>(a: Factor<'_, T>, b: Factor<'_, T>, add: bool, c: &mut [T]) {
    if !add {
        c.fill(T::zero());
    }
    let ((a_down, a_along), (b_down, b_along)) = (a.strides(), b.strides());
    for (i, c) in c.chunks_exact_mut(b.columns).enumerate() {
        for k in 0..a.columns {
            let factor = a.numbers[i * a_down + k * a_along];
            for (j, c) in c.iter_mut().enumerate() {
                *c += factor * b.numbers[k * b_down + j * b_along];
            }
        }
    }
}

/// The blocked kernel for `f32` and `f64`.
pub(crate) fn product_by_blocks<T: Kernel>(a: Factor<'_, T>, b: Factor<'_, T>, add: bool, c: &mut [T]) {
    T::gemm(a, b, add, c);
}

/// A number type that `matrixmultiply` has a kernel for.
pub(crate) trait Kernel: Sized {
    fn gemm(a: Factor<'_, Self>, b: Factor<'_, Self>, add: bool, c: &mut [Self]);
}

macro_rules! kernel {
    ($T:ident, $gemm:ident) => {
        impl Kernel for $T {
            fn gemm(a: Factor<'_, $T>, b: Factor<'_, $T>, add: bool, c: &mut [$T]) {
                a.check(&b, c);
                let ((a_down, a_along), (b_down, b_along)) = (a.strides(), b.strides());
                // SAFETY: `Factor::new` has checked that each slice holds rows times columns numbers, which are the
                // ones that its strides reach; `check` has done so for `c` and for the inner sizes. No two of the
                // three overlap, as one is borrowed mutably. With beta = 0 the kernel does not read `c`.
                unsafe {
                    matrixmultiply::$gemm(
                        a.rows,
                        a.columns,
                        b.columns,
                        1.0,
                        a.numbers.as_ptr(),
                        a_down as isize,
                        a_along as isize,
                        b.numbers.as_ptr(),
                        b_down as isize,
                        b_along as isize,
                        if add { 1.0 } else { 0.0 },
                        c.as_mut_ptr(),
                        b.columns as isize,
                        1,
                    );
                }
            }
        }
    };
}
kernel!(f32, sgemm);
kernel!(f64, dgemm);

#[cfg(test)]
mod tests {
    use super::*;

    /// Small whole numbers, so that every order of summation gives the same bits.
    fn matrix(rows: usize, columns: usize, salt: usize) -> Vec<f64> {
        (0..rows * columns).map(|i| ((i * 7 + salt) % 11) as f64 - 5.0).collect()
    }

    #[test]
    fn the_kernel_agrees_with_the_definition_for_every_layout_size_and_beta() {
        for (m, k, n) in [(1, 1, 1), (2, 3, 4), (5, 1, 7), (17, 33, 9), (64, 20, 10), (3, 0, 2), (0, 3, 2)] {
            let (a, b) = (matrix(m, k, 1), matrix(k, n, 2));
            for (transpose_a, transpose_b, add) in [(false, false, false), (true, false, true), (false, true, true)] {
                let (ra, ca) = if transpose_a { (k, m) } else { (m, k) };
                let (rb, cb) = if transpose_b { (n, k) } else { (k, n) };
                let left = Factor::new(&a, ra, ca).transposed_if(transpose_a);
                let right = Factor::new(&b, rb, cb).transposed_if(transpose_b);
                let (mut expected, mut got) = (matrix(m, n, 3), matrix(m, n, 3));
                if k > 0 && m > 0 {
                    product_by_loops(left, right, add, &mut expected);
                } else if !add {
                    expected.fill(0.0);
                }
                product(left, right, add, &mut got);
                assert_eq!(got, expected, "{m} {k} {n} {transpose_a} {transpose_b} {add}");
            }
        }
    }
}
