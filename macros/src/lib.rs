//! The macros of [gradtape](https://docs.rs/gradtape), which re-exports them. Here are the entry points and their
//! documentation; each macro has a folder of its own.

mod elementwise;
mod errors;
mod layer;
mod module;
mod network;
mod text;
mod tokens;

use proc_macro::TokenStream;

#[doc = include_str!("../docs/network.md")]
#[proc_macro]
pub fn network(input: TokenStream) -> TokenStream {
    network::network(input.into()).into()
}

/// Makes an operation of a formula: the function is differentiated when the program is compiled, and a call of it is one
/// node of a tape, however long the formula.
///
/// ```
/// use gradtape::{Dual, Tape, Tensor, elementwise};
///
/// /// x sigmoid(beta x)
/// #[elementwise]
/// fn swish<T>(x: T, beta: T) -> T {
///     x / (1.0 + exp(-beta * x))
/// }
///
/// // One name for every type.
/// let number: f64 = swish(1.0, 2.0);
/// let single = swish(1.0f32, 2.0);
/// let dual = swish(Dual::new(1.0, 1.0), Dual::new(2.0, 0.0));
/// let tensor = swish(&Tensor::from([1.0, -1.0]), &Tensor::from([2.0]));
/// assert!((f64::from(single) - number).abs() < 1e-6);
/// assert_eq!([dual.value, tensor.as_slice()[0]], [number, number]);
///
/// // On a tape: one node for each call.
/// let tape = Tape::new();
/// let (x, beta) = (tape.tensor([1.0, -1.0]), tape.tensor([2.0]));
/// let y = swish(x, beta);
/// assert_eq!(tape.len(), 3);
/// let gradients = y.sum().backward();
/// let slope = |x: f64| (1.0 + (1.0 + 2.0 * x) * (-2.0 * x).exp()) / (1.0 + (-2.0 * x).exp()).powi(2);
/// assert!((gradients.wrt(x).as_slice()[0] - slope(1.0)).abs() < 1e-15);
/// ```
///
/// # The function
///
/// `fn name<T>(x: T, y: T, k: f64) -> T` has one type parameter, which takes no bound.
///
/// - **Arguments of type `T`** are what is differentiated. All have the same type in a call, one of `f32`, `f64`, `Dual`,
///   `Var`, `TensorVar`, `Tensor` and `&Tensor`. Tensors are broadcast against each other.
/// - **Arguments of type `f64`** are constants of the operation, the same for all elements and for any `T`.
///
/// Documentation, visibility and attributes are kept. The function may stand in a module, in another function, or among
/// the associated functions of a type. The bound it gets is `T: ElementwiseArgument`, its result `T::Output`: that is `T`,
/// and `Tensor` for a `&Tensor`.
///
/// ```
/// use gradtape::{Tape, elementwise};
///
/// #[elementwise]
/// pub fn leaky<T>(x: T, slope: f64) -> T {
///     if x > 0.0 { x } else { slope * x }
/// }
///
/// let tape = Tape::new();
/// let x = tape.tensor([2.0, 0.0, -2.0]);
/// assert_eq!(leaky(x, 0.25).sum().backward().wrt(x).as_slice(), [1.0, 0.25, 0.25]);
/// ```
///
/// # The formula
///
/// | what | how |
/// |---|---|
/// | numbers | `2.0`, also `2`; constants of type `f64` by their path: `std::f64::consts::PI`, `MY_CONST`, `SIZE as f64` |
/// | arithmetic | `+ - * /`, the sign, parentheses, blocks |
/// | names | `let`, which may give a name another value; a `const` or a `use` at the beginning |
/// | branches | `if` and `else` on `< <= > >= == !=` between numbers, with `&&`, `||` and `!` |
/// | functions of `x` | `neg abs exp exp2 expm1 ln log2 log10 ln_1p sqrt recip square sign floor ceil round sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sigmoid relu selu silu mish softplus softsign gelu gelu_tanh erf erfc lgamma`, as `exp(x)` or `x.exp()` |
/// | with constants | `leaky_relu(x, slope)`, `elu(x, alpha)`, `clamp(x, min, max)`, `powf(x, p)`, `powi(x, n)` with a whole `n` |
/// | of two | `pow(x, y)`, `maximum(x, y)`, `minimum(x, y)`, `atan2(y, x)`, `hypot(x, y)` |
/// | other formulas | by their path: `swish(x, 1.0)`, `my::swish(x, 1.0)` |
///
/// A name of the table means the function of the table; one of your own with the same name is written `self::exp(x)`. A
/// function that is called must be made by `#[elementwise]` as well. What is made of constants alone is computed in double
/// precision and rounded once.
///
/// ```
/// use gradtape::{Tensor, elementwise};
///
/// #[elementwise]
/// fn swish<T>(x: T, beta: T) -> T {
///     x * sigmoid(beta * x)
/// }
///
/// /// Huber's loss of a prediction and a target, and a touch of swish.
/// #[elementwise]
/// fn penalty<T>(y: T, target: T, delta: f64) -> T {
///     const SHARE: f64 = 0.1;
///     let d = abs(y - target);
///     let huber = if d <= delta { 0.5 * d * d } else { delta * (d - 0.5 * delta) };
///     huber + SHARE * swish(d, 1.0)
/// }
///
/// let at_target = penalty(&Tensor::from([1.0, 2.0]), &Tensor::from([1.0, 2.0]), 1.0);
/// assert_eq!(at_target, Tensor::zeros([2]));
/// ```
///
/// # The derivatives
///
/// - Of any order: slopes are written over the same types as the formula, so `Tape::gradient` and `Tape<Dual<f64>>` go
///   through it. Slopes of the functions are those of the library's table.
/// - The value of `f32` and `f64` is the expression as it is written. Slopes use the value of the formula, compute what they
///   share once, and for tensors are all computed in one loop.
/// - A condition has no slope. Where a branch is taken, the slope is that of this way; nothing of the other one takes part,
///   even where it is infinite or NaN: `if x > 0.0 { x.ln() } else { 0.0 }` has the slope 0 at 0. So at a kink it is the
///   comparison that chooses: above, `leaky` at 0 has the slope of its second way.
/// - A cotangent of 0 contributes 0, as everywhere on a tape: `swish` above has the slope 0 at -1000, where its exponential
///   is infinite.
///
/// # Mistakes
///
/// Each is reported at the word where it is, all at once:
///
/// ```compile_fail
/// # use gradtape::elementwise;
/// #[elementwise]
/// fn swish<T>(x: T, beta: T) -> T {
///     // error: unknown function `sigmod`; did you mean `sigmoid`?
///     // error: `betta` is neither an argument nor a `let` of the formula; did you mean `beta`?
///     x * (betta * x).sigmod()
/// }
/// ```
#[proc_macro_attribute]
pub fn elementwise(attribute: TokenStream, input: TokenStream) -> TokenStream {
    elementwise::elementwise(attribute.into(), input.into()).into()
}

