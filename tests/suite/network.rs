//! Layers and networks: what they compute, their gradients, their parameters by name, and what their mistakes look
//! like.

use gradtape::nn::{Activation, Dense, Dropout, Layer, Module, Param, Path, init};
use gradtape::{Rng, Scalar, Tape, Tensor, TensorVar, network};
use std::cell::RefCell;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

network! {
    /// 784 pixels in, ten class probabilities out.
    pub struct Digits { hidden: dense(784, 128, relu), output: dense(128, 10, softmax) }
}

fn assert_close(a: &Tensor<f64>, b: &Tensor<f64>, what: &str) {
    assert_eq!(a.shape(), b.shape(), "{what}");
    for (x, y) in a.iter().zip(b.iter()) {
        assert!((x - y).abs() <= 1e-11 * (1.0 + x.abs().max(y.abs())), "{what}: {x} and {y}");
    }
}

/// The message of a panic, and the line of this file that it names.
fn panic_of(f: impl FnOnce()) -> (String, u32) {
    thread_local!(static SEEN: RefCell<Option<(String, u32)>> = const { RefCell::new(None) });
    static HOOK: Once = Once::new();
    HOOK.call_once(|| {
        std::panic::set_hook(Box::new(|info| {
            let payload = info.payload();
            let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
            let message = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
            let here = info.location().filter(|location| location.file() == file!());
            let line = here.map_or(0, |location| location.line());
            SEEN.with(|seen| *seen.borrow_mut() = Some((message, line)));
        }));
    });
    assert!(catch_unwind(AssertUnwindSafe(f)).is_err(), "it should panic");
    SEEN.with(|seen| seen.borrow_mut().take()).expect("the hook has seen the panic")
}

/// A layer with parameters that are not zero anywhere.
fn layer(inputs: usize, outputs: usize, activation: Activation) -> Dense<f64> {
    let rng = &mut Rng::new(11);
    let mut layer = Dense::with_activation(inputs, outputs, activation, rng);
    layer.bias.set(Tensor::randn([outputs], rng)).expect("the shape fits");
    layer
}

/// `f(x)` and the gradients of its weighted sum with respect to x and two parameters.
fn gradients<'t>(
    tape: &'t Tape<f64>,
    x: &Tensor<f64>,
    layer: &Dense<f64>,
    f: impl FnOnce(TensorVar<'t, f64>) -> TensorVar<'t, f64>,
) -> [Tensor<f64>; 4] {
    let x = tape.tensor(x);
    let y = f(x);
    let seed = Tensor::randn(y.shape(), &mut Rng::new(3));
    let gradients = y.backward_with(seed);
    [y.value(), gradients.wrt(x), gradients.wrt(&layer.weight), gradients.wrt(&layer.bias)]
}

#[test]
fn a_dense_layer_is_product_bias_and_activation_on_inputs_of_every_rank() {
    for activation in [Activation::Linear, Activation::Relu, Activation::Tanh] {
        let layer = layer(3, 4, activation);
        for shape in [&[3][..], &[5, 3], &[2, 3, 3], &[0, 3]] {
            let x = Tensor::randn(shape, &mut Rng::new(5));
            let (one, other) = (Tape::new(), Tape::new());
            let fused = gradients(&one, &x, &layer, |x| layer.forward(x));
            let composed = gradients(&other, &x, &layer, |x| {
                let (weight, bias) = (other.param(&layer.weight), other.param(&layer.bias));
                activation.forward(x.matmul(weight) + bias)
            });
            for (fused, composed) in fused.iter().zip(&composed) {
                assert_close(fused, composed, &format!("{activation} {shape:?}"));
            }
        }
    }
}

