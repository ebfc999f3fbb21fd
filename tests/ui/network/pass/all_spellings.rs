//! Every spelling of a network, every layer and every kind of argument; what the generated types offer.
#![deny(warnings)]
#![deny(missing_docs, unreachable_pub, rust_2018_idioms)]

use gradtape::nn::{Dense, Layer, Module, Param, Path};
use gradtape::{Scalar, TensorVar, network};

const HIDDEN: usize = 64;
const RATE: f64 = 0.25;

const fn half(n: usize) -> usize {
    n / 2
}

/// A hand-written layer without parameters of its own.
mod my {
    use super::*;

    #[derive(Clone, Debug)]
    pub(crate) struct Gate<T> {
        dense: Dense<T>,
        pub(crate) scale: f64,
    }

    impl<T: Scalar> Gate<T> {
        pub(crate) fn new(features: usize, scale: f64, rng: &mut impl gradtape::rand::Rng) -> Self {
            Gate { dense: Dense::new(features, features, rng), scale }
        }
    }

    impl<T: Scalar> Layer<T> for Gate<T> {
        fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
            self.dense.forward(x)
        }
    }

    impl<T: Scalar> Module<T> for Gate<T> {
        type In<U: Scalar> = Gate<U>;

        fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
            self.dense.visit(path, visitor);
        }

        fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
            self.dense.visit_mut(path, visitor);
        }

        fn convert<U: Scalar>(&self) -> Gate<U> {
            Gate { dense: Module::<T>::convert::<U>(&self.dense), scale: self.scale }
        }
    }
}

network! {
    /// 784 pixels in, ten class probabilities out.
    #[derive(Clone, Debug)]
    pub struct Digits {
        /// The first layer.
        hidden: dense(784, 128, relu),
        output: dense(128, 10, softmax),
    }

    /// Without names.
    struct Unnamed {
        dense(4, HIDDEN * 2, leaky_relu(0.1)), dropout(RATE),
        dense(half(HIDDEN)*4, 3, bias=false,), relu, relu(), elu(1)
    }

    #[derive(Clone)]
    pub(crate) struct Inferred {
        input(28, 28),
        first: dense(HIDDEN, gelu),
        second: dense(16),
        gate: my::Gate(16, 0.5),
        after: dense(16, 2, tanh, init = he_normal),
        pub(crate) last: dense(outputs = 1, init = gradtape::nn::init::zeros, activation = log_softmax),
    }

    /// No layer has numbers of its own.
    struct Numberless { input(3), softmax }
}

macro_rules! two_layers {
    ($hidden:expr, $activation:ident) => {
        network!(dense(4, $hidden, $activation), dense($hidden, 2))
    };
}

fn names<T: Scalar>(net: &impl Module<T>) -> Vec<String> {
    let mut names = Vec::new();
    net.visit(&Path::root(), &mut |path, _| names.push(path.to_string()));
    names
}

fn is_layer<T: Scalar>(_: &(impl Layer<T> + Module<T> + Clone + core::fmt::Debug + core::fmt::Display)) {}

fn main() {
    let rng = &mut gradtape::Rng::new(7);
    let digits = Digits::new(rng);
    is_layer::<f32>(&digits);
    assert_eq!(names::<f32>(&digits), ["hidden.weight", "hidden.bias", "output.weight", "output.bias"]);
    let text = digits.to_string();
    for part in ["Digits", "hidden", "dense(784, 128, relu)", "[128]", "[10]"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let double: Digits<f64> = Digits::init(rng);
    let _single: Digits = Module::<f64>::convert::<f32>(&double);

    let unnamed = Unnamed::new(rng);
    assert_eq!(names::<f32>(&unnamed), ["dense1.weight", "dense1.bias", "dense2.weight"]);
    let Unnamed { dense1: _, dropout1: _, dense2: _, relu1: _, relu2: _, elu1: _ } = unnamed.clone();
    let text = unnamed.to_string();
    assert!(text.contains("dense(half(HIDDEN) * 4, 3, bias = false)"), "{text}");

    let inferred = Inferred::new(rng);
    is_layer::<f32>(&inferred);
    assert_eq!(inferred.gate.scale, 0.5);
    assert!(inferred.to_string().contains("[28, 64]"), "{inferred}");

    is_layer::<f64>(&Numberless::<f64>::init(rng));

    let one = network!(dense(784, 128, relu), dense(128, 10, softmax)).init(rng);
    let two = network! { < dense(784, 128, relu), dense(128, 10, softmax) > }.init(rng);
    let three = network!(first: dense(784, 128, relu), my::Gate(128, 0.5), dropout(0)).init_as::<f64>(rng);
    is_layer::<f32>(&one);
    is_layer::<f32>(&two);
    is_layer::<f64>(&three);
    assert_eq!(names::<f64>(&three), ["first.weight", "first.bias", "gate1.weight", "gate1.bias"]);
    is_layer::<f32>(&two_layers!(HIDDEN / 2, silu).init(rng));
    is_layer::<f32>(&two_layers!(8, mish).init(rng));

    let any: &mut dyn gradtape::rand::Rng = rng;
    is_layer::<f32>(&Inferred::new(any));
    // The names of the generated code are out of reach: these have nothing to do with it.
    let (x, rng) = (1, 2);
    let _ = (network!(selu, softplus, softsign, gelu_tanh, sigmoid, linear, leaky_relu(slope = 0.1)), x, rng);
}

network! {
    /// Initialisers by the path that `layer!` takes.
    pub struct ByPath {
        dense(4, 4, init = init::zeros),
        dense(4, 4, init = init::normal(0.0, 1.0)),
        dense(4, 1, init = he_normal),
    }
}
