//! Networks with layers inside layers: what they compute, their gradients, names and summaries, and mistakes that only
//! show when they run.

use gradtape::gradcheck::GradCheck;
use gradtape::nn::{Activation, Dense, Flatten, Layer, Module, Residual};
use gradtape::ops::{self, Op};
use gradtape::{Rng, Scalar, Shape, Tape, Tensor, TensorVar, layer, loss, network};
use std::cell::Cell;
use std::panic::{AssertUnwindSafe, Location, catch_unwind};
use std::sync::Mutex;

network! {
    /// Every kind of block, with an image in front.
    struct All {
        input(1, 2, 3),
        flatten,
        carried: residual(dense(4, tanh), dense(6)),
        repeat(3, dense(6, sigmoid)),
        joined: concat(linear, [dense(4, tanh), dense(3)]),
        added: sum([dense(5, softplus), residual(dense(5, tanh))], dense(9, 5)),
        head: dense(2),
    }

    struct Mlp<const H: usize, T = f32> { hidden: dense(2, H, tanh), residual(dense(H, tanh)), output: dense(H, 1) }
}

layer! {
    /// Gives as many features as it is told to; `network!` knows nothing of it.
    struct Cut(features: usize) {}
    forward(x) { x.slice(-1, 0, features, 1) }
}

fn value<T: Scalar>(layer: &impl Layer<T>, x: &Tensor<T>) -> Tensor<T> {
    layer.forward(Tape::new().constant(x)).value()
}

fn assert_close(a: &Tensor<f64>, b: &Tensor<f64>) {
    assert_eq!(a.shape(), b.shape());
    for (x, y) in a.iter().zip(b.iter()) {
        assert!((x - y).abs() <= 1e-12 * (1.0 + x.abs()), "{x} and {y}");
    }
}

/// The message of a panic, and whether it names a place of this file.
fn panic_of(f: impl FnOnce()) -> (String, bool) {
    static SEEN: Mutex<Option<bool>> = Mutex::new(None);
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(|info| {
        let here = info.location().map(Location::file) == Some(file!());
        *SEEN.lock().expect("nothing panics here") = Some(here);
    }));
    let panicked = catch_unwind(AssertUnwindSafe(f));
    std::panic::set_hook(before);
    let payload = panicked.expect_err("it should panic");
    let message = payload.downcast_ref::<String>().cloned().expect("a message with shapes");
    (message, SEEN.lock().expect("nothing panics here").take().expect("the hook has seen the panic"))
}

#[test]
fn blocks_compute_what_their_layers_do() {
    let rng = &mut Rng::new(7);
    let net = All::<f64>::init(rng);
    let images = Tensor::randn([5, 1, 2, 3], rng);
    let x = value(&net.flatten1, &images);
    assert_eq!(x, images.reshape([5, 6]));
    let inner = &net.carried.inner;
    let carried = &x + &value(&inner.dense2, &value(&inner.dense1, &x));
    assert_close(&value(&net.carried, &x), &carried);
    let repeated = net.repeat1.iter().fold(carried.clone(), |x, block| value(&block.dense1, &x));
    assert_close(&value(&net.repeat1, &carried), &repeated);
    let branch = value(&net.joined.branch1.dense2, &value(&net.joined.branch1.dense1, &repeated));
    let joined = Tensor::concat(&[&repeated, &branch], -1);
    let first = value(&net.added.branch1.dense1, &joined);
    let first = &first + &value(&net.added.branch1.residual1.inner.dense1, &first);
    let added = first + value(&net.added.dense1, &joined);
    assert_close(&value(&net, &images), &value(&net.head, &added));
}

#[test]
fn the_gradients_of_blocks_are_right_to_second_order() {
    let rng = &mut Rng::new(7);
    let x = Tensor::<f32>::randn([3, 1, 2, 3], rng);
    let report = GradCheck::new().order(2).check_model(&All::new(rng), &x, |y| y.square().mean()).unwrap();
    assert_eq!(report.orders.len(), 2);
    let net = All::<f64>::init(rng);
    let x = Tensor::<f64>::randn([3, 1, 2, 3], rng);
    let report = GradCheck::new().order(2).check_model(&net, &x, |y| y.tanh().sum()).unwrap();
    assert_eq!(report.orders[0].elements, net.parameter_count() + x.len());
    // By hand: a layer of its own, around any other.
    let by_hand =
        Residual::new(vec![Residual::new(Dense::<f64>::new(3, 3, rng)), Residual::new(Dense::new(3, 3, rng))]);
    let x = Tensor::randn([4, 3], rng);
    GradCheck::new().order(2).check_model(&by_hand, &x, |y| y.square().mean()).unwrap();
    let x = Tensor::<f64>::randn([2, 3, 2], rng);
    GradCheck::new().order(2).check_model(&Flatten, &x, |y| y.square().sum()).unwrap();
    let around = Residual::new(Activation::Gelu);
    GradCheck::new().order(2).check_model(&around, &x, |y| y.square().sum()).unwrap();
    let x = Tensor::<f64>::randn([4, 2], rng);
    GradCheck::new().order(2).check_model(&Mlp::<3, f64>::init(rng), &x, |y| y.square().mean()).unwrap();
}

