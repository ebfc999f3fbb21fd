//! Small training workloads, measured as other tensor libraries are: `cargo bench --bench peers -- W1 --threads 1`.
//!
//! W1 is 784-128-10 with SGD on batches of 64, W2 784-512-256-10 with Adam on batches of 128, W4 2-8-1 on batches of 4
//! (a repetition is 200 steps), W5 an elementwise chain on a million numbers with three gradients, and `epoch` 937
//! steps of W1. Each prints a line of JSON: wall and CPU milliseconds a step, and losses, or the sums of gradients,
//! that show that the same was computed. W5 prints two lines: `gradtape` for the chain as it is written,
//! `gradtape-fused` for the same as one formula under `#[elementwise]`.
//!
//! `--threads N` (1 unless said) is the number of threads that operations may use. `memory` trains W2 for `--minutes N`
//! (a tenth unless said) and prints the memory that is resident at ten times in between, and the most that ever was.

mod common;

use common::{Stream, Times, report};
use gradtape::prelude::*;
use std::time::Instant;

network! { struct Narrow { hidden: dense(784, 128, relu), output: dense(128, 10) } }
network! { struct Wide { first: dense(784, 512, relu), second: dense(512, 256, relu), output: dense(256, 10) } }
network! { struct Tiny { hidden: dense(2, 8, tanh), output: dense(8, 1) } }

const BATCHES: usize = 8;
const CHECK_STEPS: usize = 20;

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
    let all = ["W1", "W2", "W4", "W5", "epoch"].map(String::from);
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
                chain("gradtape", |[x, a, b]| (x * a + b).tanh() * x.sigmoid() + (-(x * x)).exp());
                chain("gradtape-fused", |[x, a, b]| formula(x, a, b));
            }
            "epoch" => epoch(),
            "memory" => memory(),
            other => eprintln!("there is no workload {other}; there are {all:?}"),
        }
    }
}

/// Weights uniform in ±1/√inputs from the common stream, each before its bias.
fn fill(net: &mut impl Module<f32>, stream: &mut Stream) {
    let mut bound = 0.0;
    for param in net.params_mut() {
        if let [inputs, _] = param.shape() {
            bound = 1.0 / (*inputs as f64).sqrt();
        }
        let value = stream.symmetric(param.shape(), bound);
        param.set(value).expect("the shape is the parameter's own");
    }
}

fn step<N: Layer<f32> + Module<f32>, O: Optimizer<f32>>(
    net: &mut N,
    tape: &mut Tape<f32>,
    optimizer: &mut O,
    x: &Tensor<f32>,
    loss: impl for<'t> Fn(TensorVar<'t, f32>) -> TensorVar<'t, f32>,
) -> f64 {
    tape.reset();
    let loss = loss(net.forward(tape.constant(x)));
    let value = loss.item();
    let gradients = loss.backward_to_leaves();
    tape.reset();
    optimizer.step(net, &gradients);
    f64::from(value)
}

fn classifier<N: Layer<f32> + Module<f32>, O: Optimizer<f32>>(name: &str, mut net: N, batch: usize, mut optimizer: O) {
    let mut stream = Stream(1);
    fill(&mut net, &mut stream);
    let batches: Vec<_> = (0..BATCHES).map(|_| (stream.unit(&[batch, 784]), stream.labels(batch))).collect();
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
    let mut net = Wide::new(&mut Rng::new(0));
    fill(&mut net, &mut stream);
    let batches: Vec<_> = (0..BATCHES).map(|_| (stream.unit(&[128, 784]), stream.labels(128))).collect();
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
    let mut net = Tiny::new(&mut Rng::new(0));
    fill(&mut net, &mut stream);
    let batches: Vec<_> =
        (0..BATCHES).map(|_| (stream.symmetric(&[4, 2], 1.0), stream.symmetric(&[4, 1], 1.0))).collect();
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

#[elementwise]
fn formula<T>(x: T, a: T, b: T) -> T {
    tanh(x * a + b) * sigmoid(x) + exp(-(x * x))
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

fn epoch() {
    let mut stream = Stream(1);
    let mut net = Narrow::new(&mut Rng::new(0));
    fill(&mut net, &mut stream);
    let (inputs, classes) = (stream.unit(&[60_000, 784]), stream.labels(60_000));
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
