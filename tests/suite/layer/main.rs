//! Layers declared by `layer!`. Here are those that several files use; what their mistakes at compile time look like is
//! tested in `ui`.
#![deny(warnings)]
#![deny(missing_docs, unreachable_pub, rust_2018_idioms)]

mod behaviour;
mod mistakes;
mod places;

use gradtape::nn::{Activation, Dense, Dropout, init};
use gradtape::prelude::*;

layer! {
    /// Scales every feature by a learned gate.
    pub struct Gate(features: usize) {
        weight: [features, features] = init::xavier_uniform,
        bias: [features] = init::zeros,
    }
    shape [features] -> [features]
    forward(x) { x * (x.matmul(weight) + bias).sigmoid() }
}

layer! {
    /// A gate around a smaller one, with everything a layer may hold.
    #[derive(Clone, Debug)]
    pub struct Nested(
        /// How many features go in and out.
        features: usize,
        hidden: usize = 2 * features,
        slope: f64 = 0.1,
        negate: bool = false,
    ) {
        /// From the features to the hidden ones.
        down: Dense<T> = Dense::with_activation(features, hidden, Activation::Tanh, rng),
        gates: [Gate<T>; 2] = [Gate::new(hidden, rng), Gate::new(hidden, rng)],
        optional: Option<Box<Gate<T>>> = (hidden > 2).then(|| Box::new(Gate::new(hidden, rng))),
        dropout: Dropout = Dropout::new(0.2),
        up: [hidden, features] = |shape, rng| init::normal(0.0, 1.0 / shape[0] as f64)(shape, rng),
        pub(crate) scale: [] = init::constant(slope),
        /// Is added, and not trained.
        buffer shift: [1, features] = ones,
    }
    shape [features] -> [features]
    forward(x) {
        let mut y = down.forward(x);
        for gate in gates {
            y = gate.forward(y);
        }
        if let Some(gate) = optional {
            y = gate.forward(y);
        }
        let y = dropout.forward(y).matmul(up).leaky_relu(slope);
        let sign = |y: TensorVar<'t, T>| if negate { -y } else { y };
        sign(y) * scale + x + shift
    }

    /// No parameters at all, and two declarations in one call.
    struct Scaled(by: f64) {}
    forward(x) { x * by }

    struct Identity {}
    forward(x) { x }
}

network! {
    /// A network of layers declared here and of built-in ones.
    pub struct Net {
        input: dense(3, 4, tanh),
        gate: Gate(4),
        nested: Nested(4, hidden = 3, slope = 0.3),
        Nested(4),
        Scaled(0.5),
        Identity,
        output: dense(4, 2),
    }
}

fn names<T: Scalar>(module: &impl Module<T>) -> Vec<String> {
    module.named_params().into_iter().map(|(name, _)| name).collect()
}
