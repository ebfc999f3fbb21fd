//! The table of layers: adding a layer to `network!` is adding a row to [`LAYERS`]. How arguments are matched, checked
//! and reported is not known here.
//!
//! A parameter that is [`equal_to_axis`](Parameter::equal_to_axis) must agree with that axis of the shape before the
//! layer and may be left out where the axis is known; sizes compute with `+ - * /`. Nothing more is needed for the
//! layer to take part in the checks.

use super::crate_path;
use super::row::{Around, Effect, Field, Layer, Parameter, Takes};
use super::shape::Shape;
use quote::quote;

/// Every layer that is written in lower case, the activations apart.
pub(crate) const LAYERS: &[Layer] = &[
    Layer {
        name: "input",
        positional: &[Parameter::new("sizes", Takes::Sizes)],
        named: &[],
        axes: &[],
        effect: Effect::Gives(|values, _| {
            let sizes = values.sizes("sizes");
            Ok(if sizes.is_empty() { Shape::broken() } else { Shape::exact(sizes) })
        }),
        field: None,
    },
    Layer {
        name: "dense",
        positional: &[
            Parameter::new("inputs", Takes::Size).equal_to_axis(0),
            Parameter::new("outputs", Takes::Size),
            Parameter::new("activation", Takes::Activation).optional(),
        ],
        named: &[Parameter::new("bias", Takes::Flag).optional(), Parameter::new("init", Takes::Initializer).optional()],
        axes: &["inputs"],
        effect: Effect::Gives(|values, before| Ok(before.ending(1, [values.size("outputs")]))),
        field: Some(Field {
            of: "Dense",
            generic: true,
            build: |values, rng| {
                let p = crate_path();
                let (inputs, outputs) = (values.size("inputs").tokens(), values.size("outputs").tokens());
                let activation = values.tokens("activation").unwrap_or_else(|| quote!(#p::nn::Activation::Linear));
                let (without_bias, init_weight) =
                    (values.method("bias", "without_bias"), values.method("init", "init_weight"));
                let bias = (values.flag("bias") == Some(false)).then(|| quote!(.#without_bias()));
                let init = values.tokens("init").map(|init| quote!(.#init_weight(#init, #rng)));
                quote!(with_activation(#inputs, #outputs, #activation, #rng) #bias #init)
            },
        }),
    },
    Layer {
        name: "dropout",
        positional: &[Parameter::new("p", Takes::Fraction)],
        named: &[],
        axes: &[],
        effect: Effect::Keeps,
        field: Some(Field {
            of: "Dropout",
            generic: false,
            build: |values, _| {
                let probability = values.tokens("p");
                quote!(new(#probability))
            },
        }),
    },
    Layer {
        name: "flatten",
        positional: &[],
        named: &[],
        axes: &[],
        effect: Effect::Gives(|_, before| Ok(before.flat())),
        field: Some(Field { of: "Flatten", generic: false, build: |_, _| quote!(default()) }),
    },
    around("residual", &[], Around::Residual),
    around("repeat", &[Parameter::new("times", Takes::Count)], Around::Repeat),
    around("sum", &[], Around::Sum),
    around("concat", &[], Around::Concat),
];

/// A layer that has others inside, behind its own arguments.
const fn around(name: &'static str, positional: &'static [Parameter], around: Around) -> Layer {
    Layer { name, positional, named: &[], axes: &[], effect: Effect::Around(around), field: None }
}

/// An activation: the last argument of a layer, or a layer of its own.
pub(crate) struct Activation {
    pub(crate) name: &'static str,
    /// The variant of `gradtape::nn::Activation`.
    pub(crate) variant: &'static str,
    /// Its parameter and a usual value of it.
    pub(crate) parameter: Option<(&'static str, &'static str)>,
}

/// Every activation.
pub(crate) const ACTIVATIONS: &[Activation] = &[
    Activation { name: "linear", variant: "Linear", parameter: None },
    Activation { name: "relu", variant: "Relu", parameter: None },
    Activation { name: "leaky_relu", variant: "LeakyRelu", parameter: Some(("slope", "0.01")) },
    Activation { name: "elu", variant: "Elu", parameter: Some(("alpha", "1.0")) },
    Activation { name: "selu", variant: "Selu", parameter: None },
    Activation { name: "silu", variant: "Silu", parameter: None },
    Activation { name: "mish", variant: "Mish", parameter: None },
    Activation { name: "softplus", variant: "Softplus", parameter: None },
    Activation { name: "softsign", variant: "Softsign", parameter: None },
    Activation { name: "gelu", variant: "Gelu", parameter: None },
    Activation { name: "gelu_tanh", variant: "GeluTanh", parameter: None },
    Activation { name: "tanh", variant: "Tanh", parameter: None },
    Activation { name: "sigmoid", variant: "Sigmoid", parameter: None },
    Activation { name: "softmax", variant: "Softmax", parameter: None },
    Activation { name: "log_softmax", variant: "LogSoftmax", parameter: None },
];

/// The functions of `gradtape::nn::init`, which `init = ..` finds without a path.
pub(crate) const INITIALIZERS: &[&str] = &[
    "zeros",
    "ones",
    "constant",
    "uniform",
    "normal",
    "xavier_uniform",
    "xavier_normal",
    "he_uniform",
    "he_normal",
    "orthogonal",
];

/// The rows of the table.
#[cfg(not(test))]
pub(crate) fn rows() -> impl Iterator<Item = &'static Layer> {
    LAYERS.iter()
}

/// The rows of the table, and those of the tests.
#[cfg(test)]
pub(crate) fn rows() -> impl Iterator<Item = &'static Layer> {
    LAYERS.iter().chain(tests::LAYERS)
}

/// The row of a name.
pub(crate) fn find(name: &str) -> Option<&'static Layer> {
    rows().find(|layer| layer.name == name)
}

impl Activation {
    /// The row of a name.
    pub(crate) fn find(name: &str) -> Option<&'static Activation> {
        ACTIVATIONS.iter().find(|activation| activation.name == name)
    }
}

/// The names of all activations.
pub(crate) fn activation_names() -> Vec<&'static str> {
    ACTIVATIONS.iter().map(|activation| activation.name).collect()
}

/// The names of everything that is written in lower case.
pub(crate) fn entry_names() -> Vec<&'static str> {
    rows().map(|layer| layer.name).chain(activation_names()).collect()
}

#[cfg(test)]
mod tests;
