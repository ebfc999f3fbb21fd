//! Layers in a program that denies every warning, without anything imported but the macros.
#![deny(warnings)]
// An assignment is a form of its own.
#![allow(clippy::assign_op_pattern)]
#![deny(missing_docs, unreachable_pub, rust_2018_idioms, unused, non_camel_case_types, single_use_lifetimes)]

gradtape::layer! {
    /// Private, with an option, used in a network.
    struct Gate(features: usize, slope: f64 = 0.1) {
        weight: [features, features] = init::xavier_uniform,
        norm: gradtape::nn::Dense<T> = gradtape::nn::Dense::new(features, features, rng),
        buffer mean: [features] = zeros,
    }
    shape [features] -> [features]
    forward(x) { gradtape::nn::Layer::forward(norm, x.matmul(weight)) * slope - mean }
}

gradtape::layer! {
    /// Never used.
    pub(crate) struct Unused(_features: usize) {}
    forward(mut x) {
        x = x * 2.0;
        x
    }
}

/// Public.
pub mod inner {
    gradtape::layer! {
        /// Not the same `Gate`.
        #[derive(Clone, Debug)]
        pub struct Gate(/// Inputs and outputs.
            features: usize,) {
            /// The only parameter.
            weight: [features,] = gradtape::nn::init::he_normal,
        }
        forward(x) { x * weight }
    }
}

mod own {
    use gradtape::nn::init;

    gradtape::layer! {
        pub(crate) struct Imported(n: usize) { weight: [n] = init::ones }
        forward(x) { x * weight }
    }
}

gradtape::network! {
    struct Net { first: Gate(3), second: inner::Gate(3), third: Gate(3, slope = 0.2), own::Imported(3) }
}

fn main() {
    let rng = &mut gradtape::Rng::new(7);
    let net = Net::new(rng);
    let tape = gradtape::Tape::new();
    let y = net.forward(tape.constant([[1.0f32, 2.0, 3.0]]));
    assert_eq!(y.shape(), [1, 3]);
    assert_eq!(net.third.slope, 0.2);
}
