//! What layers compute, their gradients to second order, and their parameters by name.

use super::*;
use gradtape::gradcheck::GradCheck;
use gradtape::optim::{Optimizer, Sgd};

#[test]
fn the_forward_pass_is_the_formula() {
    let rng = &mut Rng::new(7);
    let mut gate = Gate::<f64>::new(3, rng);
    gate.bias.set([0.1, -0.2, 0.3]).unwrap();
    let x = Tensor::randn([5, 3], rng);
    let (w, b) = (gate.weight.value(), gate.bias.value());
    let expected = &x * (x.matmul(&w) + &b).sigmoid();
    let tape = Tape::new();
    assert_eq!(gate.forward(tape.constant(&x)).value(), expected);
    assert_eq!(Layer::forward(&gate, tape.constant(&x)).value(), expected);
    assert_eq!(gate.features, 3);
    // Drawn as said: Xavier's bound for [3, 3] is 1.
    assert!(w.iter().all(|w| w.abs() <= 1.0) && w.iter().any(|w| *w != 0.0));
}

/// The derivatives of s(x) = x σ(x w + b) for numbers, by hand.
#[test]
fn gradients_of_first_and_second_order_are_those_of_the_formula() {
    let mut gate = Gate::<f64>::new(1, &mut Rng::new(7));
    let (x, w, b) = (0.7, -1.3, 0.4);
    gate.weight.set([[w]]).unwrap();
    gate.bias.set([b]).unwrap();
    let tape = Tape::new();
    let input = tape.tensor([[x]]);
    let y = gate.forward(input).sum();
    let gradients = y.backward();
    let s = 1.0 / (1.0 + f64::exp(-(x * w + b)));
    let (ds, dds) = (s * (1.0 - s), s * (1.0 - s) * (1.0 - 2.0 * s));
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-14, "{a} and {b}");
    close(gradients.wrt(input).item(), s + x * w * ds);
    close(gradients.wrt(&gate.weight).item(), x * x * ds);
    close(gradients.wrt(&gate.bias).item(), x * ds);
    let recorded = tape.gradient(y, &[input])[0].sum().backward();
    close(recorded.wrt(input).item(), 2.0 * w * ds + x * w * w * dds);
    close(recorded.wrt(&gate.weight).item(), 2.0 * x * ds + x * x * w * dds);
    close(recorded.wrt(&gate.bias).item(), ds + x * w * dds);
}

#[test]
fn layers_and_networks_of_them_pass_the_gradient_check_to_second_order() {
    let rng = &mut Rng::new(3);
    let x = Tensor::<f32>::randn([4, 3], rng);
    let check = GradCheck::new().order(2);
    let report = check.check_model(&Gate::<f32>::new(3, rng), &x, |y| y.square().mean()).unwrap();
    assert_eq!(report.orders.len(), 2);
    assert_eq!(report.orders[0].elements, 9 + 3 + 12);
    let nested = Nested::<f32>::new(3, rng);
    // `shift` is a buffer: it is not varied.
    let report = check.check_model(&nested, &x, |y| y.square().mean()).unwrap();
    assert_eq!(report.orders[0].elements, nested.parameter_count() + 12);
    check.clone().training(5).check_model(&nested, &x, |y| y.tanh().sum()).unwrap();
    check.check_model(&Net::new(rng), &x, |y| y.square().mean()).unwrap();
    check.check_model(&Scaled::<f32>::new(3.0, rng), &x, |y| y.sin()).unwrap();
}

#[test]
fn parameters_are_named_through_networks_layers_and_layers_inside() {
    let net = Net::new(&mut Rng::new(7));
    let nested = [
        "down.weight",
        "down.bias",
        "gates.0.weight",
        "gates.0.bias",
        "gates.1.weight",
        "gates.1.bias",
        "optional.weight",
        "optional.bias",
        "up",
        "scale",
    ];
    let within = |name: &str| nested.map(|step| format!("{name}.{step}")).to_vec();
    let mut expected: Vec<String> = ["input.weight", "input.bias", "gate.weight", "gate.bias"].map(String::from).into();
    expected.extend(within("nested"));
    expected.extend(within("nested1"));
    expected.extend(["output.weight", "output.bias"].map(String::from));
    assert_eq!(names(&net), expected);
    let buffers: Vec<String> = net.named_buffers().into_iter().map(|(name, _)| name).collect();
    assert_eq!(buffers, ["nested.shift", "nested1.shift"]);
}

