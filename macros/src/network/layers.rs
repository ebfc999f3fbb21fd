//! The table of layers: adding a layer to `network!` is adding a row to [`LAYERS`]. How arguments are matched, checked
//! and reported is not known here.
//!
//! A row says what a layer is called, which arguments it takes, what it does to the shape and how it is built. A
//! parameter that is [`equal_to_axis`](Parameter::equal_to_axis) must agree with that axis of the shape before the
//! layer and may be left out where the axis is known; nothing more is needed for the layer to take part in the checks.

use super::crate_path;
use super::shape::{Shape, Size};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// One row of the table.
pub(crate) struct Layer {
    pub(crate) name: &'static str,
    /// Arguments by place; each may be given by name as well.
    pub(crate) positional: &'static [Parameter],
    /// Arguments that are only given by name.
    pub(crate) named: &'static [Parameter],
    /// The shape behind the layer, from its arguments and the shape before it.
    pub(crate) shape: fn(&Values, &Shape) -> Shape,
    /// The field of the generated struct; `None` for an entry that makes none.
    pub(crate) field: Option<Field>,
}

/// How the field of a layer is declared and filled.
pub(crate) struct Field {
    /// The type in `gradtape::nn`, and whether it has the number type as parameter.
    pub(crate) of: &'static str,
    pub(crate) generic: bool,
    /// The expression that makes it, from the arguments and the name of the generator of random numbers.
    pub(crate) build: fn(&Values, &Ident) -> TokenStream,
}

/// Every layer that is written in lower case, the activations apart.
pub(crate) const LAYERS: &[Layer] = &[
    Layer {
        name: "input",
        positional: &[Parameter::new("sizes", Takes::Sizes)],
        named: &[],
        shape: |values, _| Shape::exact(values.sizes("sizes")),
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
        shape: |values, before| before.with_axis(0, values.size("outputs")),
        field: Some(Field {
            of: "Dense",
            generic: true,
            build: |values, rng| {
                let p = crate_path();
                let (inputs, outputs) = (values.size("inputs").tokens(), values.size("outputs").tokens());
                let activation = values.tokens("activation").unwrap_or_else(|| quote!(#p::nn::Activation::Linear));
                let without_bias = (values.flag("bias") == Some(false)).then(|| quote!(.without_bias()));
                let init = values.tokens("init").map(|init| quote!(.init_weight(#init, #rng)));
                quote!(#p::nn::Dense::with_activation(#inputs, #outputs, #activation, #rng) #without_bias #init)
            },
        }),
    },
    Layer {
        name: "dropout",
        positional: &[Parameter::new("p", Takes::Fraction)],
        named: &[],
        shape: |_, before| before.clone(),
        field: Some(Field {
            of: "Dropout",
            generic: false,
            build: |values, _| {
                let (p, probability) = (crate_path(), values.tokens("p"));
                quote!(#p::nn::Dropout::new(#probability))
            },
        }),
    },
];

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

/// One parameter of a layer.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) takes: Takes,
    pub(crate) optional: bool,
    /// The axis (counted from the end) of the shape before the layer that it must be equal to.
    pub(crate) axis: Option<usize>,
}

/// What a parameter takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// A size: any constant expression of type `usize`.
    Size,
    /// All the positional arguments that are left, at least one.
    Sizes,
    /// A probability of dropping, in [0, 1): any constant expression of type `f64`.
    Fraction,
    Activation,
    /// `true` or `false`.
    Flag,
    /// A function of `nn::init`, or the path of one.
    Initializer,
}

impl Parameter {
    const fn new(name: &'static str, takes: Takes) -> Parameter {
        Parameter { name, takes, optional: false, axis: None }
    }

    const fn optional(mut self) -> Parameter {
        self.optional = true;
        self
    }

    const fn equal_to_axis(mut self, from_end: usize) -> Parameter {
        self.axis = Some(from_end);
        self
    }
}

impl Layer {
    /// The row of a name.
    pub(crate) fn find(name: &str) -> Option<&'static Layer> {
        LAYERS.iter().find(|layer| layer.name == name)
    }

    /// `dense(inputs, outputs, activation)`
    pub(crate) fn usage(&self) -> String {
        let names: Vec<&str> = self.positional.iter().map(|parameter| parameter.name).collect();
        format!("{}({})", self.name, names.join(", "))
    }

    /// The type of the field.
    pub(crate) fn type_tokens(&self) -> Option<TokenStream> {
        self.field.as_ref().map(|field| {
            let (p, name) = (crate_path(), quote::format_ident!("{}", field.of));
            if field.generic { quote!(#p::nn::#name<T>) } else { quote!(#p::nn::#name) }
        })
    }
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
    LAYERS.iter().map(|layer| layer.name).chain(activation_names()).collect()
}

/// The arguments of one entry, checked, by the names of their parameters.
#[derive(Default)]
pub(crate) struct Values(Vec<(&'static str, Value)>);

/// A checked argument.
pub(crate) enum Value {
    Sizes(Vec<Size>),
    Tokens(TokenStream),
    Flag(bool),
}

impl Values {
    pub(crate) fn set(&mut self, name: &'static str, value: Value) {
        self.0.push((name, value));
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Broken where the argument was.
    pub(crate) fn size(&self, name: &str) -> Size {
        self.sizes(name).pop().unwrap_or(Size::Broken)
    }

    pub(crate) fn sizes(&self, name: &str) -> Vec<Size> {
        if let Some(Value::Sizes(sizes)) = self.get(name) { sizes.clone() } else { Vec::new() }
    }

    pub(crate) fn tokens(&self, name: &str) -> Option<TokenStream> {
        if let Some(Value::Tokens(tokens)) = self.get(name) { Some(tokens.clone()) } else { None }
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        if let Some(Value::Flag(flag)) = self.get(name) { Some(*flag) } else { None }
    }
}
