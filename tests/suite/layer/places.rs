//! Layers in any place: names that meet those of the generated code, macros of rules, functions.

use super::*;
use gradtape::gradcheck::GradCheck;

/// The names of the generated code are out of reach, those of the declaration may be any.
mod names_of_its_own {
    use super::*;

    /// Not the `init` of gradtape.
    mod init {
        use super::*;

        pub(super) fn sevens<T: Scalar>(shape: &[usize], _: &mut impl gradtape::rand::Rng) -> Tensor<T> {
            Tensor::full(shape, T::from(7.0).expect("a float holds 7"))
        }
    }

    layer! {
        struct Odd(
            f: usize,
            path: f64,
            visitor: Vec<usize>,
            given: fn(f64) -> f64 = f64::sqrt,
            r#type: &'static str = "a",
        ) {
            x1: [f, visitor.len()] = init::sevens,
            new: [f] = zeros,
            forward: [f] = gradtape::nn::init::ones,
            buffer buffer: [SIZE] = uniform(-1.0, 1.0),
            clone: Option<Dense<T>> = None,
        }
        forward(y) {
            assert_eq!(r#type, "a");
            let place = format!("{path}");
            assert_eq!(place, "0.5");
            let extra = match clone {
                Some(dense) => dense.forward(y),
                None => y,
            };
            (extra.matmul(x1) + new * forward + buffer) * given(path) + visitor.len() as f64
        }
    }

    const SIZE: usize = 2;

    #[test]
    fn any_name_goes() {
        let odd = Odd::<f64>::new(2, 0.5, vec![1, 2], &mut Rng::new(7));
        assert_eq!(odd.x1.value(), Tensor::full([2, 2], 7.0));
        let tape = Tape::new();
        let y = odd.forward(tape.constant([[1.0, 1.0]]));
        let expected = (odd.buffer.value() + 14.0) * f64::sqrt(0.5) + 2.0;
        assert_eq!(y.value().as_slice(), expected.as_slice());
        assert_eq!(names(&odd), ["x1", "new", "forward"]);
    }
}

macro_rules! scaled_dense {
    ($Name:ident, $inner:ty, $size:expr, $factor:expr) => {
        layer! {
            struct $Name(features: usize, factor: f64 = $factor) {
                inner: $inner = <$inner>::new(features, $size, rng),
                weight: [$size, 2 * $size] = init::normal(0.0, $factor),
            }
            shape [features] -> [2 * $size]
            forward(x) { inner.forward(x).matmul(weight) * factor * $size as f64 / 3.0 }
        }
    };
}

scaled_dense!(FromMacro, Dense<T>, 1 + 2, 0.25 + 0.25);

macro_rules! doubled {
    ($size:expr) => {
        network!(dense(2, 2 * $size))
    };
}

#[test]
fn a_layer_may_come_from_a_macro_of_rules() {
    let rng = &mut Rng::new(7);
    let net = network!(dense(2, 4), FromMacro(4), dense(1)).init(rng);
    assert_eq!((net.dense2.weight.shape(), net.from_macro1.factor), (&[6, 1][..], 0.5));
    assert_eq!(net.from_macro1.weight.shape(), [3, 6]);
    assert_eq!(doubled!(1 + 2).init(rng).dense1.weight.shape(), [2, 6]);
    GradCheck::new().check_model(&net, &Tensor::randn([3, 2], rng), |y| y.sin()).unwrap();
}

/// A layer may be declared in a function, and sees what stands there.
#[test]
fn a_layer_of_a_function() {
    const SLOPE: f64 = 0.25;
    layer! {
        struct Local() { weight: [2] = init::ones }
        forward(x) { (x * weight).leaky_relu(SLOPE) }
    }
    let net = network!(dense(2, 2), Local()).init_as::<f64>(&mut Rng::new(7));
    let tape = Tape::new();
    let y = net.local1.forward(tape.constant([-4.0, 4.0]));
    assert_eq!(y.value().as_slice(), [-1.0, 4.0]);
}