#[test]
fn a_dense_layer_used_twice_gets_both_gradients() {
    let layer = layer(3, 3, Activation::Relu);
    let x = Tensor::randn([4, 3], &mut Rng::new(5));
    let (one, other) = (Tape::new(), Tape::new());
    let fused = gradients(&one, &x, &layer, |x| layer.forward(layer.forward(x)) + x);
    let composed = gradients(&other, &x, &layer, |x| {
        let (weight, bias) = (other.param(&layer.weight), other.param(&layer.bias));
        ((x.matmul(weight) + bias).relu().matmul(weight) + bias).relu() + x
    });
    for (fused, composed) in fused.iter().zip(&composed) {
        assert_close(fused, composed, "twice");
    }
}

#[test]
fn the_second_derivative_of_a_dense_layer_is_that_of_its_parts() {
    let layer = layer(3, 4, Activation::Relu);
    let x = Tensor::randn([5, 3], &mut Rng::new(5));
    let second = |composed: bool| {
        let tape = Tape::new();
        let x = tape.tensor(&x);
        let (weight, bias) = (tape.param(&layer.weight), tape.param(&layer.bias));
        let y = if composed { (x.matmul(weight) + bias).relu() } else { layer.forward(x) };
        let gradient = tape.gradient((y * y).sum(), &[x, weight, bias]);
        let sum = gradient.into_iter().map(|g| g.powi(3).sum()).reduce(|a, b| a + b).expect("three gradients");
        let gradients = sum.backward();
        [gradients.wrt(x), gradients.wrt(weight), gradients.wrt(bias)]
    };
    for (fused, composed) in second(false).iter().zip(&second(true)) {
        assert_close(fused, composed, "second order");
    }
}

#[test]
fn a_dense_layer_without_bias_has_one_parameter() {
    let layer = layer(3, 4, Activation::Relu).without_bias();
    let names: Vec<String> = layer.named_params().into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["weight"]);
    assert_eq!((layer.bias.shape(), layer.parameter_count()), (&[0][..], 12));
    let x = Tensor::randn([5, 3], &mut Rng::new(5));
    let tape = Tape::new();
    let y = layer.forward(tape.constant(&x));
    assert_close(&y.value(), &x.matmul(layer.weight.value()).relu(), "without bias");
    assert_eq!(y.sum().backward().wrt(&layer.weight).shape(), [3, 4]);
}

#[test]
fn a_width_that_does_not_fit_is_reported_at_the_callers_line() {
    let net = Digits::new(&mut Rng::new(7));
    let tape = Tape::new();
    let x = tape.constant(Tensor::zeros([64, 100]));
    let (message, line) = panic_of(|| _ = net.forward(x));
    assert_eq!(message, "dense: [64, 100] and [784, 128]: the layer expects 784 inputs, but gets 100");
    assert_eq!(line, line!() - 2);
    let x = tape.constant(Tensor::zeros([4, 784]));
    let (message, line) = panic_of(|| _ = gradtape::loss::cross_entropy(net.forward(x), &[0, 1, 2]));
    assert_eq!(message, "cross_entropy: [4, 10] and [3]: 3 targets for 4 rows");
    assert_eq!(line, line!() - 2);
    let x = tape.constant(Tensor::zeros([64, 100]));
    let layers = vec![Dense::new(784, 128, &mut Rng::new(7))];
    let (message, line) = panic_of(|| _ = layers.forward(tape.constant(Tensor::<f32>::scalar(1.0))));
    assert_eq!(message, "dense: [] and [784, 128]: a single number has no axis of features");
    assert_eq!(line, line!() - 2);
    let (message, line) = panic_of(|| _ = layers[0].forward(x));
    assert!(message.ends_with("the layer expects 784 inputs, but gets 100"), "{message}");
    assert_eq!(line, line!() - 2);
}

#[test]
fn the_same_seed_gives_the_same_network_and_another_seed_another() {
    let weights = |seed| Digits::<f64>::init(&mut Rng::new(seed)).params().into_iter().map(Param::value).collect();
    let [a, b, c]: [Vec<Tensor<f64>>; 3] = [7, 7, 8].map(weights);
    assert_eq!(a, b);
    assert_ne!(a, c);
    assert!(a[1].iter().chain(a[3].iter()).all(|bias| *bias == 0.0));
}