#[test]
fn buffers_take_part_and_are_not_trained() {
    let rng = &mut Rng::new(7);
    let mut nested = Nested::<f64>::options().hidden(2).init(3, rng);
    assert!(nested.optional.is_none());
    assert_eq!(nested.shift.value(), Tensor::ones([1, 3]));
    let x = Tensor::randn([4, 3], rng);
    let forward = |nested: &Nested<f64>| nested.forward(Tape::new().constant(&x)).value();
    let before = forward(&nested);
    nested.shift.set([[2.0, 2.0, 2.0]]).unwrap();
    let difference = forward(&nested) - &before;
    assert!(difference.iter().all(|d| (d - 1.0).abs() < 1e-12));
    let weights = nested.clone();
    let tape = Tape::new();
    let gradients = nested.forward(tape.constant(&x)).square().mean().backward();
    Sgd::new(0.5).step(&mut nested, &gradients);
    assert_ne!(nested.up.value(), weights.up.value());
    assert_ne!(nested.gates[1].weight.value(), weights.gates[1].weight.value());
    assert_eq!(nested.shift.value(), weights.shift.value());
}

#[test]
fn arguments_with_a_default_are_given_by_name() {
    let rng = &mut Rng::new(7);
    let plain = Nested::<f32>::new(4, rng);
    assert_eq!((plain.features, plain.hidden, plain.slope, plain.negate), (4, 8, 0.1, false));
    assert_eq!(plain.up.shape(), [8, 4]);
    assert_eq!(plain.scale.value().item(), 0.1);
    let set = Nested::<f32>::options().slope(0.3).hidden(3).negate(true).init(4, rng);
    assert_eq!((set.features, set.hidden, set.slope, set.negate), (4, 3, 0.3, true));
    assert_eq!(set.up.shape(), [3, 4]);
    let net = Net::new(rng);
    assert_eq!((net.nested.hidden, net.nested.slope), (3, 0.3));
    assert_eq!((net.nested1.hidden, net.nested1.slope), (8, 0.1));
}

