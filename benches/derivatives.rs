//! What derivatives cost over the value: of Rosenbrock's function, whose Hessian has three diagonals.

use criterion::{Criterion, criterion_group, criterion_main};
use gradtape::Dual;
use gradtape::functional::{Gradient, hessian_sparse, jacobian_forward, jacobian_reverse, laplacian_estimate};
use num_traits::Float;
use std::hint::black_box;

fn rosenbrock<T: Float>(x: &[T]) -> T {
    let number = |x: f64| T::from(x).unwrap();
    let term = |pair: &[T]| number(100.0) * (pair[1] - pair[0].powi(2)).powi(2) + (T::one() - pair[0]).powi(2);
    x.windows(2).fold(T::zero(), |sum, pair| sum + term(pair))
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
    c.bench_function("Laplacian by one direction, 10000 variables", |b| {
        b.iter(|| laplacian_estimate(rosenbrock, black_box(&x), 1, &mut gradtape::Rng::new(1)).mean)
    });
    let x = point(15);
    c.bench_function("Jacobian of 15 by 2, forward", |b| b.iter(|| jacobian_forward(pair, black_box(&x)).len()));
    c.bench_function("Jacobian of 15 by 2, reverse", |b| b.iter(|| jacobian_reverse(|x| pair(x), black_box(&x)).len()));
}

criterion_group!(benches, derivatives);
criterion_main!(benches);
