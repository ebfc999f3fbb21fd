//! Losses against their formulas, their gradients against differences, and their edges.

use super::*;
use crate::{Scalar, Tape, Tensor, TensorVar, data::Target, nn::Param};

type Loss = for<'t> fn(TensorVar<'t, f64>, &Target<f64>) -> TensorVar<'t, f64>;

/// The loss, and whether its gradient is what central differences say; the second derivative is checked by differences
/// of the first.
fn assert_gradient(name: &str, loss: impl for<'t> Fn(TensorVar<'t, f64>) -> TensorVar<'t, f64>, x: &Tensor<f64>) {
    let value = |x: &Tensor<f64>| loss(Tape::new().tensor(x)).item();
    let gradient = |x: &Tensor<f64>| {
        let tape = Tape::new();
        let x = tape.tensor(x);
        loss(x).backward().wrt(x)
    };
    let directional = |x: &Tensor<f64>, v: &Tensor<f64>| {
        let tape = Tape::new();
        let x = tape.tensor(x);
        let gradient = tape.gradient(loss(x), &[x])[0];
        assert_eq!(gradient.shape(), x.shape(), "{name}");
        let along = (gradient * v).sum();
        if along.needs_gradient() { along.backward().wrt(x) } else { Tensor::zeros(x.shape()) }
    };
    let v = Tensor::from_vec((0..x.len()).map(|i| 0.7 - 0.4 * i as f64).collect(), x.shape()).expect("as many");
    let (here, second) = (gradient(x), directional(x, &v));
    let step = 1e-5;
    for i in 0..x.len() {
        let at = |h: f64| {
            let mut x = x.clone();
            x.as_mut_slice()[i] += h;
            x
        };
        let numeric = (value(&at(step)) - value(&at(-step))) / (2.0 * step);
        let analytic = here.as_slice()[i];
        assert!((numeric - analytic).abs() < 1e-8 * (1.0 + analytic.abs()), "{name} {i}: {numeric} and {analytic}");
        let along = |x: &Tensor<f64>| (gradient(x) * &v).sum().item();
        let numeric = (along(&at(step)) - along(&at(-step))) / (2.0 * step);
        let analytic = second.as_slice()[i];
        assert!((numeric - analytic).abs() < 1e-7 * (1.0 + analytic.abs()), "{name} {i}: {numeric} and {analytic}");
    }
}

/// A loss of numbers by its formula for one element.
fn assert_numbers(name: &str, loss: Loss, targets: [f64; 4], formula: impl Fn(f64, f64) -> f64, y: [f64; 4]) {
    let target = Target::Values(Tensor::from(targets));
    let expected = y.iter().zip(targets).map(|(y, t)| formula(*y, t)).sum::<f64>() / 4.0;
    let tape = Tape::new();
    let got = loss(tape.tensor(y), &target);
    assert_eq!(got.shape(), [0usize; 0], "{name}");
    assert!((got.item() - expected).abs() < 1e-14, "{name}: {} and {expected}", got.item());
    assert_gradient(name, |x| loss(x, &target), &Tensor::from(y));
}

#[test]
fn losses_of_numbers_are_means_of_their_formulas() {
    let (y, t) = ([0.5, -1.25, 2.0, 0.1], [1.5, -1.0, -2.5, 0.3]);
    assert_numbers("mse", |y, t| mse(y, t), t, |y, t| (y - t) * (y - t), y);
    assert_numbers("mae", |y, t| mae(y, t), t, |y, t| (y - t).abs(), y);
    let pieces = |y: f64, t: f64| {
        let d = (y - t).abs();
        if d <= 0.8 { d * d / 2.0 } else { 0.8 * (d - 0.4) }
    };
    assert_numbers("huber", |y, t| huber(y, t, 0.8), t, pieces, y);
    assert_numbers("hinge", |y, t| hinge(y, t), [1.0, -1.0, 1.0, -1.0], |y, t| (1.0 - t * y).max(0.0), y);
    let entropy = |p: f64, t: f64| -t * p.ln() - (1.0 - t) * (1.0 - p).ln();
    assert_numbers("bce", |y, t| bce(y, t), [1.0, 0.0, 0.25, 0.5], entropy, [0.3, 0.6, 0.9, 0.5]);
    let from_logits = |x: f64, t: f64| entropy(1.0 / (1.0 + (-x).exp()), t);
    assert_numbers("bce_with_logits", |y, t| bce_with_logits(y, t), [1.0, 0.0, 0.25, 0.5], from_logits, y);
    assert_numbers("bce of a sigmoid", |y, t| bce(y.sigmoid(), t), [1.0, 0.0, 0.25, 0.5], from_logits, y);
}

