//! Steps of the optimizers against their formulas, computed by hand on plain numbers.

use super::{Adam, Optimizer, Sgd};
use crate::{Gradients, Scalar, Tape, Tensor, nn::Param};

/// The gradients 2 a w of a w² for each number: enough to tell the terms of a formula apart.
fn gradients<T: Scalar>(weight: &Param<T>, a: f64) -> Gradients<T> {
    let tape = Tape::new();
    let a = tape.constant(Tensor::scalar(T::lit(a)));
    (tape.param(weight).square() * a).sum().backward()
}

fn values(weight: &Param<f64>) -> [f64; 2] {
    [0, 1].map(|i| weight.value().as_slice()[i])
}

/// Takes steps on two numbers and compares each with `by_hand(w, gradient)`, which is called for each number in turn.
fn assert_steps(mut optimizer: impl Optimizer<f64>, by_hand: [&mut dyn FnMut(f64, f64) -> f64; 2]) {
    let mut weight = Param::new([1.0, -0.5]);
    let mut expected = values(&weight);
    for step in 0..5 {
        let a = [0.5, 1.0, -0.3, 2.0, 0.0][step];
        let gradients = gradients(&weight, a);
        optimizer.step(&mut weight, &gradients);
        for i in 0..2 {
            expected[i] = by_hand[i](expected[i], 2.0 * a * expected[i]);
        }
        for (got, expected) in values(&weight).into_iter().zip(expected) {
            assert!((got - expected).abs() <= 1e-14 * expected.abs(), "step {step}: {got} and {expected}");
        }
    }
}

#[test]
fn plain_descent_goes_against_the_gradient() {
    let rule = |w: f64, g: f64| w - 0.1 * g;
    assert_steps(Sgd::new(0.1), [&mut { rule }, &mut { rule }]);
    // 1 - 0.1 * 2 * 0.5 and so on, as numbers.
    let mut weight = Param::<f64>::new([1.0]);
    let mut optimizer = Sgd::new(0.1);
    for expected in [0.9, 0.81, 0.729] {
        let gradients = gradients(&weight, 0.5);
        optimizer.step(&mut weight, &gradients);
        assert!((weight.value().item() - expected).abs() < 1e-15);
    }
}

#[test]
fn decay_adds_the_weight_to_its_gradient() {
    let rule = |w: f64, g: f64| w - 0.1 * (g + 0.05 * w);
    assert_steps(Sgd::new(0.1).weight_decay(0.05), [&mut { rule }, &mut { rule }]);
}

#[test]
fn momentum_keeps_a_share_of_the_velocity() {
    let rule = || {
        let mut v = 0.0;
        move |w: f64, g: f64| {
            v = 0.9 * v + (g + 0.05 * w);
            w - 0.1 * v
        }
    };
    assert_steps(Sgd::new(0.1).momentum(0.9).weight_decay(0.05), [&mut rule(), &mut rule()]);
}

#[test]
fn nesterov_goes_on_by_the_next_velocity() {
    let rule = || {
        let mut v = 0.0;
        move |w: f64, g: f64| {
            let g = g + 0.05 * w;
            v = 0.9 * v + g;
            w - 0.1 * (g + 0.9 * v)
        }
    };
    assert_steps(Sgd::new(0.1).nesterov().momentum(0.9).weight_decay(0.05), [&mut rule(), &mut rule()]);
}

#[test]
fn adam_takes_the_bias_out_of_its_means() {
    let rule = || {
        let (mut m, mut v, mut t) = (0.0, 0.0, 0);
        move |w: f64, g: f64| {
            let g = g + 0.05 * w;
            t += 1;
            m = 0.8 * m + (1.0 - 0.8) * g;
            v = 0.95 * v + (1.0 - 0.95) * g * g;
            let (m_hat, v_hat) = (m / (1.0 - 0.8f64.powi(t)), v / (1.0 - 0.95f64.powi(t)));
            w - 0.01 * m_hat / (v_hat.sqrt() + 1e-3)
        }
    };
    let adam = Adam::new(0.01).betas(0.8, 0.95).eps(1e-3).weight_decay(0.05);
    assert_steps(adam, [&mut rule(), &mut rule()]);
}

#[test]
fn adams_usual_values_are_those_of_the_paper() {
    // From PyTorch's formulas: after one step from 1 with gradient 1, and a second with gradient 0.
    let mut weight = Param::<f64>::new([1.0]);
    let mut adam = Adam::new(1e-3);
    let first = gradients(&weight, 0.5);
    adam.step(&mut weight, &first);
    assert!((weight.value().item() - (1.0 - 1e-3 / (1.0 + 1e-8))).abs() < 1e-15);
    let before = weight.value().item();
    let second = gradients(&weight, 0.0);
    adam.step(&mut weight, &second);
    let (m_hat, v_hat) = (0.9 * 0.1 / (1.0 - 0.9 * 0.9), 0.999 * 0.001 / (1.0f64 - 0.999 * 0.999));
    let expected = before - 1e-3 * m_hat / (v_hat.sqrt() + 1e-8);
    assert!((weight.value().item() - expected).abs() < 1e-12);
}

