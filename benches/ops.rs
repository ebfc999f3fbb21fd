//! Operations of each family: `cargo bench --bench ops`, or with `-- reductions` those of one. On as many threads as
//! there are; `RAYON_NUM_THREADS=1` measures one.
//!
//! Matrix products have the sizes of small networks and stand beside those of `matrixmultiply`, which takes one thread:
//! so do ours here. "forward" is one product. "gradients" are the two of its backward pass, in which factors are read
//! transposed; on the tape, with the forward product, as a user would take them. The other families go over a thousand
//! numbers, and over a million.
#![allow(unsafe_code)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use gradtape::{Rng, Tape, Tensor, TensorVar, elementwise, with_threads};
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
    with_threads(1, || products_of_one_thread(criterion));
}

fn products_of_one_thread(criterion: &mut Criterion) {
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

/// An operation and its pullback on the tape, from a matrix to any tensor.
type OnTape = for<'t> fn(TensorVar<'t, f32>) -> TensorVar<'t, f32>;

/// Measures operations by their names on matrices of [10, 100] and [1000, 1000], with their gradients.
fn family(criterion: &mut Criterion, name: &str, operations: &[(&str, OnTape)]) {
    for shape in [[10, 100], [1000, 1000]] {
        let x = Tensor::<f32>::rand(shape, &mut Rng::new(1)).map(|u| u + 0.1);
        let mut group = criterion.benchmark_group(format!("{name}/{}x{}", shape[0], shape[1]));
        group.throughput(Throughput::Elements(x.len() as u64));
        group.sample_size(20);
        for (operation, f) in operations {
            let mut tape = Tape::new();
            let ones = Tensor::ones(f(tape.tensor(&x)).shape());
            group.bench_function(*operation, |bencher| {
                bencher.iter(|| {
                    tape.reset();
                    let y = f(tape.tensor(black_box(&x)));
                    y.backward_with(ones.clone())
                });
            });
        }
    }
}

#[elementwise]
fn formula<T>(x: T) -> T {
    tanh(x * 0.5 + 1.0) * sigmoid(x) + exp(-(x * x))
}

fn elementwise_functions(criterion: &mut Criterion) {
    let operations: &[(&str, OnTape)] = &[
        ("add", |x| x + x),
        ("mul", |x| x * x),
        ("mul by a number", |x| x * 2.0),
        ("div", |x| 2.0 / x),
        ("relu", |x| x.relu()),
        ("sqrt", |x| x.sqrt()),
        ("exp", |x| x.exp()),
        ("ln", |x| x.ln()),
        ("sin", |x| x.sin()),
        ("tanh", |x| x.tanh()),
        ("sigmoid", |x| x.sigmoid()),
        ("gelu", |x| x.gelu()),
        ("erf", |x| x.erf()),
        ("pow", |x| x.pow(x)),
        ("chain", |x| (x * 0.5 + 1.0).tanh() * x.sigmoid() + (-(x * x)).exp()),
        ("the same as one formula", |x| formula(x)),
        ("add a row", |x| x + x.slice(0, 0, 1, 1)),
        ("add a column", |x| x + x.slice(1, 0, 1, 1)),
    ];
    family(criterion, "elementwise", operations);
}

fn reductions(criterion: &mut Criterion) {
    let operations: &[(&str, OnTape)] = &[
        ("sum", |x| x.sum()),
        ("mean", |x| x.mean()),
        ("norm", |x| x.norm()),
        ("max", |x| x.max()),
        ("prod", |x| x.prod()),
        ("sum of columns", |x| x.sum_axis(0, false)),
        ("sum of rows", |x| x.sum_axis(1, false)),
        ("max of rows", |x| x.max_axis(1, false)),
        ("var of rows", |x| x.var_axis(1, false)),
        ("logsumexp of rows", |x| x.logsumexp_axis(1, false)),
        ("cumsum of rows", |x| x.cumsum(1)),
        ("softmax of rows", |x| x.softmax(1)),
        ("log_softmax of rows", |x| x.log_softmax(1)),
    ];
    family(criterion, "reductions", operations);
}

fn layouts(criterion: &mut Criterion) {
    let operations: &[(&str, OnTape)] = &[
        ("reshape", |x| x.reshape([x.shape()[1], x.shape()[0]])),
        ("transpose", |x| x.t()),
        ("every second row", |x| x.slice(0, 0, x.shape()[0], 2)),
        ("every second column", |x| x.slice(1, 0, x.shape()[1], 2)),
        ("concat", |x| TensorVar::concat(&[x, x], 0)),
        ("pad", |x| x.pad(&[(1, 1), (1, 1)], 0.0)),
        ("flip", |x| x.flip(1)),
        ("tril", |x| x.tril(0)),
        ("index_select", |x| x.index_select(0, &[7, 3, 9, 0, 3, 8, 1])),
        ("sort", |x| x.sort_axis(1).0),
    ];
    family(criterion, "layouts", operations);
}

criterion_group!(benches, products, elementwise_functions, reductions, layouts);
criterion_main!(benches);
