//! Matrix products of the sizes of small networks, beside those of `matrixmultiply`: `cargo bench --bench ops`.
//!
//! "forward" is one product. "gradients" are the two of its backward pass, in which factors are read transposed; on
//! the tape, with the forward product, as a user would take them.
#![allow(unsafe_code)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gradtape::{Rng, Tape, Tensor};
use std::hint::black_box;

/// Rows, inner size and columns of the forward products of 784-128-10 on batches of 64, of 784-512-256-10 on batches
/// of 128, of an attention head, and of very small ones.
const SIZES: [[usize; 3]; 9] = [
    [64, 784, 128],
    [64, 128, 10],
    [128, 784, 512],
    [128, 512, 256],
    [128, 256, 10],
    [64, 32, 64],
    [256, 256, 256],
    [4, 2, 8],
    [1, 784, 128],
];

/// A row-major matrix, or the transpose of one.
struct Factor<'a> {
    numbers: &'a [f32],
    strides: [isize; 2],
}

fn rows(numbers: &[f32], columns: usize) -> Factor<'_> {
    Factor { numbers, strides: [columns as isize, 1] }
}

fn transposed(numbers: &[f32], rows: usize) -> Factor<'_> {
    Factor { numbers, strides: [1, rows as isize] }
}

fn peer([m, k, n]: [usize; 3], a: Factor<'_>, b: Factor<'_>, c: &mut [f32]) {
    assert_eq!([a.numbers.len(), b.numbers.len(), c.len()], [m * k, k * n, m * n]);
    // SAFETY: each matrix has the numbers that its strides reach.
    unsafe {
        matrixmultiply::sgemm(
            m,
            k,
            n,
            1.0,
            a.numbers.as_ptr(),
            a.strides[0],
            a.strides[1],
            b.numbers.as_ptr(),
            b.strides[0],
            b.strides[1],
            0.0,
            c.as_mut_ptr(),
            n as isize,
            1,
        );
    }
}

fn products(criterion: &mut Criterion) {
    let mut rng = Rng::new(0);
    for sizes @ [m, k, n] in SIZES {
        let mut random = |rows, columns| Tensor::<f32>::randn([rows, columns], &mut rng);
        let (a, b, g) = (random(m, k), random(k, n), random(m, n));
        let mut group = criterion.benchmark_group(format!("product/{m}x{k}x{n}"));
        // Multiply-adds are counted as two operations: criterion's "elements" are those.
        group.throughput(Throughput::Elements((2 * m * k * n) as u64));
        group.bench_function("forward", |bencher| bencher.iter(|| black_box(&a).matmul(&b)));
        let mut c = vec![0.0; m * n];
        group.bench_function("forward, matrixmultiply", |bencher| {
            bencher.iter(|| peer(sizes, rows(black_box(&a).as_slice(), k), rows(b.as_slice(), n), &mut c));
        });
        group.throughput(Throughput::Elements((6 * m * k * n) as u64));
        let mut tape = Tape::new();
        group.bench_function("forward and gradients", |bencher| {
            bencher.iter(|| {
                tape.reset();
                let [x, y] = [&a, &b].map(|factor| tape.tensor(factor));
                let gradients = (x.matmul(y) * &g).sum().backward();
                black_box((gradients.wrt(x), gradients.wrt(y)));
            });
        });
        let (mut for_a, mut for_b) = (vec![0.0; m * k], vec![0.0; k * n]);
        group.bench_function("forward and gradients, matrixmultiply, without a tape", |bencher| {
            bencher.iter(|| {
                peer(sizes, rows(black_box(&a).as_slice(), k), rows(b.as_slice(), n), &mut c);
                peer([m, n, k], rows(g.as_slice(), n), transposed(b.as_slice(), n), &mut for_a);
                peer([k, m, n], transposed(a.as_slice(), k), rows(g.as_slice(), n), &mut for_b);
            });
        });
    }
}

criterion_group!(benches, products);
criterion_main!(benches);
