//! What `network!` and `layer!` say of the types that they declare, as traits, so that a compiler's message is a
//! sentence. What such a type does stands in [`Layer`](super::Layer) and [`Module`](trait@super::Module).

/// A layer that is given arguments by name in [`network!`](crate::network): `Gate(128, slope = 0.2)`.
///
/// [`layer!`](crate::layer) implements it where an argument has a default. By hand: `Options` has a method for each
/// name, and `init(arguments, rng)`, which makes the layer.
///
/// ```
/// use gradtape::{Tensor, Rng, layer, network, nn::NamedArguments};
/// layer! {
///     struct Gate(features: usize, slope: f64 = 0.1) { weight: [features] = init::ones }
///     forward(x) { (x * weight).leaky_relu(slope) }
/// }
/// let rng = &mut Rng::new(7);
/// let gate: Gate = <Gate as NamedArguments>::options().slope(0.2).init(4, rng);
/// let net = network!(dense(2, 4), Gate(4, slope = 0.2)).init(rng);
/// assert_eq!([gate.slope, net.gate1.slope], [0.2, 0.2]);
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no arguments that are given by name",
    label = "given by name",
    note = "what `layer!` declares with a default is given by name: `Gate(features: usize, slope: f64 = 0.1)`"
)]
pub trait NamedArguments {
    /// Holds them until the layer is made.
    type Options;

    /// The defaults.
    fn options() -> Self::Options;
}

/// A network that has its parameters, and can be given an `X`. What [`network!`](crate::network) gives as an expression
/// has none before its `init`, and nothing implements this trait: it is there to say so.
///
/// ```compile_fail
/// # use gradtape::{Rng, Tape, network};
/// let net = network!(dense(2, 1)); // and `.init(&mut Rng::new(7))`
/// let tape = Tape::<f32>::new();
/// net.forward(tape.constant([[1.0, 2.0]])); // error: this network has no parameters yet
/// ```
#[diagnostic::on_unimplemented(
    message = "this network has no parameters yet",
    label = "the network in front is not made yet",
    note = "make it first: `let net = network!(..).init(&mut rng);`, or `init_as::<f64>` for another type of numbers"
)]
pub trait Initialised<X> {}

/// A value that is given by name for an argument of the layer `L` that has no default. There is none: the order of such
/// arguments is fixed, and nothing implements this trait, which is there to say so.
///
/// ```compile_fail
/// # use gradtape::{layer, network};
/// layer! {
///     struct Gate(features: usize, slope: f64 = 0.1) { weight: [features] = init::ones }
///     forward(x) { (x * weight).leaky_relu(slope) }
/// }
/// // error: this argument of `Gate<T>` has no default: it is given by its place, not by its name
/// let net = network!(dense(2, 4), Gate(features = 4));
/// ```
#[diagnostic::on_unimplemented(
    message = "this argument of `{L}` has no default: it is given by its place, not by its name",
    label = "write this value alone, before those with a name"
)]
pub trait GivenByName<L> {
    /// Nothing.
    type Options;
}
