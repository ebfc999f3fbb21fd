//! What the tape itself costs: scalars beside the same formula on plain numbers, small tensors, and whole steps of
//! training, from a tiny network to one whose products are all that counts.

use criterion::{Criterion, criterion_group, criterion_main};
use gradtape::prelude::*;
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

network! { struct Tiny { hidden: dense(2, 8, tanh), output: dense(8, 1) } }
network! { struct Narrow { hidden: dense(784, 128, relu), output: dense(128, 10) } }
network! { struct Wide { first: dense(784, 512, relu), second: dense(512, 256, relu), output: dense(256, 10) } }

/// A step of training: forward, loss, backward, update.
fn step<N: Layer<f32> + Module<f32>>(
    criterion: &mut Criterion,
    name: &str,
    mut net: N,
    mut optimizer: impl Optimizer<f32>,
    [rows, width]: [usize; 2],
    loss: impl for<'t> Fn(TensorVar<'t, f32>) -> TensorVar<'t, f32>,
) {
    let x = Tensor::<f32>::rand([rows, width], &mut Rng::new(1));
    let mut tape = Tape::training(0);
    criterion.bench_function(&format!("steps/{name}"), |bencher| {
        bencher.iter(|| {
            let loss = loss(net.forward(tape.constant(&x)));
            let gradients = loss.backward_to_leaves();
            tape.reset();
            optimizer.step(&mut net, &gradients);
        });
    });
}

fn steps(criterion: &mut Criterion) {
    let rng = &mut Rng::new(7);
    let classes: Vec<usize> = (0..128).map(|row| row * 7 % 10).collect();
    let targets = Tensor::<f32>::rand([4, 1], rng);
    step(criterion, "2-8-1, 4 rows, Sgd", Tiny::new(rng), Sgd::new(0.1), [4, 2], |y| loss::mse(y, &targets));
    step(criterion, "784-128-10, 64 rows, Sgd", Narrow::new(rng), Sgd::new(0.1), [64, 784], |y| {
        loss::softmax_cross_entropy(y, &classes[..64])
    });
    step(criterion, "784-512-256-10, 128 rows, Adam", Wide::new(rng), Adam::new(1e-3), [128, 784], |y| {
        loss::softmax_cross_entropy(y, &classes)
    });
}

criterion_group!(benches, scalars, tensors, steps);
criterion_main!(benches);
