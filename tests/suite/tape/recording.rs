//! What a tape keeps, shows and runs again, and what outlives it.

use crate::common::assert_panics;
use gradtape::{Gradients, Param, Tape, Tensor};

#[test]
fn gradients_outlive_the_tape_and_move_to_another_thread() {
    let weight = Param::new([1.0, 2.0]);
    let of = |x: [f64; 2]| {
        let tape = Tape::new();
        (tape.param(&weight) * tape.constant(x)).sum().backward()
    };
    let parts: Vec<Gradients<f64>> = std::thread::scope(|scope| {
        let workers = [[1.0, 2.0], [10.0, 20.0]].map(|x| scope.spawn(move || of(x)));
        workers.into_iter().map(|worker| worker.join().expect("a worker ends")).collect()
    });
    let mut sum = parts[0].clone();
    sum.merge(&parts[1]);
    assert_eq!(sum.wrt(&weight), Tensor::from([11.0, 22.0]));
    assert_eq!(parts[1].wrt(&weight), Tensor::from([10.0, 20.0]), "the parts stay what they were");
}

#[test]
fn what_may_move_between_threads_does() {
    assert_send::<Tape<f32>>();
    assert_send::<Gradients<f64>>();
    assert_send::<Tensor<f32>>();
    fn assert_sync<T: Sync>() {}
    assert_sync::<Gradients<f64>>();
    assert_sync::<Tensor<f32>>();
    assert_sync::<Param<f32>>();
}

fn assert_send<T: Send>() {}

#[test]
fn a_reset_keeps_nothing_but_memory() {
    let mut tape = Tape::<f64>::new();
    for step in 1..4 {
        tape.reset();
        assert!(tape.is_empty());
        let (x, v) = (tape.tensor([f64::from(step)]), tape.var(f64::from(step)));
        let y = (x.square() * v).sum();
        let gradients = y.backward();
        assert_eq!(gradients.wrt(x).item(), f64::from(2 * step * step));
        assert_eq!(gradients.wrt(v), f64::from(step * step));
    }
}

#[test]
fn a_buffer_that_several_values_share_counts_once() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(Tensor::zeros([100]));
    let before = tape.memory_bytes();
    x.reshape([10, 10]);
    assert_eq!(tape.memory_bytes(), before);
}

#[test]
fn a_parameter_comes_onto_a_tape_once() {
    let mut weight = Param::new([1.0, 2.0]);
    let copy = weight.clone();
    let tape = Tape::new();
    let y = (tape.param(&weight) * tape.param(&weight)).sum();
    assert_eq!(tape.len(), 3);
    let gradients = y.backward();
    assert_eq!(gradients.wrt(&weight), Tensor::from([2.0, 4.0]));
    assert_eq!(gradients.wrt(&copy), Tensor::zeros([2]), "a clone is a parameter of its own");
    weight.set([5.0, 5.0]).expect("the shape fits");
    assert_eq!(y.backward().wrt(&weight), Tensor::from([2.0, 4.0]), "the tape holds the value of the forward pass");
}

#[test]
fn replay_computes_recorded_operations_on_new_numbers() {
    let tape = Tape::new();
    let (x, w) = (tape.constant([[1.0, 2.0]]), tape.tensor([[1.0], [1.0]]));
    let y = x.matmul(w).sum();
    tape.replay(&[(x, Tensor::from([[3.0, 4.0]]))]);
    assert_eq!(y.item(), 7.0);
    assert_eq!(y.backward().wrt(w), Tensor::from([[3.0], [4.0]]));
    assert_panics(line!(), &["replay: [1, 2] and [2]"], || tape.replay(&[(x, Tensor::from([1.0, 2.0]))]));
    assert_panics(line!(), &["replay", "computed"], || tape.replay(&[(y, Tensor::scalar(1.0))]));
    let made = tape.custom([w], w.value(), |g| [g.clone()]);
    let _ = made;
    assert_panics(line!(), &["replay", "closure"], || tape.replay(&[]));
}

#[test]
fn replay_runs_detached_values_again() {
    let tape = Tape::new();
    let x = tape.tensor([3.0]);
    let y = (x * x.detach()).sum();
    tape.replay(&[(x, Tensor::from([5.0]))]);
    assert_eq!((y.item(), y.backward().wrt(x).item()), (25.0, 5.0));
}

#[test]
fn the_tape_shows_what_it_recorded() {
    let tape = Tape::new();
    let x = tape.constant([[1.0, 2.0]]);
    let w = tape.tensor([[1.0], [1.0]]);
    let v = tape.var(3.0);
    let y = (x.matmul(w).tanh() * (v * v)).sum();
    let _ = y;
    let text = tape.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "%0 = constant: [1, 2]");
    assert_eq!(lines[2], "s0 = var");
    assert_eq!(lines[3], "%2 = matmul(%0, %1): [1, 1]");
    assert_eq!(lines[5], "s1 = 3 s0 + 3 s0");
    assert!(lines.last().is_some_and(|line| line.starts_with("%7 = sum(%6)")), "{text}");
    assert_eq!(tape.len(), 10);
    assert!(tape.memory_bytes() >= 2 * 8 + 8 * 8);
    let dot = tape.to_dot();
    assert!(dot.starts_with("digraph") && dot.contains("t0 -> t2") && dot.contains("s0 -> s1"));
}
