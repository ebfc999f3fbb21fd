//! What the tape itself costs: scalars beside the same formula on plain numbers, and small tensors.

use criterion::{Criterion, criterion_group, criterion_main};
use gradtape::{Tape, Tensor};
use num_traits::Float;
use std::hint::black_box;

/// Rosenbrock's function of n numbers: 8 operations an element.
fn rosenbrock<T: Float>(x: &[T], hundred: T) -> T {
    x.windows(2).fold(T::zero(), |sum, pair| {
        let (a, b) = (pair[1] - pair[0] * pair[0], T::one() - pair[0]);
        sum + hundred * a * a + b * b
    })
}

/// A chain in which every operation waits for the one before.
fn chain<T: Float>(x: T, n: usize) -> T {
    (0..n).fold(x, |y, _| (y * x + x).sin())
}

fn scalars(criterion: &mut Criterion) {
    let x: Vec<f64> = (0..10_000).map(|i| (i as f64 * 0.1).sin()).collect();
    let mut group = criterion.benchmark_group("scalars");
    group.bench_function("rosenbrock 10000, plain", |bencher| bencher.iter(|| rosenbrock(black_box(&x), 100.0)));
    let mut tape = Tape::new();
    group.bench_function("rosenbrock 10000, value and gradient", |bencher| {
        bencher.iter(|| {
            tape.reset();
            let variables = tape.vars(black_box(&x));
            let gradients = rosenbrock(&variables, 100.0.into()).backward();
            gradients.wrt(variables[0])
        });
    });
    group.bench_function("chain 10000, plain", |bencher| bencher.iter(|| chain(black_box(0.5), 10_000)));
    let mut tape = Tape::new();
    group.bench_function("chain 10000, value and gradient", |bencher| {
        bencher.iter(|| {
            tape.reset();
            let x = tape.var(black_box(0.5));
            chain(x, 10_000).backward().wrt(x)
        });
    });
    group.finish();
}

fn tensors(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tensors");
    let values: Tensor<f32> = Tensor::full([4], 0.5);
    let mut tape = Tape::<f32>::new();
    group.bench_function("100 operations on 4 numbers, forward and back", |bencher| {
        bencher.iter(|| {
            tape.reset();
            let x = tape.tensor(black_box(&values));
            let y = (0..50).fold(x, |y, _| y * x + x);
            y.sum().backward().wrt(x)
        });
    });
    group.finish();
}

criterion_group!(benches, scalars, tensors);
criterion_main!(benches);
