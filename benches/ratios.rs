//! A check against regressions that holds on any machine: each line is a time of gradtape's over that of a plain loop
//! in this file, both measured in the same run, on one thread.
//!
//! `cargo bench --bench ratios` prints the table; with `-- --check` it also fails where a ratio is above its bound, or
//! where a loop and gradtape do not compute the same. `-- product sum` measures lines with these words alone.
//!
//! The plain loops are what one writes without a library, compiled with the same settings: so a bound below 1 says how
//! much faster gradtape has to be, and one above 1 how much slower it may be. Bounds lie a third and more above what
//! was measured with AVX-512, which leaves room for processors that have AVX2 alone.

use gradtape::prelude::*;
use gradtape::with_threads;
use std::hint::black_box;
use std::time::Instant;

/// What both ways compute, to be compared: a value, and a [`sample`] of the gradients or weights where there are some.
type Result = [f64; 2];

/// A few numbers from all over a list, weighted unevenly.
fn sample(numbers: &[f32]) -> f64 {
    (1..8).map(|i| f64::from(numbers[numbers.len() * i / 8]) * (i as f64).sqrt()).sum()
}

/// One line: gradtape's way and the plain one.
struct Line<'a> {
    name: &'static str,
    bound: f64,
    ours: Box<dyn FnMut() -> Result + 'a>,
    plain: Box<dyn FnMut() -> Result + 'a>,
}

fn main() {
    let (mut check, mut words) = (false, Vec::new());
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--bench" => {}
            "--check" => check = true,
            _ => words.push(argument),
        }
    }
    let mut failed = 0;
    println!("{:<44} {:>12} {:>12} {:>7} {:>7}", "", "gradtape", "plain loop", "ratio", "bound");
    with_threads(1, || {
        for line in [product, chain, formula_line, calling_line, cross_entropy, sum, dense_step, adam_step, scalar_tape]
        {
            line(&mut |line| {
                if words.is_empty() || words.iter().any(|word| line.name.contains(word.as_str())) {
                    failed += usize::from(!measure(line));
                }
            });
        }
    });
    if check && failed > 0 {
        eprintln!("{failed} lines are above their bounds");
        std::process::exit(1);
    }
}

/// Measures a line, prints it, and says whether it is within its bound. The two take turns, so that what slows the
/// machine down slows both; of each, the fastest run counts.
fn measure(mut line: Line<'_>) -> bool {
    let (a, b) = ((line.ours)(), (line.plain)());
    let mut best = [f64::INFINITY; 2];
    let mut repetitions = [1usize; 2];
    let start = Instant::now();
    let mut rounds = 0;
    while rounds < 5 || (start.elapsed().as_secs_f64() < 0.6 && rounds < 200) {
        for (i, run) in [&mut line.ours, &mut line.plain].into_iter().enumerate() {
            let clock = Instant::now();
            for _ in 0..repetitions[i] {
                black_box(run());
            }
            let seconds = clock.elapsed().as_secs_f64() / repetitions[i] as f64;
            best[i] = best[i].min(seconds);
            // A run is long enough for the clock.
            repetitions[i] = ((2e-3 / best[i]) as usize).max(1);
        }
        rounds += 1;
    }
    let ratio = best[0] / best[1];
    let same = a.iter().zip(&b).all(|(a, b)| (a - b).abs() <= 1e-3 * a.abs().max(b.abs()).max(1e-6));
    let fine = ratio <= line.bound && same;
    let remark = match (same, fine) {
        (false, _) => format!("   NOT THE SAME: {a:?} and {b:?}"),
        (_, false) => "   above its bound".into(),
        _ => String::new(),
    };
    let [ours, plain] = best.map(|seconds| format!("{:.1} µs", seconds * 1e6));
    println!("{:<44} {ours:>12} {plain:>12} {ratio:>7.3} {:>7}{remark}", line.name, line.bound);
    fine
}