/// Declares a layer by its parameters and its forward pass; the gradient comes from the tape.
///
/// ```
/// use gradtape::prelude::*;
///
/// layer! {
///     /// Scales every feature by a learned gate.
///     pub struct Gate(features: usize) {
///         weight: [features, features] = init::xavier_uniform,
///         bias: [features] = init::zeros,
///     }
///     shape [features] -> [features]
///     forward(x) { x * (x.matmul(weight) + bias).sigmoid() }
/// }
///
/// let rng = &mut Rng::new(7);
/// let net = network!(dense(784, 128, relu), Gate(128), dense(128, 10, softmax)).init(rng);
/// assert_eq!(net.named_params()[2].0, "gate1.weight");
///
/// let gate = Gate::<f64>::new(3, rng);
/// let tape = Tape::new();
/// let y = gate.forward(tape.constant([[1.0, 2.0, 3.0]]));
/// assert_eq!(y.sum().backward().wrt(&gate.weight).shape(), [3, 3]);
/// GradCheck::new().order(2).check_model(&gate, &Tensor::randn([4, 3], rng), |y| y.square().mean())?;
/// # Ok::<(), gradtape::Error>(())
/// ```
///
/// # What it makes
///
/// `struct Gate<T = f32>`, where `T` is the type of the numbers, with a public field for each argument and each
/// parameter; docs, attributes and visibility are kept. It implements `Layer<T>`, `Module<T>`, `Clone`, `Debug` and
/// `Display` (`Gate(128)`), so a `#[derive(Clone, Debug)]` that is written all the same is left out. Its functions are
///
/// - `Gate::new(features, rng)`, fresh parameters; `Gate::<f64>::new(..)` where nothing else tells the type of numbers,
/// - `gate.forward(x)`, the forward pass.
///
/// Several layers may stand in one call.
///
/// # Grammar
///
/// ```text
/// pub struct Name(argument: Type, argument: Type = default, ..) {
///     parameter: [size, ..] = initializer,
///     buffer name: [size, ..] = initializer,
///     layer: Type = expression,
/// }
/// shape [size, ..] -> [size, ..]
/// forward(x) { .. }
/// ```
///
/// The arguments with their parentheses, and the line `shape`, may be left out. Each entry may have docs, and fields
/// may have a visibility of their own.
///
/// # Parameters and buffers
///
/// The sizes are expressions of type `usize` over the arguments and constants; `[]` is a single number. The initializer
/// is a function of the shape and a generator of random numbers: one of `gradtape::nn::init`,
/// which is found by its name alone as well (`zeros`), the path of one of your own, or a closure. It sees the
/// arguments. A buffer is saved and converted with the layer, and no gradient changes it.
///
/// ```
/// use gradtape::prelude::*;
///
/// layer! {
///     struct Standardize(features: usize, spread: f64) {
///         scale: [features] = init::constant(1.0 / spread),
///         shift: [1, features] = |shape, rng| 0.1 * init::normal(0.0, 1.0)(shape, rng),
///         buffer mean: [features] = zeros,
///     }
///     forward(x) { (x - mean) * scale + shift }
/// }
///
/// let mut layer = Standardize::<f32>::new(2, 4.0, &mut Rng::new(7));
/// layer.mean.set([10.0, 20.0])?;
/// assert_eq!(layer.scale.value(), Tensor::from([0.25, 0.25]));
/// assert_eq!((layer.params().len(), layer.buffers().len()), (2, 1));
/// # Ok::<(), gradtape::Error>(())
/// ```
///
/// # Layers inside
///
/// A field with a type instead of sizes is a layer, or any other module: also `Vec`, `Option`, `Box` and arrays of
/// them. `T` is the type of the numbers; the expression sees the arguments and the generator, `rng`. The type must be
/// `Clone` and `Debug`, as those of arguments.
///
/// ```
/// use gradtape::nn::{Activation, Dense, Dropout};
/// use gradtape::prelude::*;
///
/// layer! {
///     struct Block(features: usize, depth: usize) {
///         dense: Vec<Dense<T>> = (0..depth).map(|_| Dense::new(features, features, rng)).collect(),
///         dropout: Dropout = Dropout::new(0.1),
///     }
///     forward(x) {
///         let mut y = x;
///         for layer in dense {
///             y = y + dropout.forward(layer.forward(y).tanh());
///         }
///         y
///     }
/// }
///
/// let block = Block::<f32>::new(4, 3, &mut Rng::new(7));
/// assert_eq!(block.named_params()[5].0, "dense.2.bias");
/// ```
///
/// # Arguments
///
/// Every argument is kept as a field, with its name as a value in initializers and in the forward pass. Its type does
/// not depend on `T`: a number is an `f64`. One with a default is given by name and may be left out; the default sees
/// the arguments before it. In `network!` that is `Name(arguments, name = value)`; by hand, `options` takes the names
/// and `init` makes the layer, while `new` takes the defaults.
///
/// ```
/// use gradtape::prelude::*;
///
/// layer! {
///     struct Bottleneck(features: usize, hidden: usize = features / 4, slope: f64 = 0.1) {
///         down: [features, hidden] = he_normal,
///         up: [hidden, features] = he_normal,
///     }
///     shape [features] -> [features]
///     forward(x) { x + x.matmul(down).leaky_relu(slope).matmul(up) }
/// }
///
/// let rng = &mut Rng::new(7);
/// assert_eq!(Bottleneck::<f32>::new(64, rng).hidden, 16);
/// let layer = Bottleneck::<f32>::options().hidden(8).slope(0.2).init(64, rng);
/// assert_eq!(layer.to_string(), "Bottleneck(64, hidden = 8, slope = 0.2)");
/// let net = network!(Bottleneck(64), Bottleneck(64, slope = 0.2)).init(rng);
/// assert_eq!(net.bottleneck2.slope, 0.2);
/// ```
///
/// # The forward pass
///
/// The body is any Rust. In it the input is a `TensorVar<'t, T>`; a parameter or buffer is one too, on the tape of the
/// input (`x.tape()`); an argument is a value, a layer inside a reference. `self` is there as well. What goes wrong in
/// an operation is reported at its line of the body.
///
/// A layer may have several inputs: more tensors, or values of a type that is given. It may give something else than
/// one tensor, again by its type. Such a layer has its function `forward`, and is a `Module`, but no `Layer`: it is
/// called by hand, or by a layer around it.
///
/// ```
/// use gradtape::nn::Dense;
/// use gradtape::prelude::*;
///
/// layer! {
///     struct Attention(features: usize) {
///         query: Dense<T> = Dense::new(features, features, rng),
///         key: Dense<T> = Dense::new(features, features, rng),
///     }
///     forward(x, context, mask: &Tensor<bool>) {
///         let scores = query.forward(x).matmul(key.forward(context).t()) / (features as f64).sqrt();
///         scores.masked_fill(mask, -1e9).softmax(-1).matmul(context)
///     }
///
///     /// One step of a recurrence.
///     struct Cell(inputs: usize, hidden: usize) {
///         input: Dense<T> = Dense::new(inputs, hidden, rng),
///         recurrent: Dense<T> = Dense::new(hidden, hidden, rng).without_bias(),
///     }
///     forward(x, state) -> [TensorVar<'t, T>; 2] {
///         let next = (input.forward(x) + recurrent.forward(state)).tanh();
///         [next.square(), next]
///     }
/// }
///
/// let cell = Cell::<f64>::new(3, 2, &mut Rng::new(7));
/// let tape = Tape::new();
/// let [y, state] = cell.forward(tape.constant(Tensor::ones([1, 3])), tape.constant(Tensor::zeros([1, 2])));
/// assert_eq!((y.shape(), state.shape()), (&[1, 2][..], &[1, 2][..]));
/// ```
///
/// # The shape rule
///
/// `shape [features] -> [features]` says which last axes the layer expects and what it puts in their place; those
/// before them (batch, time) stay. A size is made of arguments, constants, numbers and `+ - * /`; `_` is one of which
/// nothing is said, and `name @ _` before the arrow gives a name to a size that the input decides. With it
///
/// - `network!` compares the widths around the layer when the program is compiled, and infers those behind it,
/// - an input that does not fit is reported at the line of the caller.
///
/// Without it, nothing is checked, and the width behind the layer is unknown.
///
/// ```
/// use gradtape::prelude::*;
///
/// layer! {
///     /// Doubles the channels by putting the image beside its negative.
///     struct Mirror(channels: usize) {}
///     shape [channels, height @ _, width @ _] -> [2 * channels, height, width]
///     forward(x) { TensorVar::concat(&[x, -x], -3) }
/// }
///
/// let net = network!(input(3, 8, 6), Mirror(3), Mirror(6)).init(&mut Rng::new(7));
/// assert!(net.to_string().contains("[12, 8, 6]"));
/// ```
///
/// ```compile_fail
/// # use gradtape::prelude::*;
/// # layer! {
/// #     struct Gate(features: usize) { weight: [features] = zeros }
/// #     shape [features] -> [features]
/// #     forward(x) { x * weight }
/// # }
/// // error: Gate expects 100 inputs, but the layer before it gives 128
/// let net = network!(dense(784, 128, relu), Gate(100));
/// ```
#[proc_macro]
pub fn layer(input: TokenStream) -> TokenStream {
    layer::layer(input.into()).into()
}

