//! The slopes that a long formula keeps from its forward pass: the same bits as those of the sweep itself, and nothing
//! stale.

use super::*;
use gradtape::{Tape, TensorVar, recompute};

/// Many enough that slopes are kept, and no multiple of a vector.
const COUNT: usize = 5003;

#[elementwise]
fn mixed<T>(x: T, a: T, b: T) -> T {
    tanh(x * a + b) * sigmoid(x) + sin(exp(-(x * x)))
}

fn inputs() -> [Tensor<f64>; 3] {
    let drawn = drawn(&[&[COUNT], &[COUNT], &[COUNT]], -2.0, 2.0);
    drawn.try_into().expect("three were drawn")
}

/// The gradients by a sweep of what was kept, and by one that computes the slopes: the second over the same tape.
fn both<'t>(y: TensorVar<'t, f64>, x: [TensorVar<'t, f64>; 3]) -> [[Tensor<f64>; 3]; 2] {
    [(); 2].map(|()| {
        let gradients = y.backward();
        x.map(|x| gradients.wrt(x))
    })
}

/// A NaN is one bit pattern: which of its signs and payloads comes out is not defined.
fn bits(tensors: &[Tensor<f64>]) -> Vec<Vec<u64>> {
    let bits = |x: &f64| if x.is_nan() { f64::NAN } else { *x }.to_bits();
    tensors.iter().map(|tensor| tensor.as_slice().iter().map(bits).collect()).collect()
}

#[test]
fn kept_slopes_have_the_bits_of_computed_ones() {
    let weights = drawn(&[&[COUNT]], -3.0, 3.0).remove(0);
    let tape = Tape::new();
    let x = inputs().map(|input| tape.tensor(input));
    type Loss = for<'t> fn(TensorVar<'t, f64>, TensorVar<'t, f64>) -> TensorVar<'t, f64>;
    let losses: [(&str, Loss); 5] = [
        ("a sum", |y, _| y.sum()),
        ("a mean", |y, _| y.mean()),
        ("a cotangent for each", |y, w| (y * w).sum()),
        ("two consumers", |y, _| y.sum() + y.square().sum()),
        ("a sum behind another consumer", |y, _| y.square().sum() + y.sum()),
    ];
    for (what, loss) in losses {
        let loss = loss(mixed(x[0], x[1], x[2]), tape.constant(&weights));
        let [kept, computed] = both(loss, x);
        assert_eq!(bits(&kept), bits(&computed), "{what}");
    }
}

#[test]
fn far_angles_and_awkward_numbers_are_as_without() {
    let mut awkward = vec![0.0, -0.0, f64::INFINITY, f64::NEG_INFINITY, f64::NAN, 1e300, -1e300, 1e9, 1e-310];
    awkward.resize(COUNT, 0.5);
    #[elementwise]
    fn wave<T>(x: T) -> T {
        sin(x) * exp(x * 1e-3) + ln(x)
    }
    let tape = Tape::new();
    let x = tape.tensor(Tensor::from(awkward));
    let y = wave(x).sum();
    let [kept, computed] = [(); 2].map(|()| y.backward().wrt(x));
    assert_eq!(bits(&[kept]), bits(&[computed]));
}

#[test]
fn only_what_needs_a_gradient_is_kept() {
    let [x, a, b] = inputs();
    let tape = Tape::new();
    let constants = mixed(tape.constant(&x), tape.constant(&a), tape.constant(&b));
    assert!(!constants.needs_gradient());
    let bytes = tape.memory_bytes();
    let (x, a, b) = (tape.tensor(&x), tape.constant(&a), tape.constant(&b));
    let y = mixed(x, a, b);
    // The value, and one slope.
    assert_eq!(tape.memory_bytes() - bytes, 2 * COUNT * 8);
    y.sum().backward();
    // The sweep has taken it.
    assert!(tape.memory_bytes() - bytes < COUNT * 8 + 100);
}

#[test]
fn recomputed_blocks_keep_nothing() {
    let tape = Tape::new();
    let x = inputs().map(|input| tape.tensor(input));
    let bytes = tape.memory_bytes();
    let y = recompute(|x0| mixed(mixed(x0, x[1], x[2]), x[1], x[2]), x[0]);
    assert!(tape.memory_bytes() - bytes < COUNT * 8 + 100, "{}", tape.memory_bytes() - bytes);
    let plain = mixed(mixed(x[0], x[1], x[2]), x[1], x[2]);
    let [a, b] = [y, plain].map(|y| {
        let gradients = y.sum().backward();
        x.map(|x| gradients.wrt(x))
    });
    assert_eq!(bits(&a), bits(&b));
}

#[test]
fn a_replay_forgets_the_slopes_of_before() {
    let tape = Tape::new();
    let [first, a, b] = inputs();
    let x = tape.tensor(&first);
    let y = mixed(x, tape.constant(&a), tape.constant(&b)).sum();
    let second = &first * 0.5 + 0.1;
    tape.replay(&[(x, second.clone())]);
    let replayed = y.backward().wrt(x);
    let fresh = Tape::new();
    let x = fresh.tensor(&second);
    let y = mixed(x, fresh.constant(&a), fresh.constant(&b)).sum();
    assert_eq!(bits(&[replayed]), bits(&[y.backward().wrt(x)]));
}

#[test]
fn gradients_of_intermediate_values_behind_a_sum_are_whole_tensors() {
    let tape = Tape::new();
    let x = inputs().map(|input| tape.tensor(input));
    let y = mixed(x[0], x[1], x[2]);
    let gradients = (y.sum() * 3.0).backward();
    assert_eq!(gradients.wrt(y), Tensor::full([COUNT], 3.0));
    assert!(gradients.check_finite(&tape).is_ok());
    // Second order, through the recorded gradient.
    let slope = tape.gradient(y.sum(), &[x[0]])[0].sum();
    assert!(slope.backward().wrt(x[0]).as_slice().iter().all(|g| g.is_finite()));
}
