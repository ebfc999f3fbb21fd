// Included twice: beside hidden names, and without a prelude. Each macro by its path.

::ad::layer! {
    /// With everything.
    #[derive(Clone, Debug)]
    pub struct Gate(features: ::std::primitive::usize, slope: ::std::primitive::f64 = 0.1) {
        weight: [features, features] = xavier_uniform,
        bias: [features] = ::ad::nn::init::constant(0.5),
        /// A buffer.
        buffer mean: [features] = |shape, rng| ::ad::nn::init::zeros(shape, rng),
        inner: ::ad::nn::Dense<T> = ::ad::nn::Dense::new(features, features, rng),
    }
    shape [features] -> [features]
    forward(x) {
        let y = ::ad::nn::Layer::forward(inner, x.matmul(weight) + bias - mean).leaky_relu(slope);
        ::std::assert_eq!(self.features, features);
        y
    }

    /// With two inputs.
    pub struct Pair() {}
    forward(x, other) { x * other }
}

::ad::network! {
    /// With everything.
    #[derive(Clone, Debug)]
    pub struct Net { first: dense(3, 4, tanh), second: Gate(4), third: Gate(4, slope = 0.3), dropout(0.1), dense(4, 2) }
}

::ad::network! {
    /// With sizes that are parameters.
    pub struct Wide<const N: usize> { dense(3, N, tanh), dense(N, 1) }
}

/// A formula.
#[::ad::elementwise(crate = ::ad)]
pub fn swish<T>(x: T, beta: T) -> T {
    x / (1.0 + (-beta * x).exp())
}

/// A formula of a formula.
#[::ad::elementwise(crate = ::ad)]
pub fn twice<T>(x: T, k: f64) -> T {
    if x > k { swish(x, 1.0) } else { 0.5 * x }
}

/// A struct that derives.
#[derive(::ad::nn::Module, ::std::fmt::Debug)]
#[module(crate = ::ad)]
pub struct Encoder<T> {
    gates: ::std::vec::Vec<Gate<T>>,
    maybe: ::std::option::Option<::ad::Param<T>>,
    #[module(skip)]
    heads: ::std::primitive::usize,
}

#[test]
fn the_network_runs() {
    let rng = &mut ::ad::Rng::new(7);
    let net = Net::new(rng);
    let tape = ::ad::Tape::new();
    let x = tape.constant(::ad::Tensor::ones([5, 3]));
    ::std::assert_eq!(net.forward(x).shape(), [5, 2]);
    let y = ::ad::network!(dense(3, 4), Gate(4)).init(rng);
    ::std::assert_eq!(::ad::nn::Module::<::std::primitive::f32>::parameter_count(&y), 16 + 16 + 4 + 20);
    ::std::assert_eq!(::std::format!("{}", net.second), "Gate(4, slope = 0.1)");
    ::std::assert_eq!(Wide::<6>::new(rng).forward(x).shape(), [5, 1]);
    let [x, other] = [tape.constant([1.0]), tape.constant([2.0])];
    ::std::assert_eq!(Pair::new(rng).forward(x, other).value().as_slice(), [2.0]);
}

#[test]
fn the_derive_visits() {
    let rng = &mut ::ad::Rng::new(7);
    let gates = ::std::vec![Gate::<::std::primitive::f32>::new(2, rng)];
    let encoder = Encoder { gates, maybe: ::std::option::Option::None, heads: 3 };
    let encoder: Encoder<::std::primitive::f64> = ::ad::nn::Module::convert(&encoder);
    ::std::assert_eq!((::ad::nn::Module::parameter_count(&encoder), encoder.heads), (12, 3));
}

#[test]
fn the_checks_pass() {
    ::ad::gradcheck!(|x: [3], beta: [] in 0.5..2.0| swish(x, beta) + twice(x, 0.25));
    ::ad::gradcheck!(order = 1; |x: [3, 2]| x.tanh(); |x: [2] in 1.0..2.0, y: [2]| x.ln() * y);
    let net = Net::new(&mut ::ad::Rng::new(7));
    ::ad::gradcheck!(model: &net, x: [4, 3] in -1.0..1.0, |y| y.square().mean());
}

::ad::gradcheck! {
    /// An item.
    fn an_item(x: [3], y: [3] in 0.5..2.0) { x / y }

    #[gradcheck(order = 1, rtol = 1e-5)]
    fn with_options(x: [2, 3]) {
        let y = x.sum();
        y * y
    }

    fn a_model(model: Net::new(&mut ::ad::Rng::new(7)), x: [4, 3]);
}