fn logits() -> Tensor<f64> {
    [[0.5, -1.0, 2.0], [1.5, 0.25, -0.75]].into()
}

#[test]
fn losses_of_classes_are_means_over_rows_of_their_formulas() {
    let x = logits();
    let l = x.log_softmax(-1);
    let soft = Tensor::<f64>::from([[0.0, 1.0, 0.0], [0.25, 0.75, 0.0]]);
    let at = |i: usize, j: usize| l.as_slice()[3 * i + j];
    let hard = -(at(0, 1) + at(1, 0)) / 2.0;
    let mixed = -(at(0, 1) + 0.25 * at(1, 0) + 0.75 * at(1, 1)) / 2.0;
    let entropy = -(0.25 * 0.25f64.ln() + 0.75 * 0.75f64.ln()) / 2.0;
    let classes = Target::Classes(vec![1, 0]);
    let values = Target::Values(soft);
    let cases: [(&str, Loss, f64, f64); 5] = [
        ("softmax_cross_entropy", |x, t| softmax_cross_entropy(x, t), hard, mixed),
        ("cross_entropy of a softmax", |x, t| cross_entropy(x.softmax(-1), t), hard, mixed),
        ("cross_entropy", |x, t| cross_entropy(x.softmax(-1) * 1.0, t), hard, mixed),
        ("nll", |x, t| nll(x.log_softmax(1), t), hard, mixed),
        ("kl_div", |x, t| kl_div(x.log_softmax(1), t), hard, mixed - entropy),
    ];
    for (name, loss, hard, mixed) in cases {
        for (target, expected) in [(&classes, hard), (&values, mixed)] {
            let tape = Tape::new();
            let got = loss(tape.tensor(&x), target).item();
            assert!((got - expected).abs() < 1e-14, "{name}: {got} and {expected}");
            assert_gradient(name, |x| loss(x, target), &x);
        }
    }
}

#[test]
fn every_form_of_target_gives_the_same_loss() {
    let tape = Tape::new();
    let y = tape.constant(logits());
    let expected = softmax_cross_entropy(y, &[1, 0]).item();
    let one_hot = Tensor::<f64>::from([[0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]);
    for loss in [
        softmax_cross_entropy(y, &vec![1, 0]),
        softmax_cross_entropy(y, [1, 0].as_slice()),
        softmax_cross_entropy(y, &Tensor::from([1usize, 0])),
        softmax_cross_entropy(y, &one_hot),
        softmax_cross_entropy(y, &Target::<f64>::Classes(vec![1, 0])),
        softmax_cross_entropy(y, &&Target::Values(one_hot.clone())),
    ] {
        assert!((loss.item() - expected).abs() < 1e-15);
    }
}

#[test]
fn cross_entropy_goes_through_the_logits_of_a_softmax_over_the_last_axis_only() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor([[1000.0, -1000.0], [-1000.0, 1000.0]]);
    let through = cross_entropy(x.softmax(-1), &[1, 1]);
    assert_eq!(through.item(), 1000.0);
    assert_eq!(through.backward().wrt(x), Tensor::from([[0.5, -0.5], [0.0, 0.0]]));
    // Of columns: the probabilities are taken as they are.
    let y = tape.tensor([[1.0, 0.5], [0.0, -0.5]]);
    let p = y.softmax(0);
    let expected = -(p.value().as_slice()[0].ln() + p.value().as_slice()[3].ln()) / 2.0;
    assert!((cross_entropy(p, &[0, 1]).item() - expected).abs() < 1e-15);
}

