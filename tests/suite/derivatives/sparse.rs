//! Sparse Jacobians and Hessians.

use gradtape::functional::{
    Mode, hessian, hessian_sparse, jacobian_forward, jacobian_reverse, jacobian_sparse, jacobian_sparse_with,
    jacobian_with,
};
use gradtape::{Dual, Tensor};
use num_traits::Float;

fn rosenbrock<T: Float>(x: &[T]) -> T {
    let number = |x: f64| T::from(x).unwrap();
    let term = |pair: &[T]| number(100.0) * (pair[1] - pair[0].powi(2)).powi(2) + (T::one() - pair[0]).powi(2);
    x.windows(2).fold(T::zero(), |sum, pair| sum + term(pair))
}

fn point(n: usize) -> Vec<f64> {
    (0..n).map(|i| (i as f64 * 0.37).sin()).collect()
}

#[test]
fn the_sparse_hessian_of_rosenbrock_with_ten_thousand_variables() {
    let n = 10_000;
    let x = point(n);
    let h = hessian_sparse(|x| rosenbrock(x), &x);
    assert_eq!((h.shape(), h.stored()), ([n, n], 3 * n - 2));
    for i in 0..n {
        let mut diagonal = 0.0;
        if i > 0 {
            diagonal += 200.0;
            assert!((h.get(i, i - 1) + 400.0 * x[i - 1]).abs() < 1e-10);
        }
        if i + 1 < n {
            diagonal += 1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0;
            assert!((h.get(i, i + 1) + 400.0 * x[i]).abs() < 1e-10);
        }
        assert!((h.get(i, i) - diagonal).abs() < 1e-10, "{i}: {} {diagonal}", h.get(i, i));
    }
}

/// Variables that meet as a product of all, a sum of all under a function, a star and a chain.
fn mixed<T: Float>(x: &[T]) -> T {
    let sum = x[..4].iter().fold(T::zero(), |sum, x| sum + *x);
    let star = x[4..].iter().fold(T::zero(), |sum, y| sum + x[4] * y.sin());
    let chain = x.windows(2).fold(T::one(), |u, pair| (u * pair[0]).tanh() + pair[1].exp() * pair[0]);
    sum.powi(3) + star + x[8].atan2(x[9]) + x[10] / x[11] + chain * x[0]
}

#[test]
fn sparse_and_dense_hessians_agree() {
    let x: Vec<f64> = (0..14).map(|i| 0.5 + 0.1 * i as f64).collect();
    let sparse = hessian_sparse(|x| mixed(x), &x);
    approx::assert_relative_eq!(sparse.to_dense(), hessian(|x| mixed(x), &x), max_relative = 1e-10, epsilon = 1e-12);
    // Without the chain over all variables the rest is sparse.
    fn few<T: Float>(x: &[T]) -> T {
        x[..4].iter().fold(T::zero(), |sum, x| sum + *x).powi(3) + x[8].atan2(x[9]) + x[10] / x[11] * x[12].sqrt()
    }
    let sparse = hessian_sparse(|x| few(x), &x);
    approx::assert_relative_eq!(sparse.to_dense(), hessian(|x| few(x), &x), max_relative = 1e-10, epsilon = 1e-12);
    assert_eq!(sparse.stored(), 16 + 4 + 9 + 5);
    // A product of different variables has nothing on its diagonal, which is stored all the same.
    let arrow = hessian_sparse(|x| x[1..].iter().map(|y| x[0] * y).sum(), &x);
    assert_eq!(arrow.stored(), 14 + 2 * 13);
    assert!(arrow.iter().all(|(i, j, value)| value == if i == j { 0.0 } else { 1.0 }));
}

#[test]
fn functions_that_are_linear_or_constant() {
    let x = [1.0, 2.0];
    assert_eq!(hessian_sparse(|x| x[0] * 2.0 + x[1], &x).to_dense(), Tensor::zeros([2, 2]));
    assert_eq!(hessian_sparse(|_| 5.0.into_var(), &x).to_dense(), Tensor::zeros([2, 2]));
    assert_eq!(jacobian_sparse(|_| vec![5.0.into()], &x).stored(), 0);
    assert_eq!(jacobian_sparse(|_| vec![], &x).shape(), [0, 2]);
    assert_eq!(jacobian_sparse(|_| vec![5.0.into()], &[] as &[f64]).shape(), [1, 0]);
    assert_eq!(jacobian_with(Mode::Auto, |x| vec![x[1], 5.0.into()], &x), Tensor::from([[0.0, 1.0], [0.0, 0.0]]));
    assert_eq!(jacobian_with(Mode::Auto, |_| vec![], &x).shape(), [0, 2]);
}