/// Implements `Module<T>` for a struct: its parameters are those of its fields, under their names.
///
/// ```
/// use gradtape::nn::{Dense, Module, Param};
/// use gradtape::{Rng, Tensor};
///
/// #[derive(Module)]
/// struct Encoder<T> {
///     layers: Vec<Dense<T>>,
///     scale: Param<T>,
///     projection: Option<Box<Dense<T>>>,
///     #[module(skip)]
///     heads: usize,
/// }
///
/// let rng = &mut Rng::new(7);
/// let layers = vec![Dense::new(4, 4, rng), Dense::new(4, 2, rng)];
/// let encoder = Encoder::<f32> { layers, scale: Param::new([1.0f32]), projection: None, heads: 2 };
/// let names: Vec<String> = encoder.named_params().into_iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["layers.0.weight", "layers.0.bias", "layers.1.weight", "layers.1.bias", "scale"]);
/// assert_eq!(encoder.parameter_count(), 20 + 10 + 1);
///
/// let double: Encoder<f64> = Module::<f32>::convert(&encoder);
/// assert_eq!(double.heads, 2);
/// ```
///
/// # Fields
///
/// Every field is a module: a `Param`, a layer, another struct that derives, or a `Vec`, `Option`, `Box` or array of
/// them. The fields of a tuple struct are called `0`, `1`, ...; a `PhantomData` is left alone.
///
/// - `#[module(skip)]`: no module. The field is cloned when the struct is converted to other numbers, so its type is
///   `Clone` and does not depend on them.
/// - `#[module(rename = "w")]`: another name in the paths, as for the files of another program.
///
/// # Generics
///
/// The type of the numbers is the type parameter that stands in the types of the fields. Where several do, one is named
/// by `#[module(number = T)]`, and the others are modules too, which are converted with the struct. Bounds of these
/// belong on impls, not on the struct: they would have to hold for the converted module as well.
///
/// ```
/// use gradtape::nn::{Dense, Module, Param};
///
/// /// Any module, and a scale.
/// #[derive(Module)]
/// #[module(number = T)]
/// struct Scaled<T, M, const N: usize> {
///     inner: [M; N],
///     #[module(rename = "gain")]
///     scale: Param<T>,
/// }
///
/// let rng = &mut gradtape::Rng::new(7);
/// let inner = [Dense::<f32>::new(2, 1, rng), Dense::new(2, 1, rng)];
/// let scaled = Scaled { inner, scale: Param::new([1.0f32]) };
/// let double: Scaled<f64, Dense<f64>, 2> = scaled.convert();
/// assert_eq!(double.named_params()[4].0, "gain");
/// ```
///
/// Enums and unions are not derived for.
#[proc_macro_derive(Module, attributes(module))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    module::derive(input.into()).into()
}