#[test]
fn relu_layers_start_from_he_and_others_from_xavier() {
    let variance = |activation| {
        let layer = Dense::<f64>::with_activation(400, 100, activation, &mut Rng::new(7));
        layer.weight.value().square().mean().item()
    };
    assert!((variance(Activation::Relu) * 400.0 / 2.0 - 1.0).abs() < 0.03);
    assert!((variance(Activation::Gelu) * 400.0 / 2.0 - 1.0).abs() < 0.03);
    assert!((variance(Activation::Tanh) * 500.0 / 2.0 - 1.0).abs() < 0.03);
    assert!((variance(Activation::Softmax) * 500.0 / 2.0 - 1.0).abs() < 0.03);
}

#[test]
fn every_activation_is_the_operation_of_its_name() {
    use Activation::*;
    let x = Tensor::randn([3, 4], &mut Rng::new(5));
    let all: [(Activation, Tensor<f64>); 15] = [
        (Linear, x.clone()),
        (Relu, x.relu()),
        (LeakyRelu(0.3), x.leaky_relu(0.3)),
        (Elu(1.5), x.elu(1.5)),
        (Selu, x.selu()),
        (Silu, x.silu()),
        (Mish, x.mish()),
        (Softplus, x.softplus()),
        (Softsign, x.softsign()),
        (Gelu, x.gelu()),
        (GeluTanh, x.gelu_tanh()),
        (Tanh, x.tanh()),
        (Sigmoid, x.sigmoid()),
        (Softmax, x.softmax(-1)),
        (LogSoftmax, x.log_softmax(-1)),
    ];
    let tape = Tape::new();
    for (activation, expected) in all {
        assert_eq!(activation.forward(tape.constant(&x)).value(), expected, "{activation}");
    }
    let names: Vec<String> = [LeakyRelu(0.1), Elu(1.0), GeluTanh, LogSoftmax].map(|a| a.to_string()).into();
    assert_eq!(names, ["leaky_relu(0.1)", "elu(1)", "gelu_tanh", "log_softmax"]);
}

#[test]
fn dropout_keeps_the_mean_and_its_gradient_is_its_mask() {
    let (layer, ones) = (Dropout::new(0.3), Tensor::<f64>::ones([100, 100]));
    let tape = Tape::training(7);
    let x = tape.tensor(&ones);
    let y = layer.forward(x);
    let kept = y.value().iter().filter(|y| **y != 0.0).count();
    assert!((6_800..7_200).contains(&kept), "{kept}");
    assert!(y.value().iter().all(|y| *y == 0.0 || (*y - 1.0 / 0.7).abs() < 1e-15));
    assert_eq!(y.sum().backward().wrt(x), y.value());
    let recorded = tape.gradient((y * y).sum(), &[x])[0];
    assert_close(&recorded.value(), &(y.value() * 2.0 / 0.7), "2 m² x");
    let second = recorded.sum().backward().wrt(x);
    assert_close(&second, &(y.value() * 2.0 / 0.7), "2 m²");
}

#[test]
fn masks_follow_the_seed_and_change_from_draw_to_draw_and_over_a_reset() {
    let (layer, ones) = (Dropout::new(0.5), Tensor::<f32>::ones([200]));
    let masks = |seed| {
        let mut tape = Tape::training(seed);
        let first = layer.forward(tape.constant(&ones)).value();
        let second = layer.forward(tape.constant(&ones)).value();
        tape.reset();
        [first, second, layer.forward(tape.constant(&ones)).value()]
    };
    let [a, b, c] = masks(7);
    assert!(a != b && b != c && a != c);
    assert_eq!(masks(7), [a.clone(), b, c]);
    assert_ne!(masks(8)[0], a);
}

