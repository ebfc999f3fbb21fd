//! Derivatives of high order by power series: along a direction, any mixed partial, the Laplacian exactly and by
//! random directions. No tape. How series go through an operation stands in `ops`.

use super::check_lengths;
use crate::{Scalar, Taylor, rng::uniform};

/// The derivatives of a function of one number, of order 1, 2, ..: as many as the array that they are taken into.
///
/// One evaluation on [`Taylor`] series, without a tape.
///
/// ```
/// use gradtape::functional::derivatives;
/// let [first, second, third] = derivatives(|x| x.powi(3) * 2.0, 5.0);
/// assert_eq!((first, second, third), (150.0, 60.0, 12.0));
/// ```
///
/// # Panics
/// Where the function does.
#[track_caller]
pub fn derivatives<T, F, const K: usize>(f: F, x: T) -> [T; K]
where
    T: Scalar,
    F: Fn(Taylor<T, K>) -> Taylor<T, K>,
{
    let y = f(Taylor::variable(x));
    std::array::from_fn(|i| y.derivative(i + 1))
}

/// The derivatives `dᵏ/dtᵏ f(x + t v)` at t = 0 of order 1, 2, ..: as many as the array that they are taken into.
///
/// One evaluation on [`Taylor`] series, without a tape. The second is `vᵀ H v`.
///
/// ```
/// use gradtape::functional::directional_derivatives;
/// let [first, second] = directional_derivatives(|x| x[0] * x[1].powi(2), &[2.0, 3.0], &[1.0, 1.0]);
/// assert_eq!((first, second), (9.0 + 12.0, 12.0 + 4.0));
/// ```
///
/// # Panics
/// If `x` and `v` differ in length.
#[track_caller]
pub fn directional_derivatives<T, F, const K: usize>(f: F, x: &[T], v: &[T]) -> [T; K]
where
    T: Scalar,
    F: Fn(&[Taylor<T, K>]) -> Taylor<T, K>,
{
    let why = "the direction has one number for each variable";
    check_lengths("directional_derivatives", x.len(), v.len(), why);
    let x: Vec<_> = x.iter().zip(v).map(|(x, v)| Taylor::along(*x, *v)).collect();
    let y = f(&x);
    std::array::from_fn(|i| y.derivative(i + 1))
}

/// The derivative by several variables, one after the other: `[0, 0, 2]` gives ∂³f/∂x₀²∂x₂.
///
/// With variable i named αᵢ times, ∏ (αᵢ + 1)/2 evaluations (rounded up) on [`Taylor`] series of the order of the
/// derivative, without a tape: the polarisation `2ᴷ ∂ᵅf = Σⱼ (-1)^|j| ∏ binomial(αᵢ, jᵢ) c(α - 2j)`, where `c(v)` is
/// the coefficient of order K in direction v.
///
/// ```
/// use gradtape::functional::mixed_partial;
/// let third = mixed_partial(|x| x[0].powi(2) * x[1].exp() * x[2], &[3.0, 0.0, 5.0], [0, 0, 1]);
/// assert!((third - 10.0f64).abs() < 1e-12);
/// ```
///
/// # Panics
/// If there is no such variable.
#[track_caller]
pub fn mixed_partial<T, F, const K: usize>(f: F, x: &[T], variables: [usize; K]) -> T
where
    T: Scalar,
    F: Fn(&[Taylor<T, K>]) -> Taylor<T, K>,
{
    let n = x.len();
    let mut orders: Vec<(usize, usize)> = Vec::new();
    for variable in variables {
        assert!(variable < n, "mixed_partial: [{n}]: there is no variable {variable}");
        match orders.iter_mut().find(|(known, _)| *known == variable) {
            Some((_, order)) => *order += 1,
            None => orders.push((variable, 1)),
        }
    }
    let mut point: Vec<_> = x.iter().map(|x| Taylor::constant(*x)).collect();
    if orders.is_empty() {
        return f(&point).value;
    }
    // The direction -v gives what v gives, so that of each pair of directions one is enough.
    let terms: usize = orders.iter().map(|(_, order)| order + 1).product();
    let mut sum = T::zero();
    for term in 0..terms.div_ceil(2) {
        let (mut rest, mut weight) = (term, if 2 * term + 1 == terms { 1.0 } else { 2.0 });
        for (variable, order) in &orders {
            let j = rest % (order + 1);
            rest /= order + 1;
            let sign = if j % 2 == 0 { 1.0 } else { -1.0 };
            weight *= sign * binomial(*order, j);
            point[*variable] = Taylor::along(x[*variable], T::lit(*order as f64 - 2.0 * j as f64));
        }
        sum += f(&point).coefficient(K) * T::lit(weight);
    }
    sum / T::lit(2f64.powi(K as i32))
}

