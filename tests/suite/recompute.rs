//! Blocks that are computed again: the same gradients in less memory.

mod common;
mod counting;

use common::assert_panics;
use gradtape::prelude::*;
use gradtape::{recompute, recompute_chain};
use std::cell::RefCell;

/// What is smaller is no tensor of these tests.
#[global_allocator]
static ALLOCATOR: counting::Counting = counting::Counting { from: 4096 };

/// A tensor of these numbers has a size that no other has, so that the pool of buffers starts empty.
fn block<'t>(x: TensorVar<'t, f64>) -> TensorVar<'t, f64> {
    ((x * 1.1).sin() + x.square() * 0.1).tanh()
}

fn plain<'t>(x: TensorVar<'t, f64>, n: usize) -> TensorVar<'t, f64> {
    (0..n).fold(x, |x, _| block(x))
}

/// Blocks in groups of √n.
fn grouped<'t>(x: TensorVar<'t, f64>, n: usize) -> TensorVar<'t, f64> {
    let group = (n as f64).sqrt() as usize;
    (0..n / group).fold(x, |x, _| recompute(|x| (0..group).fold(x, |x, _| recompute(block, x)), x))
}

#[test]
fn the_same_bits_in_the_memory_of_the_root() {
    let mut bytes = Vec::new();
    for n in [16, 64, 256] {
        let tape = Tape::new();
        let x = tape.tensor(Tensor::rand([700], &mut Rng::new(1)));
        let y = grouped(x, n);
        let kept = tape.memory_bytes();
        let expected = plain(x, n);
        assert_eq!(y.value(), expected.value());
        let gradient = y.sum().backward().wrt(x);
        // The sweep has dropped again what it computed.
        assert!(tape.memory_bytes() >= kept, "{n} {kept} {}", tape.memory_bytes());
        assert_eq!(gradient, expected.sum().backward().wrt(x));
        let root = (n as f64).sqrt() as usize;
        assert!(kept <= (root + 1) * 700 * 8 + 64);
        bytes.push(kept);
    }
    assert!(bytes[2] < 4 * bytes[0]);
}

#[test]
fn the_peak_of_a_sweep_grows_like_the_root() {
    let peak = |size: usize, n: usize, f: for<'t> fn(TensorVar<'t, f64>, usize) -> TensorVar<'t, f64>| {
        let tape = Tape::new();
        let x = tape.tensor(Tensor::full([size], 0.5));
        let (peak, gradient) = counting::peak_of(|| f(x, n).sum().backward().wrt(x));
        assert!(gradient.iter().all(|g| g.is_finite()));
        peak / (size * 8)
    };
    // Sizes of their own, so that no buffer of one is used by the next.
    let (short, long) = (peak(1000, 16, grouped), peak(3000, 256, grouped));
    let all = peak(9000, 256, plain);
    assert!(long <= 4 * short + 8, "{short} and {long} tensors at once");
    assert!(long < 150 && all > 2000, "{long} and {all} tensors at once");
}

#[test]
fn dropout_draws_the_same_masks_again() {
    let net = network!(dense(8, 16, relu), dropout(0.5), dense(16, 16, tanh), dropout(0.3), dense(16, 2))
        .init_as::<f64>(&mut Rng::new(7));
    let x = Tensor::randn([4, 8], &mut Rng::new(8));
    // As it is, as one block, and as blocks in a block.
    let run = |depth: usize| {
        let tape = Tape::training(3);
        let x = tape.tensor(&x);
        let y = match depth {
            0 => net.forward(net.forward(x).repeat(&[1, 4])),
            1 => recompute(|x| net.forward(net.forward(x).repeat(&[1, 4])), x),
            _ => recompute(
                |x| {
                    let inner = recompute(|x| net.forward(x), x);
                    recompute(|x| recompute(|x| net.forward(x), x.repeat(&[1, 4])), inner)
                },
                x,
            ),
        };
        let gradients = y.square().sum().backward();
        let of_params: Vec<_> = Module::<f64>::params(&net).iter().map(|param| gradients.wrt(*param)).collect();
        (y.value(), gradients.wrt(x), of_params)
    };
    let plain = run(0);
    assert_eq!(plain, run(1));
    assert_eq!(plain, run(2));
    assert!(plain.2.iter().all(|g| g.iter().any(|g| *g != 0.0)));
}

#[test]
fn a_long_chain_runs_each_step_a_few_times_only() {
    let steps = 1001;
    let tape = Tape::<f64>::new();
    let x = tape.tensor(Tensor::rand([600], &mut Rng::new(1)));
    let y = recompute_chain(|i, x| x + (x * (1.0 + i as f64 * 1e-3)).sin() * 0.01, steps, 10, x);
    // The states at the snapshots, and the start and the end.
    assert!(tape.memory_bytes() <= 12 * 600 * 8 + 64, "{}", tape.memory_bytes());
    let mut expected = x;
    for i in 0..steps {
        expected = expected + (expected * (1.0 + i as f64 * 1e-3)).sin() * 0.01;
    }
    assert_eq!(y.value(), expected.value());
    assert_eq!(y.sum().backward().wrt(x), expected.sum().backward().wrt(x));
    for (steps, snapshots) in [(0, 1), (1, 1), (2, 1), (7, 1), (7, 2), (20, 3), (5, 50)] {
        let y = recompute_chain(|_, x| x.sin(), steps, snapshots, x);
        let expected = (0..steps).fold(x, |x, _| x.sin());
        assert_eq!(y.sum().backward().wrt(x), expected.sum().backward().wrt(x), "{steps} {snapshots}");
    }
}

#[test]
fn parameters_leaked_tensors_and_second_derivatives() {
    let tape = Tape::new();
    let x = tape.tensor([0.3, 0.7]);
    let w = tape.tensor([2.0, 3.0]);
    let leaked = RefCell::new(None);
    let y = recompute(
        |x| {
            let inner = x * w;
            *leaked.borrow_mut() = Some(inner);
            inner.sin()
        },
        x,
    );
    let leaked = leaked.into_inner().unwrap();
    let z = (y * leaked).sum();
    let gradients = z.backward();
    let expected = ((x * w).sin() * (x * w)).sum();
    approx::assert_relative_eq!(gradients.wrt(x), expected.backward().wrt(x), max_relative = 1e-14);
    approx::assert_relative_eq!(gradients.wrt(w), expected.backward().wrt(w), max_relative = 1e-14);
    let words = ["wrt: %3 = mul [2]", "lies inside a block of recompute, whose gradients are not kept"];
    assert_panics(line!(), &words, || gradients.wrt(leaked));
    let second = |z: TensorVar<'_, f64>| tape.gradient(tape.gradient(z, &[x])[0].sum(), &[x])[0].value();
    approx::assert_relative_eq!(second(z), second(expected), max_relative = 1e-14);
}

#[test]
fn a_block_that_does_nothing_or_depends_on_nothing() {
    let tape = Tape::new();
    let x = tape.tensor([0.3, 0.7]);
    assert_eq!(recompute(|x| x, x).sum().backward().wrt(x), Tensor::ones([2]));
    let constant = tape.constant([1.0, 2.0]);
    assert_eq!((recompute(|_| constant, x) * x).sum().backward().wrt(x), Tensor::from([1.0, 2.0]));
    let y = recompute(|c| c.exp() * x, constant);
    assert_eq!(y.sum().backward().wrt(x), Tensor::from([1.0, 2.0]).exp());
}