#[test]
fn cross_entropy_is_the_same_on_an_inference_tape() {
    let (x, large) = (logits(), Tensor::<f64>::from([[1000.0, -1000.0, 0.0]]));
    let on = |tape: Tape<f64>| {
        [cross_entropy(tape.tensor(&x).softmax(-1), &[1, 0]), cross_entropy(tape.tensor(&large).softmax(-1), &[1])]
            .map(|loss| loss.item())
    };
    assert_eq!(on(Tape::inference()), on(Tape::new()));
}

#[test]
fn a_right_class_of_probability_zero_costs_infinity_and_a_wrong_one_nothing() {
    let tape = Tape::<f64>::new();
    let p = tape.tensor([[0.0, 1.0]]);
    assert_eq!(cross_entropy(p, &[0]).item(), f64::INFINITY);
    let right = cross_entropy(p, &[1]);
    assert_eq!(right.item(), 0.0);
    assert_eq!(right.backward().wrt(p), Tensor::from([[0.0, -1.0]]));
    let never = tape.tensor([[f64::NEG_INFINITY, 0.0]]);
    for loss in [nll(never, &[1]), kl_div(never, &[1])] {
        assert_eq!(loss.item(), 0.0);
        assert_eq!(loss.backward().wrt(never), Tensor::from([[0.0, -1.0]]));
    }
    let sure = tape.tensor([0.0, 1.0]);
    assert_eq!(bce(sure, &[0, 1]).item(), 0.0);
    assert_eq!(bce(sure, &[0, 1]).backward().wrt(sure), Tensor::from([0.5, -0.5]));
    assert_eq!(bce(sure, &[1, 1]).item(), f64::INFINITY);
}

#[test]
fn rows_may_have_several_axes_or_none() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor(Tensor::arange(0.0, 12.0, 1.0).reshape([2, 2, 3]));
    let flat = x.reshape([4, 3]);
    let classes = [0, 1, 2, 0];
    let expected = softmax_cross_entropy(flat, &classes).item();
    for loss in [softmax_cross_entropy(x, &classes), nll(x.log_softmax(-1), &classes)] {
        assert!((loss.item() - expected).abs() < 1e-14);
    }
    let soft = Tensor::full([2, 2, 3], 1.0 / 3.0);
    let uniform = softmax_cross_entropy(x, &soft).item();
    assert!((nll(x.log_softmax(-1), &soft).item() - uniform).abs() < 1e-14);
    let row = tape.tensor([0.0, 0.0]);
    assert_eq!(cross_entropy(row.softmax(-1), &[1]).item(), 2f64.ln());
}

#[test]
fn class_numbers_stand_for_themselves_beside_one_number_a_row() {
    let tape = Tape::<f64>::new();
    for shape in [&[3][..], &[3, 1]] {
        let y = tape.tensor(Tensor::full(shape, 0.5));
        assert_eq!(mse(y, &[0, 1, 2]).item(), (0.25 + 0.25 + 2.25) / 3.0);
        assert_eq!(hinge(y, &[0, 1, 1]).item(), (1.5 + 0.5 + 0.5) / 3.0);
        assert!((bce(y, &[0, 1, 1]).item() - 2f64.ln()).abs() < 1e-15);
    }
}

#[test]
fn corners_have_the_stated_slopes() {
    let tape = Tape::<f64>::new();
    let y = tape.tensor([1.0]);
    let one = Tensor::<f64>::from([1.0]);
    assert_eq!(mae(y, &one).backward().wrt(y).item(), 0.0);
    assert_eq!(hinge(y, &one).backward().wrt(y).item(), 0.0);
    assert_eq!(huber(y, &Tensor::<f64>::from([0.5]), 0.5).backward().wrt(y).item(), 0.5);
}