#[test]
fn single_precision_and_dual_numbers_take_the_same_steps() {
    fn after<T: Scalar>() -> f64 {
        let mut weight = Param::<T>::new(Tensor::full([3], T::lit(1.0)));
        let (mut sgd, mut adam) = (Sgd::new(0.1).momentum(0.9), Adam::new(0.1));
        for _ in 0..3 {
            let a = gradients(&weight, 0.5);
            sgd.step(&mut weight, &a);
            let b = gradients(&weight, 0.5);
            adam.step(&mut weight, &b);
        }
        weight.value().as_slice()[2].real()
    }
    let double = after::<f64>();
    assert_eq!(after::<crate::Dual<f64>>(), double);
    assert!((after::<f32>() - double).abs() < 1e-6);
    assert!(double < 0.5);
}

#[test]
fn a_step_is_the_same_while_a_clone_of_the_weight_is_alive_and_the_clone_stays() {
    for momentum in [0.0, 0.9] {
        let run = |hold: bool| {
            let mut weight = Param::new([1.0, -0.5]);
            let mut optimizer = Sgd::new(0.1).momentum(momentum);
            let before = weight.value();
            let held = hold.then(|| before.clone());
            drop(before);
            let gradients = gradients(&weight, 1.0);
            optimizer.step(&mut weight, &gradients);
            (weight.value(), held)
        };
        let (alone, _) = run(false);
        let (shared, held) = run(true);
        assert_eq!(alone, shared);
        assert_eq!(held, Some(Tensor::from([1.0, -0.5])));
    }
}

#[test]
fn a_weight_that_nobody_else_holds_is_changed_in_place() {
    let mut weight = Param::new(Tensor::<f32>::ones([1000]));
    let mut optimizer = Adam::new(0.1);
    let gradients = gradients(&weight, 1.0);
    let address = weight.value().as_slice().as_ptr();
    optimizer.step(&mut weight, &gradients);
    assert_eq!(weight.value().as_slice().as_ptr(), address);
}

#[test]
fn frozen_parameters_buffers_and_what_the_loss_did_not_reach_stay() {
    let mut layers = [(); 2].map(|()| [Param::new([1.0, 2.0]), Param::new([3.0, 4.0]), Param::buffer([5.0, 6.0])]);
    layers[0][1].freeze(true);
    let before = layers.clone().map(|layer| layer.map(|param| param.value()));
    let mut optimizer = Sgd::new(0.1).momentum(0.9).weight_decay(0.1);
    for _ in 0..2 {
        let tape = Tape::new();
        let [weight, frozen, buffer] = layers[0].each_ref().map(|param| tape.param(param));
        let unreached = tape.param(&layers[1][0]);
        assert_eq!(unreached.shape(), [2]);
        let loss = (weight * frozen * buffer).sum();
        optimizer.step(&mut layers, &loss.backward());
    }
    let after = layers.map(|layer| layer.map(|param| param.value()));
    assert_ne!(after[0][0], before[0][0]);
    assert_eq!(after[0][1..], before[0][1..]);
    assert_eq!(after[1], before[1]);
}

#[test]
fn velocities_stay_with_their_parameters_when_layers_move() {
    let step = |optimizer: &mut Sgd<f64>, params: &mut Vec<Param<f64>>, a: f64| {
        let tape = Tape::new();
        let a = tape.constant([a]);
        let losses: Vec<_> = params.iter().map(|param| (tape.param(param) * a).sum()).collect();
        let loss = losses.into_iter().reduce(|a, b| a + b).expect("there are parameters");
        optimizer.step(params, &loss.backward());
    };
    let mut optimizer = Sgd::new(1.0).momentum(0.5);
    let mut params = vec![Param::new([0.0])];
    step(&mut optimizer, &mut params, 8.0);
    // Another parameter before it, of the same shape: the first one's velocity is still its own.
    params.insert(0, Param::new([0.0]));
    step(&mut optimizer, &mut params, 0.0);
    assert_eq!(params.iter().map(|param| param.value().item()).collect::<Vec<_>>(), [0.0, -8.0 - 4.0]);
}

#[test]
fn a_learning_rate_can_be_changed_between_steps() {
    let mut optimizer = Sgd::<f64>::new(0.1);
    optimizer.set_learning_rate(0.5);
    assert_eq!(optimizer.learning_rate(), 0.5);
    let mut weight = Param::<f64>::new([1.0]);
    let gradients = gradients(&weight, 0.5);
    optimizer.step(&mut weight, &gradients);
    assert_eq!(weight.value().item(), 0.5);
}

#[test]
#[should_panic(expected = "Adam: the second beta is from 0 up to, not including, 1; found 1")]
fn a_mean_that_never_changes_is_refused() {
    let _ = Adam::<f64>::new(0.1).betas(0.9, 1.0);
}

#[test]
#[should_panic(expected = "Sgd: a learning rate is at least 0 and finite; found NaN")]
fn a_learning_rate_that_is_no_number_is_refused() {
    let _ = Sgd::<f64>::new(f64::NAN);
}