#[test]
fn a_layer_shows_itself_as_it_is_written_in_a_network() {
    let rng = &mut Rng::new(7);
    assert_eq!(Gate::<f32>::new(128, rng).to_string(), "Gate(128)");
    let nested = Nested::<f64>::options().hidden(3).init(4, rng);
    assert_eq!(nested.to_string(), "Nested(4, hidden = 3, slope = 0.1, negate = false)");
    assert_eq!(Scaled::<f32>::new(0.5, rng).to_string(), "Scaled(0.5)");
    assert_eq!(Identity::<f32>::new(rng).to_string(), "Identity");
    let text = format!("{:?}", Gate::<f32>::new(2, rng));
    assert!(text.starts_with("Gate { features: 2, weight: Param"), "{text}");
    let text = Net::new(rng).to_string();
    for line in ["Gate(4)", "Nested(4, hidden = 3, slope = 0.3)", "Scaled(0.5)", "Identity"] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn a_layer_is_converted_with_everything_in_it() {
    let rng = &mut Rng::new(7);
    let single: Nested = Nested::options().negate(true).init(3, rng);
    let double: Nested<f64> = Module::<f32>::convert(&single);
    assert_eq!((double.features, double.hidden, double.slope, double.negate), (3, 6, 0.1, true));
    assert_eq!(names(&double), names(&single));
    assert!(double.shift.is_buffer());
    let x = Tensor::<f64>::randn([2, 3], rng);
    let x32 = Tensor::from_vec(x.iter().map(|x| *x as f32).collect(), [2, 3]).unwrap();
    let (one, other) = (Tape::new(), Tape::new());
    let (a, b) = (single.forward(one.constant(x32)).value(), double.forward(other.constant(x)).value());
    assert!(a.iter().zip(b.iter()).all(|(a, b)| (f64::from(*a) - b).abs() < 1e-5), "{a} and {b}");
    // A clone is made of parameters of its own.
    let copy = double.clone();
    let tape = Tape::new();
    let gradients = copy.forward(tape.constant(Tensor::ones([2, 3]))).sum().backward();
    assert_eq!(gradients.wrt(&double.up), Tensor::zeros([6, 3]));
    assert!(gradients.wrt(&copy.up).iter().any(|g| *g != 0.0));
}

#[test]
fn dropout_inside_follows_the_tape() {
    let layer = Nested::<f64>::options().hidden(50).init(3, &mut Rng::new(7));
    let x = Tensor::ones([2, 3]);
    let (plain, training) = (Tape::new(), Tape::training(1));
    assert_ne!(layer.forward(plain.constant(&x)).value(), layer.forward(training.constant(&x)).value());
}

layer! {
    /// Attends from one tensor to another, where a mask allows it.
    pub(crate) struct Attend(features: usize) {
        query: [features, features] = xavier_uniform,
        key: [features, features] = xavier_uniform,
    }
    forward(x, context, mask: &Tensor<bool>) {
        let scores = x.matmul(query).matmul(context.matmul(key).t()) / (features as f64).sqrt();
        scores.masked_fill(mask, -1e9).softmax(-1).matmul(context)
    }

    /// One step of a recurrence, with two results.
    #[derive(Clone)]
    pub(crate) struct Cell(inputs: usize, hidden: usize) {
        input: Dense<T> = Dense::new(inputs, hidden, rng),
        recurrent: Dense<T> = Dense::new(hidden, hidden, rng).without_bias(),
    }
    forward(x, mut state) -> (TensorVar<'t, T>, TensorVar<'t, T>) {
        let proposal = (input.forward(x) + recurrent.forward(state)).tanh();
        state = 0.5 * state + 0.5 * proposal;
        (state.square(), state)
    }
}

#[test]
fn several_inputs_and_results() {
    let rng = &mut Rng::new(7);
    let attend = Attend::<f64>::new(4, rng);
    let (x, context) = (Tensor::randn([2, 4], rng), Tensor::randn([3, 4], rng));
    let mask = Tensor::from([[false, false, true], [true, false, false]]);
    GradCheck::new().order(2).check(|v| attend.forward(v[0], v[1], &mask), &[x.clone(), context.clone()]).unwrap();
    let tape = Tape::new();
    let gradients = attend.forward(tape.constant(&x), tape.constant(&context), &mask).square().sum().backward();
    assert!(gradients.wrt(&attend.query).iter().any(|g| *g != 0.0));

    let cell = Cell::<f64>::new(3, 2, rng);
    let tape = Tape::new();
    let x = tape.tensor(Tensor::randn([1, 3], rng));
    let mut state = tape.constant(Tensor::zeros([1, 2]));
    for _ in 0..3 {
        (_, state) = cell.forward(x, state);
    }
    assert_eq!(state.sum().backward().wrt(&cell.recurrent.weight).shape(), [2, 2]);
    assert_eq!(names(&cell), ["input.weight", "input.bias", "recurrent.weight"]);
}

#[test]
fn a_layer_is_shared_by_threads() {
    fn is_shared<L: Send + Sync + Clone>(_: &L) {}
    let rng = &mut Rng::new(7);
    let nested = Nested::<f32>::new(3, rng);
    is_shared(&nested);
    is_shared(&Net::new(rng));
    let x = Tensor::randn([4, 3], rng);
    let gradient = || {
        let tape = Tape::new();
        nested.forward(tape.constant(&x)).square().sum().backward().wrt(&nested.up)
    };
    let here = gradient();
    let there = std::thread::scope(|scope| scope.spawn(gradient).join().expect("the thread has not panicked"));
    assert_eq!(here, there);
}

#[test]
fn layers_are_values_of_the_trait() {
    let rng = &mut Rng::new(7);
    let list: Vec<Box<dyn Layer<f64> + Send + Sync>> =
        vec![Box::new(Gate::new(3, rng)), Box::new(Scaled::new(2.0, rng)), Box::new(Identity::new(rng))];
    let tape = Tape::new();
    assert_eq!(list.forward(tape.constant(Tensor::ones([2, 3]))).shape(), [2, 3]);
    let any: &mut dyn gradtape::rand::Rng = rng;
    assert_eq!(Gate::<f32>::new(3, any).weight.shape(), [3, 3]);
}

#[test]
fn a_layer_that_is_trained_alone_learns() {
    let rng = &mut Rng::new(7);
    let mut gate = Gate::<f64>::new(2, rng);
    let x = Tensor::randn([64, 2], rng);
    // Lets the first feature through and stops the second.
    let target = &x * Tensor::from([1.0, 0.0]);
    let mut optimizer = Adam::new(0.05);
    let mut tape = Tape::new();
    let mut losses = Vec::new();
    for _ in 0..200 {
        tape.reset();
        let loss = loss::mse(gate.forward(tape.constant(&x)), &target);
        losses.push(loss.item());
        let gradients = loss.backward();
        optimizer.step(&mut gate, &gradients);
    }
    assert!(losses[199] < 0.01 * losses[0], "{} and {}", losses[0], losses[199]);
    assert!(gate.bias.value().as_slice()[0] > 1.0 && gate.bias.value().as_slice()[1] < -1.0);
}
