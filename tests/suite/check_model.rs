//! Checks of whole models: names, number types, what is varied and what is not.

mod common;

use common::assert_panics;
use gradtape::{
    Param, Rng, Scalar, Tensor, TensorVar, gradcheck,
    gradcheck::GradCheck,
    layer, loss, network,
    nn::{Activation, Dense, Dropout, Layer, Module, Path},
};

network! {
    struct Digits { hidden: dense(20, 16, relu), output: dense(16, 4, softmax) }
}

#[test]
fn a_model_of_f32_is_checked_in_f64() {
    let rng = &mut Rng::new(3);
    let net = Digits::new(rng);
    let x = Tensor::<f32>::randn([6, 20], rng);
    let report = GradCheck::new().order(2).check_model(&net, &x, |y| y.ln().mean()).unwrap();
    assert_eq!(report.orders.len(), 2);
    assert_eq!(report.orders[0].elements, 20 * 16 + 16 + 16 * 4 + 4 + 6 * 20);
    assert!(report.worst().relative < 1e-5, "{report}");
    // The loss that goes through the logits, with class numbers.
    let labels = vec![0, 3, 1, 1, 2, 0];
    GradCheck::new().order(2).check_model(&net, &x, |y| loss::cross_entropy(y, &labels)).unwrap();
    // An input in f64 goes with a model of f64.
    let double = Module::<f32>::convert::<f64>(&net);
    let x = Tensor::<f64>::randn([2, 20], rng);
    GradCheck::new().check_model(&double, &x, |y| y.square().sum()).unwrap();
}

#[test]
fn layers_without_parameters() {
    let x = Tensor::<f64>::randn([3, 4], &mut Rng::new(1));
    let report = GradCheck::new().order(2).check_model(&Activation::Gelu, &x, |y| y * 2.0).unwrap();
    assert!(report.orders[0].worst.name.starts_with("the input ["), "{report}");
}

/// A layer whose gradient towards its weight, or its input, is wrong by its sign.
struct Wrong<T> {
    gate: Param<T>,
    weight: bool,
}

impl<T: Scalar> Layer<T> for Wrong<T> {
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        let gate = x.tape().param(&self.gate);
        let (x_value, gate_value) = (x.value(), gate.value());
        let signs = if self.weight { (1.0, -1.0) } else { (-1.0, 1.0) };
        let value = &x_value * &gate_value;
        x.tape().custom([x, gate], value, move |g| {
            let to_gate = g * &x_value * signs.1;
            let rows: Vec<_> = (0..g.shape()[0]).map(|i| row(&to_gate, i)).collect();
            let sum = rows.into_iter().reduce(|a, b| a + b).expect("a batch has rows");
            [g * &gate_value * signs.0, sum]
        })
    }
}

fn row<T: Scalar>(x: &Tensor<T>, i: usize) -> Tensor<T> {
    let n = x.shape()[1];
    Tensor::from(&x.as_slice()[i * n..(i + 1) * n])
}

impl<T: Scalar> Module<T> for Wrong<T> {
    type In<U: Scalar> = Wrong<U>;

    fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
        visitor(&path.child("gate"), &self.gate);
    }

    fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
        visitor(&path.child("gate"), &mut self.gate);
    }

    fn convert<U: Scalar>(&self) -> Wrong<U> {
        Wrong { gate: self.gate.convert(), weight: self.weight }
    }
}

#[test]
fn a_wrong_layer_is_named() {
    let x = Tensor::<f32>::randn([4, 3], &mut Rng::new(2));
    for weight in [true, false] {
        let layer = Wrong { gate: Param::new([0.5f32, -1.0, 2.0]), weight };
        let error = GradCheck::new().check_model(&layer, &x, |y| y.tanh().sum()).unwrap_err().to_string();
        let place = if weight { "3 of 3 elements of gate" } else { "12 of 12 elements of the input" };
        assert!(error.starts_with(&format!("the gradient is wrong: {place}")), "{error}");
        assert!(error.contains(if weight { "gate[" } else { "the input [" }), "{error}");
        assert!(error.contains("the sign is wrong"), "{error}");
    }
}

