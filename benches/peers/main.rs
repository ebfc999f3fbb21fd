//! Small training workloads, measured as other tensor libraries are: `cargo bench --bench peers -- W1 --threads 1`.
//!
//! W1 is 784-128-10 with SGD on batches of 64, W2 784-512-256-10 with Adam on batches of 128, W4 2-8-1 on batches of 4
//! (a repetition is 200 steps), W5 an elementwise chain on a million numbers with three gradients, W6 single products
//! of matrices, and `epoch` 937 steps of W1. Each prints a line of JSON: wall and CPU milliseconds a step (CPU: the
//! mean), and losses, or the sums of gradients, that show that the same was computed. W5 prints two lines: `gradtape`
//! for the chain as it is written, `gradtape-fused` for the same as one formula under `#[elementwise]`. W6 prints one
//! for each size; products with a transposed factor are made by sweeps alone, and are in W1 and W2.
//!
//! `--threads N` (1 unless said) is the number of threads that operations may use. `memory` trains W2 for `--minutes N`
//! (a tenth unless said) and prints the memory that is resident at ten times in between, and the most that ever was.
//!
//! `gradients` prints norms and projections of the gradients of all workloads, as gradients.txt has them. That file is
//! written by gradients.py with PyTorch and JAX in double precision; the test `peers` compares with both.

mod common;
mod workloads;

use common::{Times, report};
use gradtape::prelude::*;
use std::time::Instant;
use workloads::{BATCHES, CHECK_STEPS, Narrow, SAMPLES, Stream, Tiny, Wide, formula, step};

fn main() {
    // Cargo adds `--bench` to the arguments.
    let mut workloads = Vec::new();
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--threads" | "--minutes" => {
                arguments.next();
            }
            "--bench" => {}
            _ => workloads.push(argument),
        }
    }
    let all = ["W1", "W2", "W4", "W5", "W6", "epoch"].map(String::from);
    let workloads = if workloads.is_empty() { &all[..] } else { &workloads };
    gradtape::with_threads(common::threads(), || run(workloads, &all));
}

fn run(workloads: &[String], all: &[String]) {
    for workload in workloads {
        match workload.as_str() {
            "W1" => classifier("W1", Narrow::new(&mut Rng::new(0)), 64, Sgd::new(0.1)),
            "W2" => classifier("W2", Wide::new(&mut Rng::new(0)), 128, Adam::new(1e-3)),
            "W4" => tiny(),
            "W5" => {
                chain("gradtape", workloads::chain);
                chain("gradtape-fused", |[x, a, b]| formula(x, a, b));
            }
            "W6" => products(),
            "epoch" => epoch(),
            "memory" => memory(),
            "gradients" => ["W1", "W2", "W4", "W5", "epoch"].into_iter().for_each(gradients),
            other => eprintln!("there is no workload {other}; there are {all:?}"),
        }
    }
}

/// The lines of gradients.txt, as gradtape computes them.
fn gradients(workload: &str) {
    for row in workloads::summaries(workload) {
        println!("{} {} {} {:.9e} {:.9e}", row.workload, row.step, row.parameter, row.norm, row.projection);
    }
}

fn classifier<N: Layer<f32> + Module<f32>, O: Optimizer<f32>>(name: &str, net: N, batch: usize, mut optimizer: O) {
    let mut stream = Stream(1);
    let mut net = stream.fill(net);
    let batches = [(); BATCHES].map(|()| stream.images(batch));
    let mut tape = Tape::training(0);
    let mut count = 0;
    let mut run = || {
        let (x, y) = &batches[count % BATCHES];
        count += 1;
        step(&mut net, &mut tape, &mut optimizer, x, |output| loss::softmax_cross_entropy(output, y))
    };
    let losses: Vec<f64> = (0..CHECK_STEPS).map(|_| run()).collect();
    let times = Times::of(1.0, 20, 600, 1, || {
        run();
    });
    report(name, "gradtape", &times, &[("loss_first", losses[0]), ("loss_last", losses[CHECK_STEPS - 1])]);
}

