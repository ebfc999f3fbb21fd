//! Second derivatives of functions of tensors, and Laplacians.

use super::{each, hvp, value_and_grad};
use crate::{
    Dual, MultiDual, Scalar, Tape, Taylor, Tensor, TensorVar,
    functional::{Estimate, SparseMatrix, probe, taylor},
};

/// The Hessian `∂²f/∂xᵢ∂xⱼ` of a function of one tensor that gives one number: of the shape of the variable twice.
///
/// A recording and a sweep on tensors of [`Dual`] numbers for each number of the variable.
///
/// ```
/// use gradtape::{Tensor, functional::tensors::hessian};
/// let h = hessian(|x| x.prod(), &Tensor::from([2.0, 3.0, 4.0]));
/// assert_eq!(h, Tensor::from([[0.0, 4.0, 3.0], [4.0, 0.0, 2.0], [3.0, 2.0, 0.0]]));
/// ```
///
/// # Panics
/// If the result is not one number (rank 0).
#[track_caller]
pub fn hessian<T, F>(f: F, x: &Tensor<T>) -> Tensor<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, Dual<T>>) -> TensorVar<'t, Dual<T>>,
{
    let mut rows = Tensor::zeros([x.shape(), x.shape()].concat());
    let mut v = Tensor::zeros(x.shape());
    for (i, row) in rows.as_mut_slice().chunks_mut(x.len().max(1)).enumerate() {
        v.as_mut_slice()[i] = T::one();
        let product = hvp(|x| f(x[0]), std::slice::from_ref(x), std::slice::from_ref(&v));
        row.copy_from_slice(product[0].as_slice());
        v.as_mut_slice()[i] = T::zero();
    }
    rows
}

/// The diagonal of the [`hessian`], `∂²f/∂xⱼ²`: of the shape of the variable. Its sum is the Laplacian.
///
/// One evaluation on tensors of [`Taylor`] series of order 2 for each number of the variable; nothing is recorded for a
/// sweep. For functions that treat rows independently see [`laplacian`].
///
/// ```
/// use gradtape::{Tensor, functional::tensors::hessian_diagonal};
/// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
/// assert_eq!(hessian_diagonal(|x| x.powi(3).sum() + x.prod(), &x), x * 6.0);
/// ```
///
/// # Panics
/// If the result is not one number (rank 0).
#[track_caller]
pub fn hessian_diagonal<T, F>(f: F, x: &Tensor<T>) -> Tensor<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, Taylor<T, 2>>) -> TensorVar<'t, Taylor<T, 2>>,
{
    let mut diagonal = Tensor::zeros(x.shape());
    for (j, place) in diagonal.as_mut_slice().iter_mut().enumerate() {
        let second = second_derivative(&f, x, |at| if at == j { T::one() } else { T::zero() });
        let shape = second.shape();
        assert!(shape.is_empty(), "hessian_diagonal: {shape:?}: the function gives one number (rank 0)");
        *place = second.item();
    }
    diagonal
}

/// The Hessian of a function of one tensor in which each number meets few others, of shape `[n, n]` for the n numbers
/// of the variable in the order of their memory; both triangles are stored.
///
/// Recordings and sweeps on tensors of [`MultiDual`] numbers, each for products with eight vectors. The rows that a
/// column has entries in are found group by group, from random vectors; columns of groups without a common row share a
/// colour. A band of width w costs about w of these for each power of eight in n, a full Hessian a seventh more than
/// one for each eight numbers. An entry that is 0 at this point is not stored.
///
/// ```
/// use gradtape::{Tensor, functional::tensors::hessian_sparse};
/// let x = Tensor::<f64>::ones([1000]);
/// let h = hessian_sparse(|x| (x.slice(0, 0, 999, 1).square() * x.slice(0, 1, 1000, 1)).sum(), &x);
/// assert_eq!(h.stored(), 3 * 1000 - 2 - 1); // the last number has no curvature of its own
/// assert_eq!(h.row(500).collect::<Vec<_>>(), [(499, 2.0), (500, 2.0), (501, 2.0)]);
/// ```
///
/// # Panics
/// If the result is not one number (rank 0).
#[track_caller]
pub fn hessian_sparse<T, F>(f: F, x: &Tensor<T>) -> SparseMatrix<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, MultiDual<T, 8>>) -> TensorVar<'t, MultiDual<T, 8>>,
{
    let entries = probe::entries(x.len(), |seeds| {
        let x = each(x, |j, x| MultiDual::new(*x, seeds[j]));
        value_and_grad(|x| f(x[0]), &[x]).1[0].iter().map(|gradient| gradient.tangents).collect()
    });
    SparseMatrix::from_entries(&entries, x.len())
}

