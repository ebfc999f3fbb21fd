//! Functions of numbers: every member of the family on one function whose derivatives are all known, to 1e-10.

use super::near;
use gradtape::functional::{
    Gradient, Mode, derivatives, directional_derivatives, grad, hessian, hessian_diagonal, hessian_sparse, hvp,
    jacobian, jacobian_forward, jacobian_reverse, jacobian_sparse, jacobian_sparse_with, jacobian_with, jvp, laplacian,
    laplacian_estimate, mixed_partial, value_and_grad, vjp,
};
use gradtape::{Dual, Rng, Tape, Tensor, Var, recompute, recompute_chain, sum_over};
use num_traits::Float;

const A: [f64; 4] = [0.5, -1.0, 2.0, 0.25];
const X: [f64; 4] = [0.3, 0.7, -0.2, 1.1];
const V: [f64; 4] = [1.0, 2.0, -3.0, 0.5];

/// `exp(a·x)`, of which every derivative is a product of numbers of a and the value.
fn wave<T: Float>(x: &[T]) -> T {
    let terms = x.iter().zip(A).map(|(x, a)| *x * T::from(a).unwrap());
    terms.fold(T::zero(), |sum, term| sum + term).exp()
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

#[test]
fn first_derivatives_of_one_number() {
    let y = dot(&A, &X).exp();
    near(&grad(|x| wave(x), &X), A.map(|a| a * y));
    let (value, gradient) = value_and_grad(|x| wave(x), &X);
    near(&[value], [y]);
    near(&gradient, A.map(|a| a * y));
    let (value, along) = jvp(wave, &X, &V);
    near(&[value, along], [y, dot(&A, &V) * y]);
    let (value, pulled) = vjp(|x| wave(x), &X, 3.0);
    near(&[value], [y]);
    near(&pulled, A.map(|a| 3.0 * a * y));
    let mut kept = Gradient::new();
    for scale in [1.0, -0.5] {
        let x = X.map(|x| scale * x);
        near(kept.at(|x| wave(x), &x).1, A.map(|a| a * dot(&A, &x).exp()));
    }
}

#[test]
fn second_derivatives_of_one_number() {
    let y = dot(&A, &X).exp();
    let h = || (0..16).map(|ij| A[ij / 4] * A[ij % 4] * y);
    near(hessian(|x| wave(x), &X).as_slice(), h());
    near(hessian_sparse(|x| wave(x), &X).to_dense().as_slice(), h());
    near(&hvp(|x| wave(x), &X, &V), A.map(|a| a * dot(&A, &V) * y));
    near(&hessian_diagonal(wave, &X), A.map(|a| a * a * y));
    near(&[laplacian(wave, &X)], [dot(&A, &A) * y]);
    // Exact where the Hessian is diagonal.
    let estimate = laplacian_estimate(|x| x.iter().map(|x| x.exp()).sum(), &X, 3, &mut Rng::new(1));
    near(&[estimate.mean], [X.map(f64::exp).iter().sum()]);
}

#[test]
fn derivatives_of_high_order() {
    let y = dot(&A, &X).exp();
    let found: [f64; 6] = directional_derivatives(wave, &X, &V);
    near(&found, (1..=6).map(|k| dot(&A, &V).powi(k) * y));
    let found: [f64; 6] = derivatives(|x| (x * 2.0).exp(), 0.3);
    near(&found, (1..=6).map(|k| 2f64.powi(k) * 0.6f64.exp()));
    near(&[mixed_partial(wave, &X, [2, 0, 2, 1])], [A[2] * A[2] * A[0] * A[1] * y]);
}

/// `exp(xᵢ xᵢ₊₁)`: two diagonals, `xᵢ₊₁ yᵢ` and `xᵢ yᵢ`.
fn pairs<T: Float>(x: &[T]) -> Vec<T> {
    x.windows(2).map(|pair| (pair[0] * pair[1]).exp()).collect()
}

#[test]
fn jacobians() {
    let slope = |i: usize, j: usize| {
        let y = (X[i] * X[i + 1]).exp();
        if j == i {
            X[i + 1] * y
        } else if j == i + 1 {
            X[i] * y
        } else {
            0.0
        }
    };
    let expected = || (0..12).map(|at| slope(at / 4, at % 4));
    near(jacobian(pairs, &X).as_slice(), expected());
    near(jacobian_forward(pairs, &X).as_slice(), expected());
    near(jacobian_reverse(|x| pairs(x), &X).as_slice(), expected());
    near(jacobian_sparse(|x| pairs(x), &X).to_dense().as_slice(), expected());
    for mode in [Mode::Auto, Mode::Forward, Mode::Reverse] {
        near(jacobian_with(mode, |x| pairs(x), &X).as_slice(), expected());
        near(jacobian_sparse_with(mode, |x| pairs(x), &X).to_dense().as_slice(), expected());
    }
    let w = [1.0, -2.0, 0.5];
    let (_, pulled) = vjp(|x| pairs(x), &X, &w);
    near(&pulled, (0..4).map(|j| (0..3).map(|i| w[i] * slope(i, j)).sum()));
}

#[test]
fn what_is_computed_again_and_summed_over_points() {
    // tanh x, six times over: the derivative is the product of 1 - y² along the way.
    let tape = Tape::new();
    let x = tape.tensor(Tensor::from(X));
    let exact = X.map(|x| (0..6).fold((x, 1.0), |(y, slope), _| (y.tanh(), slope * (1.0 - y.tanh().powi(2)))).1);
    let again = recompute(|x| (0..6).fold(x, |x, _| x.tanh()), x);
    near(again.sum().backward().wrt(x).as_slice(), exact);
    let chain = recompute_chain(|_, x| x.tanh(), 6, 2, x);
    near(chain.sum().backward().wrt(x).as_slice(), exact);
    // Σ exp(p aᵢ), and by dual numbers its second derivative.
    let tape = Tape::<Dual<f64>>::new();
    let p = tape.var(Dual::new(0.7, 1.0));
    let sum = sum_over(&[p], A, |p, a| (p[0] * Var::from(Dual::constant(a))).exp());
    let slope = sum.backward().wrt(p);
    let exact = |k: i32| A.iter().map(|a| a.powi(k) * (0.7 * a).exp()).sum::<f64>();
    near(&[sum.value().value, slope.value, slope.tangent], [exact(0), exact(1), exact(2)]);
}