type Visit<'v> = &'v mut dyn FnMut(Line<'_>);

fn random(shape: &[usize], seed: u64) -> Tensor<f32> {
    Tensor::rand(shape, &mut Rng::new(seed)).map(|u| 2.0 * u - 1.0)
}

/// `c += a b`, row by row, as loops that the compiler makes vectors of.
fn plain_product(a: &[f32], b: &[f32], [m, k, n]: [usize; 3], c: &mut [f32]) {
    for i in 0..m {
        let c = &mut c[i * n..(i + 1) * n];
        for l in 0..k {
            let factor = a[i * k + l];
            for (c, b) in c.iter_mut().zip(&b[l * n..(l + 1) * n]) {
                *c += factor * b;
            }
        }
    }
}

/// `c += aᵀ b` of `[k, m]` and `[k, n]`.
fn plain_product_transposed(a: &[f32], b: &[f32], [m, k, n]: [usize; 3], c: &mut [f32]) {
    for l in 0..k {
        for i in 0..m {
            let factor = a[l * m + i];
            for (c, b) in c[i * n..(i + 1) * n].iter_mut().zip(&b[l * n..(l + 1) * n]) {
                *c += factor * b;
            }
        }
    }
}

fn product(visit: Visit<'_>) {
    let sizes @ [m, k, n] = [128, 784, 512];
    let (a, b) = (random(&[m, k], 1), random(&[k, n], 2));
    let mut c = vec![0.0; m * n];
    visit(Line {
        name: "product 128 x 784 x 512",
        bound: 0.35,
        ours: Box::new(|| {
            let product = a.matmul(&b);
            [product.as_slice()[m * n / 2 + 5].into(), sample(product.as_slice())]
        }),
        plain: Box::new(|| {
            c.fill(0.0);
            plain_product(a.as_slice(), b.as_slice(), sizes, &mut c);
            [c[m * n / 2 + 5].into(), sample(&c)]
        }),
    });
}

/// The value and the derivatives of a term of the chain, as one would write them by hand.
fn plain_term(x: f32, a: f32, b: f32) -> (f32, [f32; 3]) {
    let (t, s, e) = ((x * a + b).tanh(), 1.0 / (1.0 + (-x).exp()), (-x * x).exp());
    let outer = (1.0 - t * t) * s;
    (t * s + e, [outer * a + t * s * (1.0 - s) - 2.0 * x * e, outer * x, outer])
}

fn plain_chain(inputs: &[Tensor<f32>; 3], gradients: &mut [Vec<f32>; 3]) -> f64 {
    let [x, a, b] = inputs.each_ref().map(Tensor::as_slice);
    let mut sum = 0.0;
    for i in 0..x.len() {
        let (y, slopes) = plain_term(x[i], a[i], b[i]);
        sum += f64::from(y);
        for (gradient, slope) in gradients.iter_mut().zip(slopes) {
            gradient[i] = slope;
        }
    }
    sum
}

const LONG: usize = 100_000;

fn chain_line(
    visit: Visit<'_>,
    name: &'static str,
    bound: f64,
    terms: impl for<'t> Fn([TensorVar<'t, f32>; 3]) -> TensorVar<'t, f32>,
) {
    let inputs = [1, 2, 3].map(|seed| random(&[LONG], seed));
    let mut tape = Tape::new();
    let mut gradients = [const { Vec::new() }; 3].map(|_: Vec<f32>| vec![0.0; LONG]);
    visit(Line {
        name,
        bound,
        ours: Box::new(|| {
            tape.reset();
            let variables = inputs.each_ref().map(|input| tape.tensor(input));
            let y = terms(variables).sum();
            let gradients = y.backward_to_leaves();
            let samples = variables.map(|variable| sample(gradients.wrt(variable).as_slice()));
            [y.item().into(), samples.iter().sum()]
        }),
        plain: Box::new(|| {
            let sum = plain_chain(&inputs, &mut gradients);
            [sum, gradients.iter().map(|gradient| sample(gradient)).sum()]
        }),
    });
}

fn chain(visit: Visit<'_>) {
    chain_line(visit, "elementwise chain on 100000, with gradients", 1.0, |[x, a, b]| {
        (x * a + b).tanh() * x.sigmoid() + (-(x * x)).exp()
    });
}

#[elementwise]
fn formula<T>(x: T, a: T, b: T) -> T {
    tanh(x * a + b) * sigmoid(x) + exp(-(x * x))
}

fn formula_line(visit: Visit<'_>) {
    chain_line(visit, "the same as one formula", 0.35, |[x, a, b]| formula(x, a, b));
}

#[elementwise]
fn gate<T>(x: T, a: T, b: T) -> T {
    tanh(x * a + b) * sigmoid(x)
}

#[elementwise]
fn bell<T>(x: T) -> T {
    exp(-(x * x))
}

#[elementwise]
fn calling<T>(x: T, a: T, b: T) -> T {
    gate(x, a, b) + bell(x)
}

