//! What derivatives cost over the value: of Rosenbrock's function, whose Hessian has three diagonals, and of a network.

use criterion::{Criterion, criterion_group, criterion_main};
use gradtape::functional::{Gradient, hessian_sparse, jacobian_forward, jacobian_reverse, laplacian_estimate, tensors};
use gradtape::{Dual, Rng, Scalar, Tape, Tensor, TensorVar};
use num_traits::Float;
use std::hint::black_box;

fn rosenbrock<T: Float>(x: &[T]) -> T {
    let number = |x: f64| T::from(x).unwrap();
    let term = |pair: &[T]| number(100.0) * (pair[1] - pair[0].powi(2)).powi(2) + (T::one() - pair[0]).powi(2);
    x.windows(2).fold(T::zero(), |sum, pair| sum + term(pair))
}

fn of_a_tensor<T: Scalar>(x: TensorVar<'_, T>) -> TensorVar<'_, T> {
    let n = x.shape()[0];
    let (now, next) = (x.slice(0, 0, n - 1, 1), x.slice(0, 1, n, 1));
    (100.0 * (next - now.square()).square() + (1.0 - now).square()).sum()
}

/// Fifteen variables and two results.
fn pair<T: Float>(x: &[T]) -> Vec<T> {
    let sum = x.iter().fold(T::zero(), |sum, x| sum + x.sin() * *x);
    vec![sum, rosenbrock(x)]
}

fn point(n: usize) -> Vec<f64> {
    (0..n).map(|i| (i as f64 * 0.37).sin()).collect()
}

fn derivatives(c: &mut Criterion) {
    let x = point(1000);
    c.bench_function("value, 1000 variables", |b| b.iter(|| rosenbrock(black_box(&x))));
    let mut gradient = Gradient::new();
    c.bench_function("gradient, 1000 variables", |b| b.iter(|| gradient.at(|x| rosenbrock(x), black_box(&x)).0));
    let mut product = Gradient::new();
    let duals: Vec<_> = x.iter().map(|x| Dual::new(*x, 1.0)).collect();
    c.bench_function("hvp, 1000 variables", |b| b.iter(|| product.at(|x| rosenbrock(x), black_box(&duals)).0.value));
    let x = point(10_000);
    c.bench_function("sparse Hessian, 10000 variables", |b| {
        b.iter(|| hessian_sparse(|x| rosenbrock(x), black_box(&x)).stored())
    });
    let tensor = Tensor::from(x.clone());
    c.bench_function("sparse Hessian, a tensor of 10000 numbers", |b| {
        b.iter(|| tensors::hessian_sparse(of_a_tensor, black_box(&tensor)).stored())
    });
    c.bench_function("Laplacian by one direction, 10000 variables", |b| {
        b.iter(|| laplacian_estimate(rosenbrock, black_box(&x), 1, &mut gradtape::Rng::new(1)).mean)
    });
    let x = point(15);
    c.bench_function("Jacobian of 15 by 2, forward", |b| b.iter(|| jacobian_forward(pair, black_box(&x)).len()));
    c.bench_function("Jacobian of 15 by 2, reverse", |b| b.iter(|| jacobian_reverse(|x| pair(x), black_box(&x)).len()));
}

/// The mean square of a network's output at 64 points, as a function of its two weights.
fn network<'t, T: Scalar>(w: &[TensorVar<'t, T>], x: &Tensor<T>) -> TensorVar<'t, T> {
    w[0].tape().constant(x).matmul(w[0]).tanh().matmul(w[1]).square().mean()
}

fn of_tensors(c: &mut Criterion) {
    let mut rng = Rng::new(1);
    let x: Tensor<f64> = Tensor::randn([64, 128], &mut rng);
    let w = [Tensor::randn([128, 128], &mut rng) * 0.1, Tensor::randn([128, 16], &mut rng) * 0.1];
    let v = [Tensor::randn([128, 128], &mut rng), Tensor::randn([128, 16], &mut rng)];
    c.bench_function("network: value", |b| {
        b.iter(|| {
            let tape = Tape::inference();
            network(&w.each_ref().map(|w| tape.tensor(w)), &x).item()
        })
    });
    c.bench_function("network: gradient", |b| b.iter(|| tensors::value_and_grad(|w| network(w, &x), black_box(&w)).0));
    let duals = Tensor::from_vec(x.iter().map(|x| Dual::constant(*x)).collect(), x.shape()).expect("as many numbers");
    c.bench_function("network: hvp, forward over reverse", |b| {
        b.iter(|| tensors::hvp(|w| network(w, &duals), black_box(&w), &v).len())
    });
    c.bench_function("network: hvp, by a recorded gradient", |b| {
        b.iter(|| {
            let tape = Tape::new();
            let w = w.each_ref().map(|w| tape.tensor(w));
            let gradient = tape.gradient(network(&w, &x), &w);
            let along = gradient.iter().zip(&v).map(|(g, v)| (*g * tape.constant(v)).sum());
            let gradients = along.reduce(|a, b| a + b).expect("there are two weights").backward_to_leaves();
            w.map(|w| gradients.wrt(w))
        })
    });
}

criterion_group!(benches, derivatives, of_tensors);
criterion_main!(benches);