#[test]
fn penalties_sum_over_trained_parameters() {
    let mut model = [Param::new([1.0, -2.0]), Param::new([3.0, 0.0]), Param::new([10.0, 10.0])];
    model[2].freeze(true);
    let tape = Tape::<f64>::new();
    let (absolute, square) = (l1(&tape, &model), l2(&tape, &model));
    assert_eq!((absolute.item(), square.item()), (6.0, 14.0));
    assert_eq!(absolute.backward().wrt(&model[1]), Tensor::from([1.0, 0.0]));
    assert_eq!(square.backward().wrt(&model[0]), Tensor::from([2.0, -4.0]));
    assert_eq!(square.backward().wrt(&model[2]), Tensor::zeros([2]));
    assert_eq!(l2(&tape, &()).item(), 0.0);
}

#[test]
fn targets_that_do_not_fit_are_refused_with_both_shapes() {
    type Wrong = fn(&Tape<f64>);
    let messages: &[(&str, Wrong)] = &[
        ("cross_entropy: [4, 10] and [3]: 3 targets for 4 rows", |tape| {
            cross_entropy(tape.tensor(Tensor::zeros([4, 10])).softmax(-1), &[0, 1, 2]);
        }),
        ("cross_entropy: [1, 10] and [1]: row 0 is of class 12, but there are 10 classes", |tape| {
            cross_entropy(tape.tensor(Tensor::zeros([1, 10])).softmax(-1), &[12]);
        }),
        ("cross_entropy: [1, 10] and [1]: row 0 is of class 12, but there are 10 classes", |tape| {
            cross_entropy(tape.tensor(Tensor::ones([1, 10])), &[12]);
        }),
        (
            "softmax_cross_entropy: [2, 3] and [2, 4]: probabilities as target must have the shape of the output",
            |tape| {
                softmax_cross_entropy(tape.tensor(Tensor::zeros([2, 3])), &Tensor::<f64>::zeros([2, 4]));
            },
        ),
        ("nll: []: takes an output whose last axis holds the classes", |tape| {
            nll(tape.tensor(Tensor::scalar(0.0)), &[0]);
        }),
        ("mse: [4, 1] and [4]: output and target must have the same shape", |tape| {
            mse(tape.tensor(Tensor::zeros([4, 1])), &Tensor::<f64>::zeros([4]));
        }),
        ("mse: [2, 3] and [2]: class numbers stand beside an output of one number for each row", |tape| {
            mse(tape.tensor(Tensor::zeros([2, 3])), &[0, 1]);
        }),
        ("bce: [2]: row 1 is of class 2, but there are 2 classes, 0 and 1", |tape| {
            bce(tape.tensor([0.5, 0.5]), &[0, 2]);
        }),
        ("huber: delta is positive and finite; found 0", |tape| {
            huber(tape.tensor([0.5]), &Tensor::<f64>::zeros([1]), 0.0);
        }),
    ];
    for (expected, wrong) in messages {
        let payload = std::panic::catch_unwind(|| wrong(&Tape::new())).expect_err(expected);
        let message = payload.downcast_ref::<String>().map_or("", |message| message);
        assert_eq!(message, *expected);
    }
}

#[test]
fn single_precision_computes_the_same() {
    fn losses<T: Scalar>() -> Vec<f64> {
        let tape = Tape::<T>::new();
        let numbers = |numbers: &[f64]| tape.tensor(numbers.iter().map(|x| T::lit(*x)).collect::<Vec<T>>());
        let (x, p) = (numbers(&[0.5, -1.0, 2.0]), numbers(&[0.2, 0.3, 0.5]));
        let target = Tensor::from(vec![T::lit(0.0), T::lit(0.25), T::lit(0.75)]);
        let losses = [
            mse(x, &target),
            mae(x, &target),
            huber(x, &target, 1.0),
            hinge(x, &target),
            bce(p, &target),
            bce_with_logits(x, &target),
            cross_entropy(p, &target),
            softmax_cross_entropy(x, &target),
            nll(x, &target),
            kl_div(x, &target),
        ];
        losses.map(|loss| loss.item().real()).into()
    }
    for (single, double) in losses::<f32>().into_iter().zip(losses::<f64>()) {
        assert!((single - double).abs() < 1e-6 * (1.0 + double.abs()), "{single} and {double}");
    }
}