fn calling_line(visit: Visit<'_>) {
    chain_line(visit, "the same as a formula that calls two others", 0.35, |[x, a, b]| calling(x, a, b));
}

fn cross_entropy(visit: Visit<'_>) {
    const ROWS: usize = 128;
    const CLASSES: usize = 1000;
    let x = random(&[ROWS, CLASSES], 4);
    let classes: Vec<usize> = (0..ROWS).map(|row| row * 7 % CLASSES).collect();
    let mut tape = Tape::new();
    let mut gradient = vec![0.0f32; ROWS * CLASSES];
    visit(Line {
        name: "softmax cross-entropy 128 x 1000, gradient",
        bound: 0.75,
        ours: Box::new(|| {
            tape.reset();
            let x = tape.tensor(&x);
            let loss = loss::softmax_cross_entropy(x, &classes);
            let gradients = loss.backward_to_leaves();
            [loss.item().into(), sample(gradients.wrt(x).as_slice())]
        }),
        plain: Box::new(|| {
            let mut loss = 0.0;
            let rows = x.as_slice().chunks_exact(CLASSES).zip(gradient.chunks_exact_mut(CLASSES));
            for ((x, gradient), class) in rows.zip(&classes) {
                let largest = x.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let mut sum = 0.0;
                for (g, x) in gradient.iter_mut().zip(x) {
                    *g = (x - largest).exp();
                    sum += *g;
                }
                for g in gradient.iter_mut() {
                    *g /= sum * ROWS as f32;
                }
                gradient[*class] -= 1.0 / ROWS as f32;
                loss += sum.ln() + largest - x[*class];
            }
            [f64::from(loss) / ROWS as f64, sample(&gradient)]
        }),
    });
}

fn sum(visit: Visit<'_>) {
    let x = random(&[LONG], 5).map(|x| x + 2.0);
    visit(Line {
        name: "sum of 100000",
        bound: 0.3,
        ours: Box::new(|| [x.sum().item().into(), 0.0]),
        plain: Box::new(|| [x.as_slice().iter().sum::<f32>().into(), 0.0]),
    });
}

network! { struct Net { hidden: dense(784, 128, relu), output: dense(128, 10) } }

/// A step of 784-128-10 on 64 rows: forward, loss, backward, descent.
fn dense_step(visit: Visit<'_>) {
    const ROWS: usize = 64;
    const SIZES: [usize; 3] = [784, 128, 10];
    let x = random(&[ROWS, 784], 6);
    let classes: Vec<usize> = (0..ROWS).map(|row| row * 7 % 10).collect();
    // So small that the loss stays nearly where it is: both are measured at the same weights.
    let rate = 1e-9;
    let mut net = Net::new(&mut Rng::new(7));
    let mut weights: Vec<Vec<f32>> = net.params().into_iter().map(|param| param.value().into_vec()).collect();
    let mut optimizer = Sgd::new(rate);
    let mut tape = Tape::training(0);
    visit(Line {
        name: "training step of 784-128-10 on 64 rows",
        bound: 0.5,
        ours: Box::new(|| {
            tape.reset();
            let loss = loss::softmax_cross_entropy(net.forward(tape.constant(&x)), &classes);
            let (value, gradients) = (loss.item(), loss.backward_to_leaves());
            tape.reset();
            optimizer.step(&mut net, &gradients);
            let samples = net.params().into_iter().map(|param| sample(gradients.wrt(param).as_slice()));
            [value.into(), samples.sum()]
        }),
        plain: Box::new(|| {
            let [inputs, width, outputs] = SIZES;
            let [w1, b1, w2, b2] = &mut weights[..] else { unreachable!("two layers have four parameters") };
            let mut hidden: Vec<f32> = (0..ROWS).flat_map(|_| b1.iter().copied()).collect();
            plain_product(x.as_slice(), w1, [ROWS, inputs, width], &mut hidden);
            hidden.iter_mut().for_each(|h| *h = h.max(0.0));
            let mut y: Vec<f32> = (0..ROWS).flat_map(|_| b2.iter().copied()).collect();
            plain_product(&hidden, w2, [ROWS, width, outputs], &mut y);
            let mut loss = 0.0;
            for (y, class) in y.chunks_exact_mut(outputs).zip(&classes) {
                let largest = y.iter().copied().fold(f32::NEG_INFINITY, f32::max);
                let chosen = y[*class];
                y.iter_mut().for_each(|y| *y = (*y - largest).exp());
                let sum: f32 = y.iter().sum();
                loss += f64::from(sum.ln() + largest - chosen);
                y.iter_mut().for_each(|y| *y /= sum * ROWS as f32);
                y[*class] -= 1.0 / ROWS as f32;
            }
            // Backwards.
            let (mut dw1, mut dw2) = (vec![0.0; w1.len()], vec![0.0; w2.len()]);
            let (mut db1, mut db2) = (vec![0.0; width], vec![0.0; outputs]);
            plain_product_transposed(&hidden, &y, [width, ROWS, outputs], &mut dw2);
            let mut dh = vec![0.0; ROWS * width];
            for ((dh, hidden), y) in
                dh.chunks_exact_mut(width).zip(hidden.chunks_exact(width)).zip(y.chunks_exact(outputs))
            {
                for ((dh, hidden), w) in dh.iter_mut().zip(hidden).zip(w2.chunks_exact(outputs)) {
                    let sum: f32 = w.iter().zip(y).map(|(w, y)| w * y).sum();
                    *dh = if *hidden > 0.0 { sum } else { 0.0 };
                }
                dh.iter().zip(&mut db1).for_each(|(dh, db)| *db += dh);
                y.iter().zip(&mut db2).for_each(|(y, db)| *db += y);
            }
            plain_product_transposed(x.as_slice(), &dh, [inputs, ROWS, width], &mut dw1);
            for (weight, gradient) in [(w1, &dw1), (b1, &db1), (w2, &dw2), (b2, &db2)] {
                weight.iter_mut().zip(gradient).for_each(|(w, g)| *w -= rate as f32 * g);
            }
            [loss / ROWS as f64, [&dw1, &db1, &dw2, &db2].map(|gradient| sample(gradient)).iter().sum()]
        }),
    });
}