#[test]
fn frozen_parameters_are_constants() {
    let rng = &mut Rng::new(4);
    let mut layer = Dense::<f64>::new(3, 2, rng);
    layer.weight.freeze(true);
    let report = GradCheck::new().check_model(&layer, &Tensor::randn([2, 3], rng), |y| y.tanh()).unwrap();
    assert_eq!(report.orders[0].elements, 2 + 6);
}

#[test]
fn dropout_is_checked_on_a_training_tape() {
    let rng = &mut Rng::new(5);
    let x = Tensor::<f64>::randn([4, 8], rng);
    let net = network!(dense(8, 6, tanh), dropout(0.5), dense(6, 2)).init_as::<f64>(rng);
    GradCheck::new().check_model(&net, &x, |y| y.square().mean()).unwrap();
    GradCheck::new().order(2).training(9).check_model(&net, &x, |y| y.square().mean()).unwrap();
    // The masks are those of the seed.
    let zeros = |check: &GradCheck| {
        let count = std::cell::Cell::new(0);
        let count_zeros = |y: TensorVar<'_, f64>| count.set(y.value().iter().filter(|y| **y == 0.0).count());
        let outcome = check.check_model(&Dropout::new(0.5), &x, |y| {
            count_zeros(y);
            y
        });
        outcome.unwrap();
        count.get()
    };
    assert_eq!(zeros(&GradCheck::new()), 0);
    assert!((4..28).contains(&zeros(&GradCheck::new().training(1))));
}

/// Rows of a table, chosen by the whole numbers of the input.
struct Table<T>(Param<T>);

impl<T: Scalar> Layer<T> for Table<T> {
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        let n = self.0.shape()[0];
        let mut chosen = Tensor::zeros([x.shape()[0], n]);
        for (i, k) in x.value().iter().enumerate() {
            assert!(k.real().fract() == 0.0, "an index must be whole");
            chosen.as_mut_slice()[i * n + k.real() as usize] = T::one();
        }
        x.tape().constant(chosen).matmul(x.tape().param(&self.0))
    }
}

impl<T: Scalar> Module<T> for Table<T> {
    type In<U: Scalar> = Table<U>;

    fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
        visitor(&path.child("rows"), &self.0);
    }

    fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
        visitor(&path.child("rows"), &mut self.0);
    }

    fn convert<U: Scalar>(&self) -> Table<U> {
        Table(self.0.convert())
    }
}

#[test]
fn an_input_that_is_only_read_is_left_out() {
    let table = Table(Param::new([[0.1, 0.2], [0.3, -0.4], [0.5, 0.6]]));
    let report = GradCheck::new().order(2).check_model(&table, &Tensor::from([2.0, 0.0, 2.0]), |y| y.sin()).unwrap();
    assert_eq!(report.orders[0].elements, 6);
    assert!(report.worst().name.starts_with("rows[") || report.worst().name.starts_with("the cotangent"), "{report}");
}

layer! {
    /// With two inputs and two outputs.
    struct Cell(inputs: usize, hidden: usize) {
        input: Dense<T> = Dense::new(inputs, hidden, rng),
        recurrent: Dense<T> = Dense::new(hidden, hidden, rng).without_bias(),
        spare: [hidden] = init::zeros,
    }
    forward(x, state) -> [TensorVar<'t, T>; 2] {
        let next = (input.forward(x) + recurrent.forward(state)).tanh();
        [next.square(), next]
    }
}

