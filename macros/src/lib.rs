//! The macros of [gradtape](https://docs.rs/gradtape), which re-exports them. Here are the entry points and their
//! documentation; each macro has a folder of its own.

mod elementwise;
mod errors;
mod foreign;
mod gradcheck;
#[cfg(test)]
mod half_typed;
mod layer;
mod module;
mod network;
mod text;
mod tokens;

use proc_macro::TokenStream;

/// See `gradtape::network!`, which says where the library is: `[$crate]` in front.
#[proc_macro]
pub fn network(input: TokenStream) -> TokenStream {
    tokens::with_library(input.into(), network::network).into()
}

/// Makes an operation of a formula: the function is differentiated when the program is compiled, and a call of it is
/// one node of a tape, however long the formula.
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
/// assert_eq!(swish(x, tape.constant(2.0)).value(), y.value());
/// ```
///
/// # The function
///
/// `fn name<T>(x: T, y: T, k: f64) -> T` has one type parameter, which takes no bound.
///
/// - **Arguments of type `T`** are what is differentiated. All have the same type in a call, one of `f32`, `f64`,
///   `Dual`, `MultiDual`, `Taylor`, `Var`, `TensorVar`, `Tensor` and `&Tensor`. Tensors are broadcast against each
///   other. Or all are lists of numbers or of scalars, of one length and with nothing broadcast: slices, where
///   `f(&x[..], &y)` makes one of `y` too, or all `&Vec`, or all references to arrays. (Where these are mixed, rustc
///   says that an argument "needs to match" the type of the first: write the first as a slice, `&x[..]`.) The result
///   is a `Vec`, element by element; on a tape of scalars each element is a node. Lists of `f32` and `f64`, and of
///   scalars over them, are computed in vectors, with the values of a tensor: faster than one call an element from some
///   ten elements on, or, where a formula is but a few additions and products, from a hundred on.
/// - **Arguments of type `f64`** are constants of the operation, the same for all elements and for any `T`.
///
/// A number for an argument of type `T` is given that type first: `swish(x, Var::from(2.0))` beside a scalar,
/// `swish(x, x.tape().constant(2.0))` beside a tensor of a tape; inside another formula it is written as it is,
/// `swish(x, 2.0)`. Code that is generic over numbers has the bound `T: gradtape::Operand`, beside `Float` as a rule,
/// for numbers and for lists of them.
///
/// Documentation, visibility and attributes are kept. The function may stand in a module, in another function, or among
/// the associated functions of a type. The bound it gets is `T: ElementwiseArgument`, its result `T::Output`: that is
/// `T`, `Tensor` for a `&Tensor` and `Vec` for a slice.
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
/// let x = tape.vars(&[3.0, -2.0]);
/// let y = leaky(&x, 0.25);
/// assert_eq!((y[0].value(), y[1].value()), (3.0, -0.5));
/// ```
///
/// # The formula
///
/// | what | how |
/// |---|---|
/// | numbers | `2.0`, also `2`; constants (`f64`) by their path: `std::f64::consts::PI`, `MY_CONST`, `SIZE as f64` |
/// | arithmetic | `+ - * /`, the sign, parentheses, blocks |
/// | names | `let`, which may give a name another value; a `const` or a `use` at the beginning |
/// | branches | `if` and `else` on `< <= > >= == !=` between numbers, with `&&`, `||` and `!` |
/// | functions of `x` | `neg abs exp exp2 expm1 ln log2 log10 ln_1p sqrt recip square sign floor ceil round sin cos tan asin acos atan sinh cosh tanh asinh acosh atanh sigmoid relu selu silu mish softplus softsign gelu gelu_tanh erf erfc lgamma`, as `exp(x)` or `x.exp()` |
/// | with constants | `leaky_relu(x, slope)`, `elu(x, alpha)`, `clamp(x, min, max)`, `powf(x, p)`, `powi(x, n)` with a whole `n` |
/// | of two | `pow(x, y)`, `maximum(x, y)`, `minimum(x, y)`, `atan2(y, x)`, `hypot(x, y)` |
/// | other formulas | by their path: `swish(x, 1.0)`, `my::swish(x, 1.0)` |
///
/// A name of the table means the function of the table; one of your own with the same name is written `self::exp(x)`. A
/// function that is called must be made by `#[elementwise]` as well. What is made of constants alone is computed in
/// double precision and rounded once.
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
/// - The value of `f32` and `f64` is the expression as it is written. Slopes use the value of the formula, compute
///   what they share once, and for tensors are all computed in one loop.
/// - A condition has no slope. Where a branch is taken, the slope is that of this way; nothing of the other one takes
///   part, even where it is infinite or NaN: `if x > 0.0 { x.ln() } else { 0.0 }` has the slope 0 at 0. So at a kink
///   it is the comparison that chooses: above, `leaky` at 0 has the slope of its second way.
/// - A cotangent of 0 contributes 0, as everywhere on a tape: `swish` above has the slope 0 at -1000, where its
///   exponential is infinite; and so does a slope of 0 against an infinite cotangent: `sqrt(relu(x))` has the slope 0
///   below 0. The exception is an argument or a constant that is infinite itself and meets a 0 that is known to be
///   finite: `y * sigmoid(x)` has the slope NaN towards x at (∞, ∞), where the operators give 0. To look at each
///   product would cost every element of every formula a comparison.
/// - A formula with a function that takes long keeps its slopes from the forward pass, one tensor for each argument
///   that needs a gradient, until the sweep comes by; inside of `recompute` nothing is kept.
///
/// # Grammar
///
/// ```text
/// #[elementwise]                     or #[elementwise(crate = name)]
/// fn name<T>(x: T, y: T, constant: f64) -> T {
///     const NAME: f64 = ..;          items: const and use
///     let name = expression;
///     expression
/// }
///
/// expression  number, name, CONST, path::CONST, CONST as f64
///             expression + expression   and - * /
///             -expression, (expression), { let ..; expression }
///             if condition { expression } else { expression }   and else if
///             function(expression, ..), expression.function(..), path::formula(expression, ..)
/// condition   expression < expression   and <= > >= == !=
///             condition && condition, condition || condition, !condition, (condition)
/// ```
///
/// Where the library has another name in a program, `crate` says it: `ad = { package = "gradtape", .. }` in
/// `Cargo.toml` and `#[elementwise(crate = ad)]`. (The macros that are called as `network!` know by themselves.)
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
///
/// ```compile_fail
/// # use gradtape::elementwise;
/// // error: a formula is generic, so that it runs on numbers, tapes and tensors alike: `fn name<T>(x: T, y: T) -> T`
/// #[elementwise]
/// fn half(x: f64) -> f64 {
///     0.5 * x
/// }
/// ```
///
/// ```compile_fail
/// # use gradtape::elementwise;
/// #[elementwise]
/// fn sum<T>(x: T) -> T {
///     // error: a formula changes nothing: remove `mut`; a `let` may give the name another value
///     let mut sum = 0.0;
///     // error: a formula has no loops; it is made of numbers, `let`, `if`/`else`, `+ - * /` and functions
///     for i in 0..3 {
///         sum += x;
///     }
///     sum
/// }
/// ```
#[proc_macro_attribute]
pub fn elementwise(attribute: TokenStream, input: TokenStream) -> TokenStream {
    elementwise::elementwise(attribute.into(), input.into()).into()
}

