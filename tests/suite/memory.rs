//! What training holds does not grow from step to step, and is little more than its numbers. Measured where the system
//! counts it; a program of its own, since the tests of one share their memory.
#![cfg(target_os = "linux")]

use gradtape::prelude::*;
use gradtape::with_threads;

network! { struct Wide { first: dense(784, 512, relu), second: dense(512, 256, relu), output: dense(256, 10) } }

/// A number of mebibytes from the system's account of this program.
fn mebibytes(name: &str) -> f64 {
    let text = std::fs::read_to_string("/proc/self/status").expect("the system's account");
    let line = text.lines().find_map(|line| line.strip_prefix(name)).expect("its line");
    line.trim().strip_suffix("kB").expect("in kB").trim().parse::<f64>().expect("a number") / 1024.0
}

#[test]
fn training_holds_the_same_memory_at_every_step() {
    const BATCH: usize = 128;
    let mut net = Wide::new(&mut Rng::new(1));
    let x = Tensor::<f32>::rand([BATCH, 784], &mut Rng::new(2));
    let classes: Vec<usize> = (0..BATCH).map(|row| row * 7 % 10).collect();
    let (mut tape, mut optimizer) = (Tape::training(0), Adam::new(1e-3));
    let before = mebibytes("VmRSS:");
    let mut step = || {
        let loss = loss::softmax_cross_entropy(net.forward(tape.constant(&x)), &classes);
        let gradients = loss.backward_to_leaves();
        tape.reset();
        optimizer.step(&mut net, &gradients);
    };
    // Each thread has buffers of its own from its first piece of work on: of sixty, some begin after the third step.
    let mut steps = |count: usize| with_threads(2, || (0..count).for_each(|_| step()));
    steps(3);
    let warm = mebibytes("VmRSS:");
    steps(40);
    let (after, peak) = (mebibytes("VmRSS:"), mebibytes("VmHWM:"));
    assert!(after - warm < 0.5, "{warm} MiB after 3 steps, {after} MiB after 43");
    // Half a million weights' gradients and two states are 6.1 MiB, activations and their gradients 1.6, the pool's
    // classes and the program's own code the rest.
    assert!(peak - before < 20.0, "{before} MiB before the first step, at most {peak} MiB");
}