#[test]
fn the_summary_indents_what_stands_inside() {
    let net = All::new(&mut Rng::new(7));
    let expected = "\
All (f32)
                 layer               output  parameters
  flatten1       flatten             [6]              0
  carried        residual            [6]
    dense1       dense(4, tanh)      [4]             28
    dense2       dense(6)            [6]             30
  repeat1        repeat(3)           [6]
    dense1       dense(6, sigmoid)   [6]         3 × 42
  joined         concat              [9]
    linear1      linear              [6]              0
    branch1      [..]                [3]
      dense1     dense(4, tanh)      [4]             28
      dense2     dense(3)            [3]             15
  added          sum                 [5]
    branch1      [..]                [5]
      dense1     dense(5, softplus)  [5]             50
      residual1  residual            [5]
        dense1   dense(5, tanh)      [5]             30
    dense1       dense(9, 5)         [5]             50
  head           dense(2)            [2]             12
  total                                             369";
    assert_eq!(net.to_string(), expected);
    assert_eq!(net.parameter_count(), 369);
    let mlp = Mlp::<16>::new(&mut Rng::new(7)).to_string();
    assert!(mlp.contains("dense(2, H, tanh)  [16]            48"), "{mlp}");
}

#[test]
fn repeated_layers_are_independent_and_all_are_trained() {
    let rng = &mut Rng::new(7);
    let mut net = All::new(rng);
    assert_ne!(net.repeat1[0].dense1.weight.value(), net.repeat1[1].dense1.weight.value());
    let (x, labels) = (Tensor::randn([8, 1, 2, 3], rng), [0usize, 1, 0, 1, 1, 0, 0, 1]);
    let before: Vec<Tensor<f32>> = net.params().into_iter().map(|param| param.value()).collect();
    let mut optimizer = gradtape::optim::Adam::new(0.02);
    let mut losses = Vec::new();
    for _ in 0..60 {
        let tape = Tape::new();
        let loss = loss::softmax_cross_entropy(net.forward(tape.constant(&x)), &labels);
        losses.push(loss.item());
        gradtape::optim::Optimizer::step(&mut optimizer, &mut net, &loss.backward());
    }
    assert!(losses[59] < 0.5 * losses[0], "{losses:?}");
    assert!(net.params().into_iter().zip(&before).all(|(param, before)| param.value() != *before));
}

thread_local!(static RUNS: Cell<usize> = const { Cell::new(0) });

/// Twice its input; counts how often that is computed.
struct Counted;

impl<T: Scalar> Op<T, 1> for Counted {
    fn name(&self) -> &'static str {
        "counted"
    }
    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        Ok(x.into())
    }
    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        RUNS.set(RUNS.get() + 1);
        x.map(|x| x + x)
    }
    fn pullback<A: ops::Algebra<T>>(&self, _: [A; 1], _: A, g: A, _: [bool; 1]) -> [Option<A>; 1] {
        [Some(g.scale(2.0))]
    }
}

layer! {
    struct Twice {}
    forward(x) { ops::apply(Counted, [x]) }
}

network! {
    struct Nested {
        Twice,
        residual(Twice, residual(Twice, residual(dense(3, 3, tanh)), Twice), Twice),
        concat(residual(Twice), [residual(Twice), Twice]),
        residual(residual(residual(Twice))),
        Twice,
    }
}

#[test]
fn an_inference_tape_keeps_what_is_carried_around_layers_in_layers() {
    let net = Nested::<f64>::init(&mut Rng::new(7));
    // More numbers than a tensor keeps in itself.
    let x = Tensor::randn([50, 3], &mut Rng::new(1));
    let expected = value(&net, &x);
    let tape = Tape::inference();
    // What stands before the network on the tape is as well not computed again.
    let input = ops::apply(Counted, [tape.constant(&x * 0.5)]);
    RUNS.set(0);
    let y = net.forward(input);
    assert_eq!(RUNS.get(), 10);
    assert_eq!(y.value(), expected);
    assert_eq!(input.value(), x);
    assert_eq!(RUNS.get(), 10);
    // By hand, where nothing marks the ends of layers but the lists.
    let twice = || Twice::<f64>::new(&mut Rng::new(7));
    let by_hand = Residual::new(vec![Residual::new(vec![twice(), twice()]), Residual::new(vec![])]);
    assert_close(&by_hand.forward(input).value(), &(&x * 11.0));
    assert_eq!(RUNS.get(), 12);
}

