//! No numbers, ties, NaN, infinities and very large numbers.

use super::{INFINITY, NEG_INFINITY, along, common::panic_of, running};
use gradtape::nn::{Dense, Layer};
use gradtape::{Dual, Rng, Tape, Tensor};

const NAN: f64 = f64::NAN;

#[test]
fn no_numbers_have_a_sum_and_a_product_and_no_mean() {
    let none = Tensor::<f64>::zeros([2, 0]);
    assert_eq!((none.sum().item(), none.prod().item(), none.norm().item()), (0.0, 1.0, 0.0));
    assert!(none.mean().item().is_nan());
    assert_eq!(none.sum_axis(1, false), Tensor::zeros([2]));
    assert_eq!(none.prod_axis(1, true), Tensor::ones([2, 1]));
    assert_eq!(none.logsumexp_axis(1, false), Tensor::full([2], NEG_INFINITY));
    assert!(none.mean_axis(1, false).iter().chain(none.var_axis(1, false).iter()).all(|x| x.is_nan()));
    for (name, y) in running(&none, 1).into_iter().chain(running(&none, 0)) {
        assert_eq!(y.shape(), [2, 0], "{name}");
    }
    // Along the other axis there is no lane, and so nothing that could be missing.
    for (name, y) in along(&none, 0, false) {
        assert_eq!(y.shape(), [0], "{name}");
    }
    assert_eq!(none.argmax(0).shape(), [0]);
}

#[test]
fn what_does_not_exist_is_an_error_at_the_line_of_the_caller() {
    let none = Tensor::<f64>::zeros([2, 0]);
    let tape = Tape::new();
    let recorded = tape.tensor(&none);
    let panics = [
        (panic_of(|| none.max()), "max: [2, 0] and []: no numbers have no largest one"),
        (panic_of(|| recorded.min_axis(-1, false)), "min_axis: [2, 0] and [2]: no numbers have no smallest one"),
        (panic_of(|| none.argmax(1)), "argmax: [2, 0] and [2]: no numbers have no largest one"),
        (panic_of(|| recorded.argmax(1)), "argmax: [2, 0] and [2]: no numbers have no largest one"),
        (panic_of(|| none.var_axis(-3, true)), "var_axis: [2, 0]: there is no axis -3; it takes -2 to 1"),
        (panic_of(|| recorded.softmax(2)), "softmax: [2, 0]: there is no axis 2; it takes -2 to 1"),
        (panic_of(|| Tensor::scalar(1.0).cumsum(0)), "cumsum: []: there is no axis 0 in a single number"),
    ];
    for (panic, text) in panics {
        assert_eq!(panic.text, text);
        assert!(panic.file.ends_with("edges.rs"), "{text} in {} at line {}", panic.file, panic.line);
    }
}

#[test]
fn a_nan_wins_and_the_first_of_ties_is_named() {
    let x = Tensor::<f64>::from([[1.0, NAN, 3.0, NAN], [3.0, 5.0, 5.0, -1.0]]);
    let (largest, smallest) = (x.max_axis(1, false), x.min_axis(1, false));
    assert!(largest.as_slice()[0].is_nan() && smallest.as_slice()[0].is_nan() && x.max().item().is_nan());
    assert_eq!((largest.as_slice()[1], smallest.as_slice()[1]), (5.0, -1.0));
    assert_eq!(x.argmax(1), Tensor::from([1usize, 1]));
    assert!(x.max_axis(0, false).as_slice()[1].is_nan());
    assert_eq!(Tensor::from([NEG_INFINITY; 3]).max().item(), NEG_INFINITY);
    assert_eq!(Tensor::from([INFINITY; 3]).min_axis(0, false).item(), INFINITY);
}

#[test]
fn ties_share_the_gradient_evenly() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor([[2.0, 1.0, 2.0], [0.0, 0.0, 0.0]]);
    let third = 1.0 / 3.0;
    assert_eq!(x.max_axis(1, true).sum().backward().wrt(x), Tensor::from([[0.5, 0.0, 0.5], [third; 3]]));
    assert_eq!(x.min().backward().wrt(x), Tensor::from([[0.0; 3], [third; 3]]));
    // Forward mode makes the same choice.
    let x = Tensor::<Dual<f64>>::from([[Dual::new(2.0, 1.0), Dual::new(1.0, 7.0), Dual::new(2.0, 4.0)]]);
    assert_eq!((x.max().item().tangent, x.max_axis(0, false).as_slice()[1].tangent), (2.5, 7.0));
}