fn binomial(n: usize, k: usize) -> f64 {
    (0..k).fold(1.0, |product, i| product * (n - i) as f64 / (i + 1) as f64).round()
}

/// The Laplacian `Σᵢ ∂²f/∂xᵢ²`.
///
/// One evaluation on [`Taylor`] series of order 2 for each variable, without a tape. For networks, and for many points
/// at once, see [`tensors::laplacian`](super::tensors::laplacian).
///
/// ```
/// use gradtape::functional::laplacian;
/// let value = laplacian(|x| x[0].powi(3) + x[0] * x[1].powi(2), &[2.0, 5.0]);
/// assert_eq!(value, 12.0 + 4.0);
/// ```
///
/// # Panics
/// Where the function does.
#[track_caller]
pub fn laplacian<T, F>(f: F, x: &[T]) -> T
where
    T: Scalar,
    F: Fn(&[Taylor<T, 2>]) -> Taylor<T, 2>,
{
    let mut point: Vec<_> = x.iter().map(|x| Taylor::constant(*x)).collect();
    let mut sum = T::zero();
    for (i, x) in x.iter().enumerate() {
        point[i] = Taylor::variable(*x);
        sum += f(&point).derivative(2);
        point[i] = Taylor::constant(*x);
    }
    sum
}

/// A random estimate and how far it may be off.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Estimate<T> {
    /// The mean of the samples, of which the expectation is the quantity itself.
    pub mean: T,
    /// The standard deviation of the mean; infinite for a single sample.
    pub standard_error: T,
}

/// The Laplacian from random directions: the mean of `vᵀ H v` with independent signs ±1 for v, which is unbiased.
///
/// One evaluation on [`Taylor`] series of order 2 for each sample, whatever the number of variables. Exact where the
/// Hessian is diagonal; the variance of a sample is twice the sum of the squares of the entries beside the diagonal.
/// Hutchinson, 1990; Shi et al., "Stochastic Taylor Derivative Estimator", NeurIPS 2024.
///
/// ```
/// use gradtape::{Rng, functional::laplacian_estimate};
/// let x = vec![0.5; 1000];
/// let estimate = laplacian_estimate(|x| x.iter().map(|x| x.powi(3)).sum(), &x, 2, &mut Rng::new(7));
/// assert!((estimate.mean - 3000.0f64).abs() < 1e-9);
/// ```
///
/// # Panics
/// If `samples` is 0.
#[track_caller]
pub fn laplacian_estimate<T, F, R>(f: F, x: &[T], samples: usize, rng: &mut R) -> Estimate<T>
where
    T: Scalar,
    F: Fn(&[Taylor<T, 2>]) -> Taylor<T, 2>,
    R: rand::Rng + ?Sized,
{
    assert!(samples > 0, "laplacian_estimate: takes at least one sample");
    let mut point: Vec<_> = x.iter().map(|x| Taylor::constant(*x)).collect();
    let drawn: Vec<T> = (0..samples)
        .map(|_| {
            for (point, x) in point.iter_mut().zip(x) {
                *point = Taylor::along(*x, random_sign(rng));
            }
            f(&point).derivative(2)
        })
        .collect();
    estimate(&drawn)
}

/// 1 or -1, each with probability 1/2.
pub(super) fn random_sign<T: Scalar>(rng: &mut (impl rand::Rng + ?Sized)) -> T {
    T::lit(if uniform(rng) < 0.5 { -1.0 } else { 1.0 })
}

/// Mean and standard error of independent samples.
pub(super) fn estimate<T: Scalar>(samples: &[T]) -> Estimate<T> {
    let n = T::lit(samples.len() as f64);
    let mean = samples.iter().fold(T::zero(), |sum, x| sum + *x) / n;
    let squares = samples.iter().fold(T::zero(), |sum, x| sum + (*x - mean) * (*x - mean));
    let standard_error =
        if samples.len() < 2 { T::infinity() } else { num_traits::Float::sqrt(squares / (n - T::one()) / n) };
    Estimate { mean, standard_error }
}