/// A step of Adam alone.
fn adam_step(visit: Visit<'_>) {
    let start = random(&[LONG], 8);
    let mut weight = gradtape::Param::<f32>::new(start.clone());
    let rate = 1e-3;
    let mut optimizer = Adam::new(rate.into());
    let tape = Tape::new();
    let gradients = (tape.param(&weight).square() * 0.5).sum().backward();
    drop(tape);
    let gradient = gradients.wrt(&weight).into_vec();
    let mut state = [const { Vec::new() }; 2].map(|_: Vec<f32>| vec![0.0; LONG]);
    let (mut numbers, mut steps) = (start.into_vec(), 0);
    visit(Line {
        name: "step of Adam on 100000",
        bound: 1.0,
        ours: Box::new(|| {
            optimizer.step(&mut weight, &gradients);
            let weight = weight.value();
            [weight.as_slice()[LONG / 2].into(), sample(weight.as_slice())]
        }),
        plain: Box::new(|| {
            steps += 1;
            let [first, second] = [0.9f32, 0.999].map(|beta| 1.0 - beta.powi(steps));
            let [mean, square] = &mut state;
            for i in 0..LONG {
                let g = gradient[i];
                mean[i] = 0.9 * mean[i] + 0.1 * g;
                square[i] = 0.999 * square[i] + 0.001 * g * g;
                numbers[i] -= rate / first * mean[i] / ((square[i] / second).sqrt() + 1e-8);
            }
            [numbers[LONG / 2].into(), sample(&numbers)]
        }),
    });
}

/// A chain in which every operation waits for the one before, so that plain numbers take no vectors either.
fn chain_of_scalars<T: num_traits::Float>(x: T, n: usize) -> T {
    (0..n).fold(x, |y, _| y * x + x)
}

/// Operations of scalars: value and gradient on the tape, over the value alone on plain numbers.
fn scalar_tape(visit: Visit<'_>) {
    const STEPS: usize = 10_000;
    let slope = chain_of_scalars(Dual::new(0.5, 1.0), STEPS).tangent;
    let mut tape = Tape::new();
    visit(Line {
        name: "value and gradient of 20000 scalar operations",
        bound: 6.0,
        ours: Box::new(|| {
            tape.reset();
            let x = tape.var(black_box(0.5));
            let y = chain_of_scalars(x, STEPS);
            [y.value(), y.backward().wrt(x)]
        }),
        plain: Box::new(|| [chain_of_scalars(black_box(0.5), STEPS), slope]),
    });
}