#[test]
fn softmax_is_right_for_large_numbers() {
    for big in [800.0, 1e300] {
        let x = Tensor::from([[big, big, -big], [-big, -big, -big]]);
        let third = 1.0 / 3.0;
        assert_eq!(x.softmax(1), Tensor::from([[0.5, 0.5, 0.0], [third; 3]]));
        assert_eq!(x.logsumexp_axis(1, false), Tensor::from([big + 2f64.ln(), -big + 3f64.ln()]));
        let logarithm = x.log_softmax(1);
        approx::assert_relative_eq!(logarithm.get(&[0, 1]).unwrap(), -2f64.ln(), max_relative = 1e-15);
        approx::assert_relative_eq!(logarithm.get(&[0, 2]).unwrap(), -2.0 * big - 2f64.ln(), max_relative = 1e-15);
    }
    let single = Tensor::from([800.0f32, -800.0]);
    assert_eq!(single.softmax(0), Tensor::from([1.0f32, 0.0]));
    assert_eq!(single.log_softmax(0), Tensor::from([0.0f32, -1600.0]));
}

#[test]
fn the_infinite_largest_share_the_probability() {
    let rows = Tensor::from([[NEG_INFINITY, NEG_INFINITY], [NEG_INFINITY, 0.0], [INFINITY, 1.0]]);
    let shares = Tensor::from([[0.5, 0.5], [0.0, 1.0], [1.0, 0.0]]);
    assert_eq!(rows.softmax(1), shares);
    assert_eq!(rows.log_softmax(1), Tensor::from([[-2f64.ln(), -2f64.ln()], [NEG_INFINITY, 0.0], [0.0, NEG_INFINITY]]));
    assert_eq!(rows.logsumexp_axis(1, false), Tensor::from([NEG_INFINITY, 0.0, INFINITY]));
    let tape = Tape::new();
    let x = tape.tensor(&rows);
    assert_eq!(x.logsumexp_axis(1, false).backward_with([1.0; 3]).wrt(x), shares);
    assert_eq!(x.softmax(1).backward_with(Tensor::ones([3, 2])).wrt(x), Tensor::zeros([3, 2]));
    assert!(Tensor::from([1.0, NAN]).softmax(0).iter().all(|x| x.is_nan()));
}

#[test]
fn the_norm_neither_overflows_nor_underflows() {
    let norm = |x: [f64; 2]| Tensor::from(x).norm().item();
    approx::assert_relative_eq!(norm([3e200, -4e200]), 5e200, max_relative = 1e-15);
    approx::assert_relative_eq!(norm([3e-200, 4e-200]), 5e-200, max_relative = 1e-15);
    assert_eq!(norm([5e-324, 0.0]), 5e-324);
    assert_eq!((norm([NEG_INFINITY, 1.0]), norm([0.0, -0.0])), (INFINITY, 0.0));
    assert!(norm([NAN, 1.0]).is_nan());
    assert_eq!(Tensor::from([3e30f32, 4e30]).norm().item(), 5e30);
    let tape = Tape::new();
    let (large, zero) = (tape.tensor([3e200, 4e200]), tape.tensor([0.0, 0.0]));
    approx::assert_relative_eq!(large.norm().backward().wrt(large), Tensor::from([0.6, 0.8]), epsilon = 1e-15);
    assert_eq!(zero.norm().backward().wrt(zero), Tensor::zeros([2]));
}

/// The largest relative error of numbers that should all be `n` times the `f32` 0.1.
fn error(sums: &Tensor<f32>, n: usize) -> f64 {
    let exact = f64::from(0.1f32) * n as f64;
    sums.iter().map(|sum| (f64::from(*sum) / exact - 1.0).abs()).fold(0.0, f64::max)
}

#[test]
fn the_gradient_of_what_is_broadcast_is_summed_in_halves() {
    const ROWS: usize = 1 << 20;
    let tape = Tape::<f32>::new();
    for (x, b) in [([ROWS, 2], [1, 2]), ([2, ROWS], [2, 1])] {
        let b = tape.tensor(Tensor::<f32>::zeros(b));
        let y = tape.constant(Tensor::<f32>::zeros(x)) + b;
        let once = y.backward_with(Tensor::<f32>::full(x, 0.1)).wrt(b);
        // Added to what other uses give.
        let twice = (y + b.exp() * 0.1).backward_with(Tensor::<f32>::full(x, 0.1)).wrt(b);
        assert!(error(&once, ROWS) < 5e-6 && error(&(twice / 1.1f32), ROWS) < 5e-6, "{x:?}");
    }
    let layer = Dense::<f32>::new(1, 2, &mut Rng::new(1));
    let x = tape.constant(Tensor::<f32>::ones([ROWS, 1]));
    let gradients = layer.forward(x).backward_with(Tensor::<f32>::full([ROWS, 2], 0.1));
    assert!(error(&gradients.wrt(&layer.bias), ROWS) < 5e-6);
    assert!(error(&gradients.wrt(&layer.weight), ROWS) < 5e-5);
}
