//! Layers around others, and parameters of networks, in every spelling; what the generated types offer.
#![deny(warnings)]
#![deny(missing_docs, unreachable_pub, rust_2018_idioms)]

use gradtape::nn::{Dense, Flatten, Layer, Module, Path, Residual};
use gradtape::{Scalar, network};

const WIDE: usize = 16;
const TIMES: usize = 2;

gradtape::layer! {
    /// Scales every feature, and tells the shape.
    pub struct Gate(features: usize) { weight: [features] = init::ones }
    shape [features] -> [features]
    forward(x) { x * weight }
}

gradtape::layer! {
    /// Tells nothing of the shape.
    pub struct Silent() { weight: [] = init::ones }
    forward(x) { x * weight }
}

macro_rules! blocks {
    ($times:expr, $width:expr, $activation:ident) => {
        network!(
            input($width),
            repeat($times, residual(dense(2 * $width, $activation), dense($width))),
            sum([dense($width * 2), $activation], dense(2 * $width))
        )
    };
}

network! {
    #[cfg(any())]
    struct Off { residual(dense(2, 2)), repeat(NOWHERE, Nothing) }

    #[cfg(all())]
    #[allow(dead_code)]
    struct On { r#type: residual(r#in: dense(2, 2)) }
}

/// Networks of another module, in which nothing but the macro is in scope.
pub mod zoo {
    gradtape::network! {
        /// Blocks in blocks.
        pub struct Deep {
            input(1, 4, 2),
            flatten,
            /// Around which the input is carried.
            trunk: residual(dense(8, super::WIDE, relu), dropout(0.1), out: dense(8)),
            repeat(super::TIMES, residual(dense(8, relu)), relu),
            joined: concat(linear, [dense(4, tanh), dense(3)], only: dense(1)),
            sum([dense(5), relu], dense(12, 5), shared: [residual(dense(12)), dense(5)]),
            head: dense(5, 2),
        }

        /// The const parameter first: `Mlp<16>`.
        #[derive(Clone)]
        pub struct Mlp<const H: usize, T = f32> {
            dense(2, H, relu), residual(dense(H, 2 * H, tanh), dense(H)), repeat(H, dense(H, H)), output: dense(1)
        }

        /// The numbers first, under a name of their own.
        pub(crate) struct Other<U: crate::Scalar, const T: usize> { dense(T, T), dropout(0.5) }

        /// Layers of one's own inside, whose arguments are const parameters.
        pub struct Owned<const N: usize> {
            residual(super::Gate(N), dense(2 * N, tanh), dense(N)),
            repeat(times = 2, super::Gate(N)),
            sum(super::Gate(N), super::Silent()),
            concat([super::Silent, dense(N, 1)], super::Gate(N)),
            output: dense(N + 1, 1),
        }

        /// What is named like the type of the numbers elsewhere.
        pub struct Times<const T: usize> { input(T, 4), dense(3), flatten, dense(1) }

        /// What the macro writes anyway.
        pub struct Plain<T = f64> { input(3), softmax }
    }
}

fn names<T: Scalar>(net: &impl Module<T>) -> Vec<String> {
    let mut names = Vec::new();
    net.visit(&Path::root(), &mut |path, _| names.push(path.to_string()));
    names
}

fn is_network<T: Scalar>(_: &(impl Layer<T> + Module<T> + Clone + core::fmt::Debug + core::fmt::Display)) {}

/// The parameter of the function around, one letter, needs no declaration; the numbers never do.
fn around<T: Scalar, const N: usize>(
    rng: &mut gradtape::Rng,
) -> impl Layer<T> + Module<T> + core::fmt::Display + use<T, N> {
    network!(dense(2, N, relu), residual(dense(2 * N, tanh), dense(N)), dense(N, 1)).init_as::<T>(rng)
}

/// A longer name is declared.
fn declared<const WIDTH: usize>(rng: &mut gradtape::Rng) -> impl Layer<f32> + use<WIDTH> {
    let _ = network!(<const WIDTH: usize> < dense(2, WIDTH), relu >);
    network!(<const WIDTH: usize> dense(2, WIDTH), relu).init(rng)
}

/// An item has its own.
fn item<const N: usize>(rng: &mut gradtape::Rng) -> usize {
    network! { struct Inner<const N: usize> { dense(N, N, bias = false) } }
    Inner::<N>::new(rng).parameter_count()
}

fn main() {
    let rng = &mut gradtape::Rng::new(7);
    let deep = zoo::Deep::new(rng);
    is_network::<f32>(&deep);
    let trunk: &Residual<zoo::DeepTrunk<f32>> = &deep.trunk;
    let (_, _): (&Dense<f32>, Flatten) = (&trunk.inner.out, deep.flatten1);
    assert_eq!(deep.repeat1.len(), TIMES);
    let expected = [
        "trunk.dense1.weight",
        "trunk.dense1.bias",
        "trunk.out.weight",
        "trunk.out.bias",
        "repeat1.0.residual1.dense1.weight",
        "repeat1.0.residual1.dense1.bias",
        "repeat1.1.residual1.dense1.weight",
        "repeat1.1.residual1.dense1.bias",
        "joined.branch1.dense1.weight",
        "joined.branch1.dense1.bias",
        "joined.branch1.dense2.weight",
        "joined.branch1.dense2.bias",
        "joined.only.weight",
        "joined.only.bias",
        "sum1.branch1.dense1.weight",
        "sum1.branch1.dense1.bias",
        "sum1.dense1.weight",
        "sum1.dense1.bias",
        "sum1.shared.residual1.dense1.weight",
    ];
    assert_eq!(names::<f32>(&deep)[..expected.len()], expected);
    let double: zoo::Deep<f64> = Module::<f32>::convert(&deep);
    is_network::<f64>(&double);
    let copy = double.clone();
    assert_eq!(names::<f64>(&copy), names::<f32>(&deep));

    let mlp = zoo::Mlp::<8>::new(rng);
    is_network::<f32>(&mlp);
    is_network::<f64>(&zoo::Mlp::<WIDE, f64>::init(rng));
    assert!(mlp.to_string().contains("[8]") && mlp.to_string().contains("8 × 72"), "{mlp}");
    is_network::<f64>(&zoo::Other::<f64, 3>::init(rng));
    is_network::<f32>(&zoo::Other::<f32, 3>::new(rng));
    is_network::<f64>(&zoo::Plain::init(rng) as &zoo::Plain);

    let owned = zoo::Owned::<5>::new(rng);
    is_network::<f32>(&owned);
    assert!(owned.to_string().contains("[10]"), "{owned}");
    assert_eq!(names::<f32>(&owned)[0], "residual1.gate1.weight");
    is_network::<f32>(&zoo::Times::<7>::new(rng));

    assert!(around::<f64, 4>(rng).to_string().contains("[4]"));
    let _ = declared::<5>(rng);
    assert_eq!(item::<3>(rng), 9);
    let from_macro = blocks!(1 + 1, WIDE - 12, relu).init(rng);
    is_network::<f32>(&from_macro);
    assert_eq!((from_macro.repeat1.len(), from_macro.sum1.dense1.outputs()), (2, 8));
    assert_eq!(names::<f32>(&On::new(rng)), ["type.in.weight", "type.in.bias"]);
    // A constant of one letter is one as well.
    const T: usize = 3;
    is_network::<f32>(&network!(input(T, 2), flatten, dense(2 * T, U), dense(1)).init(rng));
    const U: usize = 3;
    const N: usize = 3;
    is_network::<f32>(&network!(input(N), repeat(N, dense(N, N)), concat(dense(N), linear), dense(2 * N, 1)).init(rng));
}