/// See `gradtape::layer!`, which says where the library is: `[$crate]` in front.
#[proc_macro]
pub fn layer(input: TokenStream) -> TokenStream {
    tokens::with_library(input.into(), layer::layer).into()
}

/// See `gradtape::gradcheck!`, which says where the library is: `[$crate]` in front.
#[proc_macro]
pub fn gradcheck(input: TokenStream) -> TokenStream {
    tokens::with_library(input.into(), gradcheck::gradcheck).into()
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
/// # Grammar
///
/// ```text
/// #[derive(Module)]
/// #[module(number = T)]         which parameter is the type of the numbers, where several could be
/// #[module(crate = name)]       where the library has another name in the program
/// struct Name<T, ..> {
///     field: Type,
///     #[module(skip)]
///     field: Type,
///     #[module(rename = "name")]
///     field: Type,
/// }
/// ```
///
/// # Mistakes
///
/// Each is reported at the word where it is, all at once:
///
/// ```compile_fail
/// # use gradtape::nn::{Module, Param};
/// #[derive(Module)]
/// struct Gate<T> {
///     weight: Param<T>,
///     // error: `usize` is not a module with parameters of type `T`
///     // note: in a `#[derive(Module)]`, a field without parameters is marked `#[module(skip)]`
///     features: usize,
/// }
/// ```
///
/// ```compile_fail
/// # use gradtape::nn::Module;
/// // error: a module is generic over the type of its numbers: `struct Gate<T> { weight: Param<T> }`
/// #[derive(Module)]
/// struct Gate {
///     #[module(skip)]
///     features: usize,
/// }
/// ```
///
/// ```compile_fail
/// # use gradtape::nn::{Module, Param};
/// #[derive(Module)]
/// struct Gate<T> {
///     weight: Param<T>,
///     // error: unknown option `skp`; did you mean `skip`?
///     #[module(skp)]
///     features: usize,
/// }
/// ```
///
/// Enums and unions are not derived for.
#[proc_macro_derive(Module, attributes(module))]
pub fn derive_module(input: TokenStream) -> TokenStream {
    module::derive(input.into()).into()
}