/// The Laplacian `Σⱼ ∂²f/∂xⱼ²` by the last axis, for each row of `x`: of the shape of the function's result.
///
/// The function treats rows independently, as a network does: `[rows, variables]` to `[rows]` or `[rows, outputs]`.
/// One evaluation on tensors of [`Taylor`] series of order 2 for each variable; nothing is recorded for a sweep. With
/// plain weights a product of matrices costs three plain ones.
///
/// ```
/// use gradtape::{Tensor, functional::tensors::laplacian};
/// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
/// let values = laplacian(|x| x.powi(3).sum_axis(1, false), &x);
/// assert_eq!(values, Tensor::from([18.0, 42.0]));
/// ```
///
/// # Panics
/// If `x` has no axis.
#[track_caller]
pub fn laplacian<T, F>(f: F, x: &Tensor<T>) -> Tensor<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, Taylor<T, 2>>) -> TensorVar<'t, Taylor<T, 2>>,
{
    let n = columns("laplacian", x);
    let mut sum: Option<Tensor<T>> = None;
    for j in 0..n {
        let second = second_derivative(&f, x, |at| if at % n == j { T::one() } else { T::zero() });
        sum = Some(match sum {
            Some(sum) => sum + second,
            None => second,
        });
    }
    sum.unwrap_or_else(|| Tensor::zeros(second_derivative(&f, x, |_| T::zero()).shape()))
}

/// The mean over all numbers of the result of the [`laplacian`], from random directions: independent signs for every
/// number of `x` and every sample.
///
/// One evaluation on tensors of [`Taylor`] series of order 2 for each sample, however many variables there are. See
/// [`laplacian_estimate`](super::laplacian_estimate).
///
/// ```
/// use gradtape::{Rng, Tensor, functional::tensors::laplacian_estimate};
/// let x = Tensor::from([[1.0, 2.0], [3.0, 4.0]]);
/// let estimate = laplacian_estimate(|x| x.powi(3).sum_axis(1, false), &x, 2, &mut Rng::new(7));
/// assert_eq!((estimate.mean, estimate.standard_error), (30.0, 0.0));
/// ```
///
/// # Panics
/// If `x` has no axis, or `samples` is 0.
#[track_caller]
pub fn laplacian_estimate<T, F, R>(f: F, x: &Tensor<T>, samples: usize, rng: &mut R) -> Estimate<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, Taylor<T, 2>>) -> TensorVar<'t, Taylor<T, 2>>,
    R: rand::Rng + ?Sized,
{
    columns("laplacian_estimate", x);
    assert!(samples > 0, "laplacian_estimate: takes at least one sample");
    let sample = |_| {
        let signs: Vec<T> = (0..x.len()).map(|_| taylor::random_sign(rng)).collect();
        second_derivative(&f, x, |at| signs[at]).mean().item()
    };
    taylor::estimate(&(0..samples).map(sample).collect::<Vec<_>>())
}

#[track_caller]
fn columns<T: Scalar>(name: &str, x: &Tensor<T>) -> usize {
    match x.shape().last() {
        Some(n) => *n,
        None => panic!("{name}: []: the variables stand along the last axis"),
    }
}

/// `d²/dt² f(x + t v)`.
#[track_caller]
fn second_derivative<T, F>(f: &F, x: &Tensor<T>, v: impl Fn(usize) -> T) -> Tensor<T>
where
    T: Scalar,
    F: for<'t> Fn(TensorVar<'t, Taylor<T, 2>>) -> TensorVar<'t, Taylor<T, 2>>,
{
    let tape = Tape::inference();
    let y = f(tape.tensor(each(x, |at, x| Taylor::along(*x, v(at))))).value();
    each(&y, |_, y| y.derivative(2))
}
