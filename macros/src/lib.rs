//! The macros of [gradtape](https://docs.rs/gradtape), which re-exports them. Here are the entry points and their
//! documentation; each macro has a folder of its own.

mod errors;
mod network;

use proc_macro::TokenStream;

/// Declares a feed-forward network: the type, its layers, its forward pass and its parameters.
///
/// ```
/// use gradtape::prelude::*;
///
/// network! {
///     /// 784 pixels in, ten class probabilities out.
///     pub struct Digits { hidden: dense(784, 128, relu), output: dense(128, 10, softmax) }
/// }
///
/// let net = Digits::new(&mut Rng::new(7)); // a Digits<f32>
/// assert_eq!(net.named_params().len(), 4); // hidden.weight, hidden.bias, output.weight, output.bias
/// ```
///
/// # Three spellings
///
/// **An item.** `pub struct Name { field: layer, field: layer }` declares `struct Name<T = f32>`, where `T` is the type
/// of the numbers, with one public field a layer. It implements `Layer<T>`, `Module<T>`, `Clone`, `Debug` and `Display`
/// (a summary, one line a layer), so a `#[derive(Clone, Debug)]` that is written all the same is left out; docs and
/// other attributes are kept. Its functions are
///
/// - `Name::new(&mut rng)`, fresh parameters as `f32`,
/// - `Name::<f64>::init(&mut rng)`, the same for another type of numbers,
/// - `net.forward(x)`, the output for a batch of inputs.
///
/// Several items may stand in one call. A layer without a name is called by its kind and count.
///
/// ```
/// use gradtape::prelude::*;
///
/// network! {
///     struct Small { dense(2, 8, tanh), dropout(0.1), dense(8, 1) }
///     struct Large { dense(2, 512, tanh), dense(512, 1) }
/// }
///
/// let net = Small::<f64>::init(&mut Rng::new(7));
/// let Small { dense1, dropout1, dense2 } = &net;
/// println!("{dense1:?} {dropout1:?} {dense2:?}");
/// assert!(net.to_string().contains("dense(2, 8, tanh)"));
/// assert!(Large::new(&mut Rng::new(7)).to_string().contains("[512]"));
/// ```
///
/// **An expression**, for a network that needs no name. `init` makes it as `f32`, `init_as` as other numbers.
///
/// ```
/// use gradtape::prelude::*;
///
/// let rng = &mut Rng::new(7);
/// let net = network!(dense(784, 128, relu), dense(128, 10, softmax)).init(rng);
/// let wide = network!(dense(784, 128, relu), dense(128, 10, softmax)).init_as::<f64>(rng);
/// assert_eq!(net.named_params().len(), wide.named_params().len());
/// ```
///
/// **Bracketed**, the same.
///
/// ```
/// use gradtape::prelude::*;
///
/// let net = network! { < dense(784, 128, relu), dense(128, 10, softmax) > }.init(&mut Rng::new(7));
/// assert_eq!(net.named_params().len(), 4);
/// ```
///
/// # Layers
///
/// | entry | what it does |
/// |---|---|
/// | `input(n)`, `input(28, 28)` | fixes the shape of one input (without the batch); only as the first entry |
/// | `dense(inputs, outputs, activation)` | `activation(x · weight + bias)` on the last axis |
/// | `dense(outputs, activation)` | the same behind a width that is known |
/// | `dropout(p)` | in training, drops each value with probability `p` |
/// | `relu`, `softmax`, `leaky_relu(0.1)`, ... | an activation as a layer of its own |
/// | `Gate(128)`, `my::Gate(128, 0.5)` | a layer of your own, by its type |
///
/// An activation may be left out (`linear`). Every argument may also be given by its name, `dropout(p = 0.1)`; two of
/// `dense` only so:
///
/// - `bias = false`: no bias,
/// - `init = he_normal`: how the weight is drawn: a function of `nn::init`, or the path of one of your own.
///
/// ```
/// use gradtape::prelude::*;
///
/// let net = network!(
///     input(784),
///     dense(128, bias = false),
///     leaky_relu(0.1),
///     dense(10, log_softmax, init = he_normal)
/// )
/// .init(&mut Rng::new(7));
/// let names: Vec<String> = net.named_params().into_iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["dense1.weight", "dense2.weight", "dense2.bias"]);
/// ```
///
/// # Activations
///
/// `linear`, `relu`, `leaky_relu(slope)`, `elu(alpha)`, `selu`, `silu`, `mish`, `softplus`, `softsign`, `gelu`,
/// `gelu_tanh`, `tanh`, `sigmoid`, `softmax`, `log_softmax`. The last two act on the last axis.
///
/// # Sizes
///
/// A size is any constant expression of type `usize`; numbers such as `p` are constant expressions of type `f64`. A
/// variable, or a const parameter of the function around, is not: for a size that is read at run time build the layers
/// by hand (`Dense::new`).
///
/// ```
/// use gradtape::prelude::*;
///
/// const HIDDEN: usize = 64;
/// const RATE: f64 = 0.2;
///
/// let net = network!(dense(784, HIDDEN * 2, relu), dropout(RATE), dense(HIDDEN * 2, 10)).init(&mut Rng::new(7));
/// assert!(net.to_string().contains("[128]"));
/// ```
///
/// Each width is compared with the one before it when the program is compiled; `cargo check` says at the offending
/// number
///
/// ```compile_fail
/// # use gradtape::prelude::*;
/// // error: dense expects 100 inputs, but the layer before it gives 128
/// let net = network!(dense(784, 128, relu), dense(100, 10));
/// ```
///
/// # Layers of your own
///
/// An entry that begins with a capital letter is the path of a type `Path<T>`, generic over its numbers alone, with
/// `new(arguments.., rng)`; it implements `Layer<T>` and `Module<T>` (and `Clone` and `Debug` where the network shall).
/// What `layer!` declares is such a type.
///
/// ```
/// use gradtape::nn::{Dense, Layer, Module, Param, Path};
/// use gradtape::{Rng, Scalar, TensorVar, network};
///
/// /// The same layer twice.
/// #[derive(Clone, Debug)]
/// struct Twice<T> {
///     dense: Dense<T>,
/// }
///
/// impl<T: Scalar> Twice<T> {
///     fn new(features: usize, rng: &mut impl gradtape::rand::Rng) -> Self {
///         Twice { dense: Dense::new(features, features, rng) }
///     }
/// }
///
/// impl<T: Scalar> Layer<T> for Twice<T> {
///     fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
///         self.dense.forward(self.dense.forward(x))
///     }
/// }
///
/// impl<T: Scalar> Module<T> for Twice<T> {
///     type In<U: Scalar> = Twice<U>;
///     fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
///         self.dense.visit(path, visitor);
///     }
///     fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
///         self.dense.visit_mut(path, visitor);
///     }
///     fn convert<U: Scalar>(&self) -> Twice<U> {
///         Twice { dense: Module::<T>::convert(&self.dense) }
///     }
/// }
///
/// let net = network!(dense(784, 128, relu), Twice(128), dense(128, 10, softmax)).init(&mut Rng::new(7));
/// assert_eq!(net.named_params()[2].0, "twice1.weight");
/// ```
///
/// The width behind such a layer is not known, and not compared, unless the type has a shape rule (the line `shape` of
/// `layer!`).
#[proc_macro]
pub fn network(input: TokenStream) -> TokenStream {
    network::network(input.into()).into()
}