/// W2 for some minutes: what it holds must not grow.
fn memory() {
    let mut stream = Stream(1);
    let mut net = stream.fill(Wide::new(&mut Rng::new(0)));
    let batches = [(); BATCHES].map(|()| stream.images(128));
    let (mut tape, mut optimizer) = (Tape::training(0), Adam::new(1e-3));
    let (start, seconds) = (Instant::now(), 60.0 * common::number("--minutes").unwrap_or(0.1));
    let (mut resident, mut steps) = (Vec::new(), 0);
    for part in 1..=10 {
        while start.elapsed().as_secs_f64() < seconds * f64::from(part) / 10.0 {
            let (x, y) = &batches[steps % BATCHES];
            step(&mut net, &mut tape, &mut optimizer, x, |output| loss::softmax_cross_entropy(output, y));
            steps += 1;
        }
        resident.push(common::memory("VmRSS:"));
    }
    let show = |bytes: Option<f64>| bytes.map_or("null".into(), |bytes| format!("{:.2}", bytes / f64::from(1 << 20)));
    println!(
        "{{\"workload\": \"memory\", \"peer\": \"gradtape\", \"threads\": {}, \"minutes\": {:.2}, \"steps\": {steps}, \
         \"resident_mib\": [{}], \"peak_mib\": {}}}",
        common::threads(),
        seconds / 60.0,
        resident.into_iter().map(show).collect::<Vec<_>>().join(", "),
        show(common::memory("VmHWM:"))
    );
}

fn tiny() {
    let mut stream = Stream(1);
    let mut net = stream.fill(Tiny::new(&mut Rng::new(0)));
    let batches = [(); BATCHES].map(|()| stream.points());
    let mut tape = Tape::training(0);
    let mut optimizer = Sgd::new(0.1);
    let mut count = 0;
    let mut run = || {
        let (x, y) = &batches[count % BATCHES];
        count += 1;
        step(&mut net, &mut tape, &mut optimizer, x, |output| loss::mse(output, y))
    };
    let losses: Vec<f64> = (0..CHECK_STEPS).map(|_| run()).collect();
    let times = Times::of(1.0, 20, 600, 200, || {
        for _ in 0..200 {
            run();
        }
    });
    report("W4", "gradtape", &times, &[("loss_first", losses[0]), ("loss_last", losses[CHECK_STEPS - 1])]);
}

/// y = sum(tanh(x a + b) sigmoid(x) + exp(-x x)), with its gradients in x, a and b.
fn chain(peer: &str, terms: impl for<'t> Fn([TensorVar<'t, f32>; 3]) -> TensorVar<'t, f32>) {
    let mut stream = Stream(1);
    let inputs = [(); 3].map(|()| stream.symmetric(&[1_000_000], 1.0));
    let mut tape = Tape::<f32>::new();
    let mut last = None;
    let times = Times::of(2.0, 10, 600, 1, || {
        // The last step's gradients go first, as a training loop drops them.
        last = None;
        tape.reset();
        let variables = inputs.each_ref().map(|input| tape.tensor(input));
        let y = terms(variables).sum();
        let gradients = y.backward_to_leaves();
        last = Some((y.item(), variables.map(|variable| gradients.wrt(variable))));
    });
    let (y, gradients) = last.expect("ran at least once");
    let sum = |gradient: &Tensor<f32>| gradient.as_slice().iter().map(|g| f64::from(*g)).sum::<f64>();
    let [x, a, b] = gradients.each_ref().map(sum);
    report("W5", peer, &times, &[("y", f64::from(y)), ("sum_gx", x), ("sum_ga", a), ("sum_gb", b)]);
}

/// Products of matrices, with the sum of absolute values of each.
fn products() {
    for (name, [m, k, n]) in [("64", [64; 3]), ("256", [256; 3]), ("1024", [1024; 3]), ("W1 x*w", [64, 784, 128])] {
        let mut stream = Stream(1);
        let (left, right) = (stream.symmetric(&[m, k], 1.0), stream.symmetric(&[k, n], 1.0));
        let sum: f64 = left.matmul(&right).as_slice().iter().map(|x| f64::from(x.abs())).sum();
        let inner = (2_000_000 / (m * k * n)).max(1);
        let times = Times::of(1.0, 20, 600, inner, || {
            for _ in 0..inner {
                std::hint::black_box(left.matmul(&right));
            }
        });
        let speed = 2e-6 * (m * k * n) as f64 / times.fastest();
        report(&format!("W6 {name}"), "gradtape", &times, &[("gflops", speed), ("sum_abs", sum)]);
    }
}

fn epoch() {
    let mut stream = Stream(1);
    let mut net = stream.fill(Narrow::new(&mut Rng::new(0)));
    let (inputs, classes) = stream.images(SAMPLES);
    let data = Dataset::new(inputs, classes).expect("as many inputs as classes");
    let mut tape = Tape::training(0);
    let mut optimizer = Sgd::new(0.1);
    let mut losses = Vec::new();
    let times = Times::of(5.0, 5, 20, 1, || {
        for (i, batch) in data.batches(64).take(937).enumerate() {
            let loss = step(&mut net, &mut tape, &mut optimizer, &batch.inputs, |output| {
                loss::softmax_cross_entropy(output, &batch.targets)
            });
            if i == 0 || i == 936 {
                losses.push(loss);
            }
        }
    });
    report("epoch", "gradtape", &times, &[("loss_first", losses[0]), ("loss_last", losses[1])]);
}