trait IntoVar<V> {
    fn into_var(self) -> V;
}

impl<'t> IntoVar<gradtape::Var<'t, gradtape::MultiDual<f64, 8>>> for f64 {
    fn into_var(self) -> gradtape::Var<'t, gradtape::MultiDual<f64, 8>> {
        gradtape::MultiDual::constant(self).into()
    }
}

/// The discrete heat equation with a reaction: three diagonals, and one result that sees everything.
fn residual<T: Float>(u: &[T], with_sum: bool) -> Vec<T> {
    let n = u.len();
    let two = T::one() + T::one();
    let at = |i: usize| u[i.min(n - 1)];
    let mut all: Vec<T> = (0..n).map(|i| at(i.saturating_sub(1)) - two * u[i] + at(i + 1) - u[i].exp()).collect();
    if with_sum {
        all.push(u.iter().fold(T::zero(), |sum, u| sum + *u * *u));
    }
    all
}

#[test]
fn sparse_jacobians_in_both_directions() {
    let u = point(500);
    for with_sum in [false, true] {
        let forward = jacobian_sparse_with(Mode::Forward, |u| residual(u, with_sum), &u);
        let reverse = jacobian_sparse_with(Mode::Reverse, |u| residual(u, with_sum), &u);
        let auto = jacobian_sparse(|u| residual(u, with_sum), &u);
        approx::assert_relative_eq!(forward.to_dense(), reverse.to_dense(), max_relative = 1e-12);
        approx::assert_relative_eq!(auto.to_dense(), reverse.to_dense(), max_relative = 1e-12);
        assert_eq!(auto.stored(), 3 * 500 - 2 + if with_sum { 500 } else { 0 });
        for (i, u) in u.iter().enumerate().take(499).skip(1) {
            assert_eq!((auto.get(i, i - 1), auto.get(i, i + 1)), (1.0, 1.0));
            assert!((auto.get(i, i) + 2.0 + u.exp()).abs() < 1e-12);
        }
        if with_sum {
            assert!((0..500).all(|j| (auto.get(500, j) - 2.0 * u[j]).abs() < 1e-12));
        }
    }
}

#[test]
fn either_direction_gives_the_dense_jacobian() {
    let x = [0.7, -0.4, 1.3];
    let f = |mode| jacobian_with(mode, |x| (0..20).map(|k| (x[k % 3] * x[(k + 1) % 3]).sin() * k as f64).collect(), &x);
    let expected = jacobian_reverse(|x| (0..20).map(|k| (x[k % 3] * x[(k + 1) % 3]).sin() * k as f64).collect(), &x);
    approx::assert_relative_eq!(f(Mode::Forward), expected.clone(), max_relative = 1e-12);
    approx::assert_relative_eq!(f(Mode::Reverse), expected.clone(), max_relative = 1e-12);
    approx::assert_relative_eq!(f(Mode::Auto), expected.clone(), max_relative = 1e-12);
    let forward = jacobian_forward(|x| (0..20).map(|k| (x[k % 3] * x[(k + 1) % 3]).sin() * k as f64).collect(), &x);
    approx::assert_relative_eq!(forward, expected, max_relative = 1e-12);
    // More variables than directions, and none.
    let x: Vec<f64> = (0..19).map(|i| 0.1 * i as f64).collect();
    let forward = jacobian_forward(|x| residual(x, true), &x);
    let reverse = jacobian_reverse(|x| residual(x, true), &x);
    approx::assert_relative_eq!(forward, reverse, max_relative = 1e-12);
    assert_eq!(jacobian_forward(|_| vec![5.0.into(); 2], &[] as &[f64]).shape(), [2, 0]);
}

#[test]
fn a_zero_tangent_meets_an_infinite_slope() {
    let x = [0.0, 2.0];
    let j = jacobian_with(Mode::Forward, |x| vec![x[0].sqrt() + x[1], x[1]], &x);
    assert_eq!(j.as_slice(), [f64::INFINITY, 1.0, 0.0, 1.0]);
    assert_eq!(jacobian_with(Mode::Reverse, |x| vec![x[0].sqrt() + x[1], x[1]], &x), j);
}

#[test]
fn on_dual_numbers_too() {
    let x = [Dual::new(2.0, 1.0), Dual::constant(3.0)];
    let j = jacobian_sparse(|x| vec![x[0] * x[0] * x[1]], &x);
    // ∂/∂x₀ of (2 x₀ x₁, x₀²) at (2, 3).
    assert_eq!(j.row(0).map(|(_, d)| (d.value, d.tangent)).collect::<Vec<_>>(), [(12.0, 6.0), (4.0, 4.0)]);
}
