//! Scalars on the tape: plain operators beside fused functions, functions of lists and sums over points.

use criterion::{Criterion, criterion_group, criterion_main};
use gradtape::{MultiDual, Tape, Var, elementwise, fuse, numeric, sum_over};
use num_traits::Float;
use std::hint::black_box;

/// A term of Rosenbrock's function.
fn term<T: Float>(a: T, b: T, hundred: T) -> T {
    let (t, u) = (b - a * a, T::one() - a);
    hundred * t * t + u * u
}

#[elementwise]
fn gate<T>(x: T, weight: T, bias: T) -> T {
    1.0 / (1.0 + exp(-(x * weight + bias)))
}

fn gradient(tape: &mut Tape<f64>, x: &[f64], f: impl for<'t> Fn(&[Var<'t, f64>]) -> Var<'t, f64>) -> Vec<f64> {
    tape.reset();
    let x = tape.vars(x);
    f(&x).backward().wrt(&x)
}

fn terms(criterion: &mut Criterion) {
    let x: Vec<f64> = (0..1000).map(|i| (f64::from(i) * 0.1).sin()).collect();
    let mut group = criterion.benchmark_group("rosenbrock 1000");
    let mut tape = Tape::new();
    group.bench_function("operators", |bencher| {
        bencher.iter(|| {
            gradient(&mut tape, black_box(&x), |x| {
                x.windows(2).fold(Var::from(0.0), |sum, pair| sum + term(pair[0], pair[1], 100.0.into()))
            })
        });
    });
    group.bench_function("fused terms, one sum", |bencher| {
        bencher.iter(|| {
            gradient(&mut tape, black_box(&x), |x| {
                x.windows(2).map(|pair| fuse([pair[0], pair[1]], |[a, b]| term(a, b, 100.0.into()))).sum()
            })
        });
    });
    group.bench_function("sum over points", |bencher| {
        bencher.iter(|| {
            gradient(&mut tape, black_box(&x), |x| sum_over(x, 1..x.len(), |x, i| term(x[i - 1], x[i], 100.0.into())))
        });
    });
    group.finish();
}

fn lists(criterion: &mut Criterion) {
    let x: Vec<f64> = (0..1000).map(|i| (f64::from(i) * 0.1).sin()).collect();
    let mut group = criterion.benchmark_group("lists of 1000");
    let mut tape = Tape::new();
    group.bench_function("dot", |bencher| {
        bencher.iter(|| gradient(&mut tape, black_box(&x), |x| numeric::dot(&x[..500], &x[500..])));
    });
    group.bench_function("logsumexp", |bencher| {
        bencher.iter(|| gradient(&mut tape, black_box(&x), |x| numeric::logsumexp(x)));
    });
    group.bench_function("gate of 500, each alone", |bencher| {
        bencher.iter(|| {
            gradient(&mut tape, black_box(&x), |x| {
                x[..500].iter().zip(&x[500..]).map(|(x, weight)| gate(*x, *weight, Var::from(0.5))).sum()
            })
        });
    });
    group.bench_function("gate of 500, as lists", |bencher| {
        bencher.iter(|| {
            gradient(&mut tape, black_box(&x), |x| numeric::sum(&gate(&x[..500], &x[500..], &[Var::from(0.5); 500])))
        });
    });
    group.finish();
    criterion.bench_function("MultiDual of 15 directions, 15 operations", |bencher| {
        bencher.iter(|| {
            let x = MultiDual::variables(black_box([0.3; 15]));
            x[1..].iter().fold(x[0], |product, x| product * *x)
        });
    });
}

criterion_group!(benches, terms, lists);
criterion_main!(benches);