#[test]
fn an_inference_tape_keeps_what_another_branch_made() {
    let net = network!(
        sum([dense(4, 300, tanh), dense(300, tanh)], [residual(dense(4, 300, tanh), dense(4)), dense(300)]),
        dense(300, 300, tanh),
        dense(300, 2)
    )
    .init_as::<f64>(&mut Rng::new(7));
    let x = Tensor::rand([64, 4], &mut Rng::new(1));
    let (plain, inference) = (Tape::new(), Tape::inference());
    let expected = net.forward(plain.constant(&x));
    let y = net.forward(inference.constant(&x));
    assert_eq!(y.value(), expected.value());
    assert!(inference.memory_bytes() + 3 * 64 * 300 * size_of::<f64>() < plain.memory_bytes());
    // What a branch made is there for the sum: asking for it computes nothing anew, so that memory stays as it is.
    let tape = Tape::inference();
    let x = tape.constant(&x);
    let [one, other] = [net.sum1.branch1.forward(x), net.sum1.branch2.forward(x)];
    let before = tape.memory_bytes();
    let _ = (one.value(), other.value());
    assert_eq!(tape.memory_bytes(), before);
}

#[test]
fn shapes_that_only_show_at_run_time_are_reported_at_the_callers_line() {
    let rng = &mut Rng::new(7);
    let tape = Tape::<f64>::new();
    let x = tape.constant(Tensor::ones([2, 4]));
    let net = network!(sum(dense(4, 3), Cut(1))).init_as::<f64>(rng);
    let expected = "sum: [2, 3] and [2, 1]: the branches give different shapes";
    assert_eq!(panic_of(|| _ = net.forward(x)), (expected.to_string(), true));
    let net = network!(residual(dense(4, 4), Cut(1))).init_as::<f64>(rng);
    let expected = "residual: [2, 4] and [2, 1]: the layer inside changes the shape";
    assert_eq!(panic_of(|| _ = net.forward(x)), (expected.to_string(), true));
    let net = network!(concat(linear, [dense(4, 2), flatten], dense(4, 3))).init_as::<f64>(rng);
    let (message, here) = panic_of(|| _ = net.forward(tape.constant(Tensor::ones([2, 5, 4]))));
    assert!(message.starts_with("concat: [2, 5, 4]") && here, "{message}");
    let (message, here) = panic_of(|| _ = Flatten.forward(tape.constant(Tensor::ones([4]))));
    let expected = "flatten: [4]: the first axis is the batch; a single example gets one by `unsqueeze(0)`";
    assert_eq!((message.as_str(), here), (expected, true));
}

#[test]
fn flattening_keeps_the_batch_even_when_it_is_empty() {
    let tape = Tape::<f32>::new();
    for (shape, flat) in [(&[5, 2, 3][..], [5, 6]), (&[0, 2, 3], [0, 6]), (&[4, 3], [4, 3]), (&[2, 1, 1, 1], [2, 1])] {
        assert_eq!(Flatten.forward(tape.constant(Tensor::zeros(shape))).shape(), flat);
    }
}

#[test]
fn a_network_converts_and_clones_with_everything_inside() {
    let net = All::<f64>::init(&mut Rng::new(7));
    let single = Module::<f64>::convert::<f32>(&net);
    let x = Tensor::rand([2, 1, 2, 3], &mut Rng::new(1));
    let mut x_in_f32 = Tensor::<f32>::zeros(x.shape());
    x_in_f32.update(|i, _| x.as_slice()[i] as f32);
    for (double, single) in value(&net, &x).iter().zip(value(&single, &x_in_f32).iter()) {
        assert!((double - f64::from(*single)).abs() < 1e-5);
    }
    let mut copy = net.clone();
    assert_eq!(value(&copy, &x), value(&net, &x));
    copy.carried.inner.dense1.bias.set(Tensor::ones([4])).expect("the shape fits");
    assert_ne!(value(&copy, &x), value(&net, &x));
}

/// The networks of a function with a const parameter.
fn width<'t, const N: usize, T: Scalar>(x: TensorVar<'t, T>) -> (TensorVar<'t, T>, String) {
    let net =
        network!(dense(3, N, tanh), repeat(N, dense(N, N)), dense(N + 1 - 1, 2 * N)).init_as::<T>(&mut Rng::new(7));
    (net.forward(x), net.to_string())
}

#[test]
fn a_const_parameter_of_the_function_around_is_a_size() {
    let tape = Tape::<f32>::new();
    let (y, text) = width::<5, f32>(tape.constant(Tensor::ones([2, 3])));
    assert_eq!(y.shape(), [2, 10]);
    assert!(text.contains("5 × 30"), "{text}");
    let tape = Tape::<f64>::new();
    assert_eq!(width::<1, f64>(tape.constant(Tensor::ones([2, 3]))).0.shape(), [2, 2]);
}
