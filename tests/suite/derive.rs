//! `#[derive(Module)]`: which fields are visited under which names, what is kept, and the generics that go with it.
#![deny(warnings)]
#![deny(missing_docs, unreachable_pub, rust_2018_idioms)]

use gradtape::gradcheck::GradCheck;
use gradtape::nn::{Activation, Dense, Layer, Module, Param};
use gradtape::optim::{Optimizer, Sgd};
use gradtape::{Rng, Scalar, Tape, Tensor, TensorVar};
use std::marker::PhantomData;

/// Two ways through, with every kind of field.
#[derive(Clone, Debug, Module)]
pub struct Block<T> {
    /// A layer.
    pub down: Dense<T>,
    layers: Vec<Dense<T>>,
    gate: Option<Param<T>>,
    boxed: Option<Box<Dense<T>>>,
    pair: [Param<T>; 2],
    activation: Activation,
    #[module(rename = "w")]
    weight: Param<T>,
    mean: Param<T>,
    #[module(skip)]
    name: String,
    #[module(skip)]
    depth: usize,
}

impl<T: Scalar> Block<T> {
    fn new(name: &str, rng: &mut Rng) -> Self {
        Block {
            down: Dense::new(3, 2, rng),
            layers: vec![Dense::new(2, 2, rng), Dense::new(2, 2, rng).without_bias()],
            gate: Some(Param::new(Tensor::ones([2]))),
            boxed: None,
            pair: [Param::new(Tensor::ones([2])), Param::new(Tensor::zeros([2]))],
            activation: Activation::Tanh,
            weight: Param::new(Tensor::randn([2, 2], rng)),
            mean: Param::buffer(Tensor::zeros([2])),
            name: name.to_string(),
            depth: 2,
        }
    }
}

impl<T: Scalar> Layer<T> for Block<T> {
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        let param = |param| x.tape().param(param);
        let mut y = self.down.forward(x) - param(&self.mean);
        for layer in self.layers.iter().take(self.depth) {
            y = self.activation.forward(layer.forward(y));
        }
        if let Some(gate) = &self.gate {
            y *= param(gate);
        }
        (y * param(&self.pair[0]) + param(&self.pair[1])).matmul(param(&self.weight))
    }
}

fn names<T: Scalar>(module: &impl Module<T>) -> Vec<String> {
    module.named_params().into_iter().map(|(name, _)| name).collect()
}

#[test]
fn fields_are_visited_under_their_names_and_skipped_ones_are_kept() {
    let mut block = Block::<f32>::new("block", &mut Rng::new(7));
    let expected = [
        "down.weight",
        "down.bias",
        "layers.0.weight",
        "layers.0.bias",
        "layers.1.weight",
        "gate",
        "pair.0",
        "pair.1",
        "w",
    ];
    assert_eq!(names(&block), expected);
    assert_eq!(block.named_buffers()[0].0, "mean");
    assert_eq!(block.params_mut().len(), expected.len());
    let double: Block<f64> = Module::<f32>::convert(&block);
    assert_eq!((&*double.name, double.depth, double.activation), ("block", 2, Activation::Tanh));
    assert_eq!(names(&double), expected);
    assert!(double.mean.is_buffer());
}

#[test]
fn a_derived_module_is_checked_and_trained() {
    let rng = &mut Rng::new(7);
    let mut block = Block::<f32>::new("block", rng);
    let x = Tensor::randn([4, 3], rng);
    GradCheck::new().order(2).check_model(&block, &x, |y| y.square().mean()).unwrap();
    let before = block.clone();
    let tape = Tape::new();
    let gradients = block.forward(tape.constant(&x)).square().mean().backward();
    Sgd::new(0.1).step(&mut block, &gradients);
    assert_ne!(block.weight.value(), before.weight.value());
    assert_ne!(block.layers[1].weight.value(), before.layers[1].weight.value());
    assert_eq!(block.mean.value(), before.mean.value());
}

/// A tuple struct; the derive is found by its path as well.
#[derive(gradtape::nn::Module)]
struct Two<T>(Dense<T>, #[module(rename = "second")] Dense<T>, #[module(skip)] &'static str);

#[test]
fn the_fields_of_a_tuple_struct_are_numbered() {
    let rng = &mut Rng::new(7);
    let two = Two::<f64>(Dense::new(1, 1, rng), Dense::new(1, 1, rng).without_bias(), "kept");
    assert_eq!(names(&two), ["0.weight", "0.bias", "second.weight"]);
    assert_eq!(Module::<f64>::convert::<f32>(&two).2, "kept");
}

/// Other parameters, a bound, a marker, and a module of any type.
#[derive(Module)]
#[module(number = N)]
struct Generic<'a, N, L, S: Copy, const K: usize>
where
    N: Scalar,
    S: std::fmt::Debug,
{
    layers: [Dense<N>; K],
    inner: Vec<L>,
    #[module(skip)]
    setting: &'a S,
    marker: PhantomData<fn() -> N>,
}

/// The parameter of the numbers may be called as that of the library's `In`.
#[derive(Module)]
struct Named<U> {
    r#type: Param<U>,
}

/// A struct in which nothing is visited.
#[derive(Module)]
struct Empty<T>(PhantomData<T>);

#[test]
fn generics_are_kept_and_modules_among_them_are_converted() {
    let rng = &mut Rng::new(7);
    let setting = 0.5;
    let generic = Generic::<f32, Dense<f32>, f64, 2> {
        layers: [Dense::new(1, 1, rng), Dense::new(1, 1, rng)],
        inner: vec![Dense::new(1, 1, rng)],
        setting: &setting,
        marker: PhantomData,
    };
    let expected =
        ["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias", "inner.0.weight", "inner.0.bias"];
    assert_eq!(names(&generic), expected);
    let double: Generic<'_, f64, Dense<f64>, f64, 2> = Module::<f32>::convert(&generic);
    assert_eq!(names(&double), expected);
    assert_eq!(*double.setting, 0.5);
    let PhantomData = double.marker;
    let named: Named<f64> = Module::<f32>::convert(&Named { r#type: Param::new([1.0f32]) });
    assert_eq!((names(&named), named.r#type.value().item()), (vec!["type".to_string()], 1.0));
    assert_eq!(Empty::<f32>(PhantomData).parameter_count(), 0);
}

#[test]
fn the_derive_comes_with_the_prelude() {
    use gradtape::prelude::*;
    #[derive(Module)]
    struct Local<T> {
        inner: Two<T>,
    }
    let rng = &mut Rng::new(7);
    let local = Local { inner: Two::<f64>(Dense::new(1, 1, rng), Dense::new(1, 1, rng), "") };
    assert_eq!(names(&local)[0], "inner.0.weight");
}