#[test]
fn dropout_is_off_outside_training_and_for_probability_zero() {
    let ones = Tensor::<f64>::ones([50]);
    for tape in [Tape::new(), Tape::inference()] {
        assert_eq!(Dropout::new(0.9).forward(tape.constant(&ones)).value(), ones);
    }
    assert_eq!(Dropout::new(0.0).forward(Tape::training(7).constant(&ones)).value(), ones);
    for p in [1.0, -0.1, f64::NAN] {
        let (message, line) = panic_of(|| _ = Dropout::new(p));
        assert_eq!(line, line!() - 1);
        assert!(message.starts_with("dropout: takes a probability from 0.0 up to, not including, 1.0"), "{message}");
    }
}

/// A module with every kind of container, and a buffer.
struct Block<T> {
    layers: Vec<Dense<T>>,
    gate: Option<Param<T>>,
    none: Option<Box<Dense<T>>>,
    scales: [Param<T>; 2],
    mean: Param<T>,
    activation: Activation,
}

impl<T: Scalar> Module<T> for Block<T> {
    type In<U: Scalar> = Block<U>;

    fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
        self.layers.visit(&path.child("layers"), visitor);
        self.gate.visit(&path.child("gate"), visitor);
        self.none.visit(&path.child("none"), visitor);
        self.scales.visit(&path.child("scales"), visitor);
        self.mean.visit(&path.child("mean"), visitor);
        self.activation.visit(&path.child("activation"), visitor);
    }

    fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
        self.layers.visit_mut(&path.child("layers"), visitor);
        self.gate.visit_mut(&path.child("gate"), visitor);
        self.none.visit_mut(&path.child("none"), visitor);
        self.scales.visit_mut(&path.child("scales"), visitor);
        self.mean.visit_mut(&path.child("mean"), visitor);
        self.activation.visit_mut(&path.child("activation"), visitor);
    }

    fn convert<U: Scalar>(&self) -> Block<U> {
        Block {
            layers: self.layers.convert(),
            gate: Module::<T>::convert(&self.gate),
            none: self.none.convert(),
            scales: Module::<T>::convert(&self.scales),
            mean: self.mean.convert(),
            activation: Module::<T>::convert::<U>(&self.activation),
        }
    }
}

#[test]
fn parameters_and_buffers_of_nested_modules_have_paths() {
    let rng = &mut Rng::new(7);
    let mut block = Block::<f32> {
        layers: vec![Dense::new(2, 3, rng), Dense::new(3, 1, rng).without_bias()],
        gate: Some(Param::new([1.0f32])),
        none: None,
        scales: [Param::new([1.0f32, 2.0]), Param::new([3.0f32])],
        mean: Param::buffer([0.1f32]),
        activation: Activation::Relu,
    };
    block.scales[0].freeze(true);
    let names = |block: &Block<f32>| block.named_params().into_iter().map(|(name, _)| name).collect::<Vec<_>>();
    let expected = ["layers.0.weight", "layers.0.bias", "layers.1.weight", "gate", "scales.0", "scales.1"];
    assert_eq!(names(&block), expected);
    assert_eq!(block.named_buffers()[0].0, "mean");
    assert_eq!((block.params().len(), block.buffers().len(), block.parameter_count()), (6, 1, 6 + 3 + 3 + 1 + 2 + 1));
    let converted = Module::<f32>::convert::<f64>(&block);
    assert_eq!(converted.mean.value().item(), f64::from(0.1f32));
    assert!(converted.mean.is_buffer() && !converted.scales[0].is_trained());
    for param in block.params_mut() {
        let zeros = Tensor::zeros(param.shape());
        param.set(zeros).expect("the shape is its own");
    }
    assert!(block.params().iter().all(|param| param.value().iter().all(|x| *x == 0.0)));
    assert_eq!(block.mean.value().item(), 0.1);
}

#[test]
fn a_list_of_boxed_layers_is_a_layer_and_none_is_the_identity() {
    let rng = &mut Rng::new(7);
    let dense = Dense::<f64>::new(3, 2, rng);
    let tape = Tape::new();
    let x = tape.constant(Tensor::randn([4, 3], rng));
    let list: Vec<Box<dyn Layer<f64> + Send + Sync>> = vec![Box::new(dense.clone()), Box::new(Activation::Tanh)];
    assert_eq!(list.forward(x).value(), dense.forward(x).tanh().value());
    let none: Vec<Dense<f64>> = Vec::new();
    assert_eq!(none.forward(x).value(), x.value());
}