#[test]
fn a_model_with_several_inputs() {
    let rng = &mut Rng::new(6);
    let cell = Cell::<f32>::new(3, 2, rng);
    let inputs = [Tensor::randn([4, 3], rng), Tensor::randn([4, 2], rng)];
    let report = GradCheck::new().order(2).check_module(&cell, &inputs, |cell, v| cell.forward(v[0], v[1])[0]).unwrap();
    assert_eq!(report.orders[0].elements, 3 * 2 + 2 + 2 * 2 + 2 + 4 * 3 + 4 * 2);
    assert_eq!(report.unused, ["spare"]);
    assert!(report.to_string().ends_with("\nnot used by the forward pass: spare"), "{report}");
    // An input that nothing depends on is left out.
    let report = GradCheck::new().check_module(&cell, &inputs, |cell, v| cell.input.forward(v[0])).unwrap();
    assert_eq!(report.orders[0].elements, 3 * 2 + 2 + 2 * 2 + 2 + 4 * 3);
    assert_eq!(report.unused, ["recurrent.weight", "spare"]);
}

gradcheck! {
    fn a_cell(cell = Cell::<f64>::new(3, 2, &mut Rng::new(7)), x: [4, 3], state: [4, 2] in -1.0..1.0) {
        let [y, next] = cell.forward(x, state);
        y + 2.0 * next
    }

    fn a_network(net = Digits::new(&mut Rng::new(7)), x: [2, 20]);

    fn another(model: network!(dense(3, 4, gelu), dense(4, 2)).init(&mut Rng::new(7)), x: [5, 3]) {
        model.forward(x).square().mean()
    }

    #[should_panic(expected = "gradcheck: the gradient is wrong: 3 of 3 elements of gate\n  gate[")]
    fn a_wrong_one(layer = Wrong { gate: Param::new([0.5f32, -1.0, 2.0]), weight: true }, x: [4, 3]);
}

#[test]
fn one_line_for_a_model() {
    let rng = &mut Rng::new(8);
    let net = Digits::new(rng);
    let reference = &net;
    let labels = vec![0, 3, 1];
    gradcheck!(net, x: [3, 20]);
    gradcheck!(order = 1, seeds = 1;
        reference, [3, 20];
        model: &net, x: [3, 20] in 0.0..1.0, |y| loss::cross_entropy(y, &labels));
    gradcheck!(|net = reference, x: [3, 20], scale: []| net.hidden.forward(x) * scale);
}

/// A layer whose `visit` forgets a parameter.
struct Forgetful<T> {
    weight: Param<T>,
    bias: Param<T>,
}

impl<T: Scalar> Layer<T> for Forgetful<T> {
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        x * x.tape().param(&self.weight) + x.tape().param(&self.bias)
    }
}

impl<T: Scalar> Module<T> for Forgetful<T> {
    type In<U: Scalar> = Forgetful<U>;

    fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
        visitor(&path.child("weight"), &self.weight);
    }

    fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
        visitor(&path.child("weight"), &mut self.weight);
    }

    fn convert<U: Scalar>(&self) -> Forgetful<U> {
        Forgetful { weight: self.weight.convert(), bias: self.bias.convert() }
    }
}

#[test]
fn a_parameter_that_is_not_visited_is_named() {
    let layer = Forgetful { weight: Param::new([1.0, 2.0]), bias: Param::new([0.0, 0.5]) };
    let error = GradCheck::new().check_model(&layer, &Tensor::from([1.0, 3.0]), |y| y).unwrap_err().to_string();
    let start = "the forward pass uses a parameter of shape [2] that `visit` leaves out: no optimizer";
    assert!(error.starts_with(start), "{error}");
}

#[test]
fn a_width_that_does_not_fit_is_said_at_the_line_of_the_case() {
    let net = network!(dense(2, 3)).init(&mut Rng::new(7));
    let words = "dense: [3, 4] and [2, 3]: the layer expects 2 inputs, but gets 4";
    assert_panics(line!() + 3, &[words], || {
        gradcheck!(
            |x: [3]| x.sin();
            net, x: [3, 4];
        )
    });
}