#[test]
fn a_network_is_shared_by_threads_with_equal_gradients() {
    let net = Digits::new(&mut Rng::new(7));
    let x = Tensor::rand([8, 784], &mut Rng::new(1));
    let gradients = || {
        let tape = Tape::new();
        net.forward(tape.constant(&x)).square().sum().backward().wrt(&net.hidden.weight)
    };
    let here = gradients();
    let there: Vec<Tensor<f32>> = std::thread::scope(|scope| {
        let threads = [(); 2].map(|()| scope.spawn(gradients));
        threads.map(|thread| thread.join().expect("the thread has not panicked")).into()
    });
    assert!(there.iter().all(|gradient| *gradient == here));
    assert!(here.iter().any(|g| *g != 0.0));
}

#[test]
fn an_inference_tape_computes_the_same_and_keeps_less() {
    let net =
        network!(dense(50, 400, tanh), dense(400, tanh), dense(400, tanh), dense(3, softmax)).init(&mut Rng::new(7));
    let x = Tensor::rand([64, 50], &mut Rng::new(1));
    let (plain, inference) = (Tape::new(), Tape::inference());
    let expected = net.forward(plain.constant(&x));
    let y = net.forward(inference.constant(&x));
    assert_eq!(y.value(), expected.value());
    let hidden = 64 * 400 * size_of::<f32>();
    assert!(
        inference.memory_bytes() + 2 * hidden < plain.memory_bytes(),
        "{} and {}",
        inference.memory_bytes(),
        plain.memory_bytes()
    );
    // A value behind is computed again where it is asked for.
    assert_eq!(net.dense1.forward(inference.constant(&x)).value(), net.dense1.forward(plain.constant(&x)).value());
}

#[test]
fn the_loss_of_an_inference_tape_does_not_run_the_network_again() {
    let net = network!(dense(50, 400, tanh), dense(400, 3, softmax)).init_as::<f64>(&mut Rng::new(7));
    let x = Tensor::rand([8, 50], &mut Rng::new(1));
    let tape = Tape::inference();
    let y = net.forward(tape.constant(&x));
    let before = tape.memory_bytes();
    let loss = gradtape::loss::cross_entropy(y, &[0, 1, 2, 0, 1, 2, 0, 1]).item();
    // The hidden values, which were dropped, have not come back.
    assert!(tape.memory_bytes() < before + 8 * 400 * size_of::<f64>() / 2);
    let plain = Tape::new();
    let expected = gradtape::loss::cross_entropy(net.forward(plain.constant(&x)), &[0, 1, 2, 0, 1, 2, 0, 1]);
    assert_eq!(loss, expected.item());
}

#[test]
fn a_frozen_parameter_gets_no_gradient_and_does_not_stop_others() {
    let mut net = Digits::new(&mut Rng::new(7));
    net.output.weight.freeze(true);
    let tape = Tape::new();
    let x = tape.constant(Tensor::rand([8, 784], &mut Rng::new(1)));
    let gradients = net.forward(x).square().sum().backward();
    assert_eq!(gradients.wrt(&net.output.weight), Tensor::zeros([128, 10]));
    assert!(gradients.wrt(&net.hidden.weight).iter().any(|g| *g != 0.0));
}

#[test]
fn an_initialisation_of_another_shape_is_refused() {
    let rng = &mut Rng::new(7);
    let transposed = |shape: &[usize], rng: &mut Rng| init::he_normal::<f64, _>(&[shape[1], shape[0]], rng);
    let (message, line) = panic_of(|| _ = Dense::new(2, 3, rng).init_weight(transposed, rng));
    assert_eq!(message, "dense: [2, 3] and [3, 2]: the initialisation gave a weight of another shape");
    assert_eq!(line, line!() - 2);
}
