//! [`Module`], an owner of named parameters, and the containers that are modules if their elements are. No forward
//! pass.

use super::{Param, Path};
use crate::Scalar;

/// Something that owns parameters: a layer, a list of layers, a model with several inputs.
///
/// Optimizers, checkpoints and gradient checks visit the parameters; a module only says where they are. `network!`,
/// `layer!` and `#[derive(Module)]` write the implementation; [the page of `nn`](crate::nn) has one by hand.
///
/// A parameter of a model is trained, frozen ([`Param::freeze`]) or a buffer ([`Param::buffer`]). The functions named
/// after parameters give the first two, those named after buffers the last.
///
/// ```
/// use gradtape::nn::{Dense, Module};
/// let layers: Vec<Dense<f32>> = [4, 8].map(|n| Dense::new(n, 2 * n, &mut gradtape::Rng::new(7))).into();
/// let names: Vec<String> = layers.named_params().into_iter().map(|(name, _)| name).collect();
/// assert_eq!(names, ["0.weight", "0.bias", "1.weight", "1.bias"]);
/// assert_eq!(layers.parameter_count(), (4 * 8 + 8) + (8 * 16 + 16));
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module with parameters of type `{T}`",
    label = "not a module",
    note = "declare it with `layer!`, derive `Module`, or implement `gradtape::nn::Module` for it",
    note = "in a `#[derive(Module)]`, a field without parameters is marked `#[module(skip)]`"
)]
pub trait Module<T: Scalar> {
    /// The same module with numbers of another type.
    type In<U: Scalar>: Module<U>
    where
        Self: Sized;

    /// Calls `visitor` with each parameter and buffer and its path, which begins with `path`; always in the same order.
    fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>));

    /// The same for changing them; in the order of [`visit`](Self::visit).
    fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>));

    /// A copy with numbers of another type, rounded: a model of `f32` as `f64`, for a gradient check.
    ///
    /// ```
    /// use gradtape::nn::{Dense, Module};
    /// let single = Dense::<f32>::new(2, 3, &mut gradtape::Rng::new(7));
    /// let double = Module::<f32>::convert::<f64>(&single);
    /// assert_eq!(double.weight.value().as_slice()[0], f64::from(single.weight.value().as_slice()[0]));
    /// ```
    fn convert<U: Scalar>(&self) -> Self::In<U>
    where
        Self: Sized;

    /// The parameters, trained and frozen.
    #[doc(alias = "parameters")]
    fn params(&self) -> Vec<&Param<T>> {
        let mut params = Vec::new();
        self.visit(&Path::root(), &mut |_, param| {
            if !param.is_buffer() {
                params.push(param);
            }
        });
        params
    }

    /// The parameters for changing them.
    fn params_mut(&mut self) -> Vec<&mut Param<T>> {
        let mut params = Vec::new();
        self.visit_mut(&Path::root(), &mut |_, param| {
            if !param.is_buffer() {
                params.push(param);
            }
        });
        params
    }

    /// The parameters with their names.
    #[doc(alias = "state_dict")]
    #[doc(alias = "named_parameters")]
    fn named_params(&self) -> Vec<(String, &Param<T>)> {
        let mut params = Vec::new();
        self.visit(&Path::root(), &mut |path, param| {
            if !param.is_buffer() {
                params.push((path.to_string(), param));
            }
        });
        params
    }

    /// The buffers.
    fn buffers(&self) -> Vec<&Param<T>> {
        let mut buffers = Vec::new();
        self.visit(&Path::root(), &mut |_, param| {
            if param.is_buffer() {
                buffers.push(param);
            }
        });
        buffers
    }

    /// The buffers with their names.
    fn named_buffers(&self) -> Vec<(String, &Param<T>)> {
        let mut buffers = Vec::new();
        self.visit(&Path::root(), &mut |path, param| {
            if param.is_buffer() {
                buffers.push((path.to_string(), param));
            }
        });
        buffers
    }

    /// How many numbers the parameters hold together, without buffers.
    #[doc(alias = "num_params")]
    #[doc(alias = "num_parameters")]
    #[doc(alias = "count_params")]
    fn parameter_count(&self) -> usize {
        let mut count = 0;
        self.visit(&Path::root(), &mut |_, param| {
            if !param.is_buffer() {
                count += param.len();
            }
        });
        count
    }
}

/// A single parameter, under the path it is visited at.
impl<T: Scalar> Module<T> for Param<T> {
    type In<U: Scalar> = Param<U>;

    fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
        visitor(path, self);
    }

    fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
        visitor(path, self);
    }

    fn convert<U: Scalar>(&self) -> Param<U> {
        Param::convert(self)
    }
}

impl<T: Scalar, M: Module<T>> Module<T> for Box<M> {
    type In<U: Scalar> = Box<M::In<U>>;

    fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
        (**self).visit(path, visitor);
    }

    fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
        (**self).visit_mut(path, visitor);
    }

    fn convert<U: Scalar>(&self) -> Self::In<U> {
        Box::new((**self).convert())
    }
}

/// The parameters of what is there.
impl<T: Scalar, M: Module<T>> Module<T> for Option<M> {
    type In<U: Scalar> = Option<M::In<U>>;

    fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
        if let Some(module) = self {
            module.visit(path, visitor);
        }
    }

    fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
        if let Some(module) = self {
            module.visit_mut(path, visitor);
        }
    }

    fn convert<U: Scalar>(&self) -> Self::In<U> {
        self.as_ref().map(Module::convert)
    }
}

/// The parameters of each, under its place: `0.weight`.
impl<T: Scalar, M: Module<T>> Module<T> for Vec<M> {
    type In<U: Scalar> = Vec<M::In<U>>;

    fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
        for (i, module) in self.iter().enumerate() {
            module.visit(&path.index(i), visitor);
        }
    }

    fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
        for (i, module) in self.iter_mut().enumerate() {
            module.visit_mut(&path.index(i), visitor);
        }
    }

    fn convert<U: Scalar>(&self) -> Self::In<U> {
        self.iter().map(Module::convert).collect()
    }
}

/// The parameters of each, under its place: `0.weight`.
impl<T: Scalar, M: Module<T>, const N: usize> Module<T> for [M; N] {
    type In<U: Scalar> = [M::In<U>; N];

    fn visit<'a>(&'a self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a Param<T>)) {
        for (i, module) in self.iter().enumerate() {
            module.visit(&path.index(i), visitor);
        }
    }

    fn visit_mut<'a>(&'a mut self, path: &Path<'_>, visitor: &mut dyn FnMut(&Path<'_>, &'a mut Param<T>)) {
        for (i, module) in self.iter_mut().enumerate() {
            module.visit_mut(&path.index(i), visitor);
        }
    }

    fn convert<U: Scalar>(&self) -> Self::In<U> {
        std::array::from_fn(|i| self[i].convert())
    }
}

/// Makes types that own no parameter modules.
macro_rules! without_parameters {
    ($($Type:ty),* $(,)?) => { $(
        impl<T: $crate::Scalar> $crate::nn::Module<T> for $Type {
            type In<U: $crate::Scalar> = $Type;

            fn visit<'a>(
                &'a self,
                _: &$crate::nn::Path<'_>,
                _: &mut dyn FnMut(&$crate::nn::Path<'_>, &'a $crate::nn::Param<T>),
            ) {
            }

            fn visit_mut<'a>(
                &'a mut self,
                _: &$crate::nn::Path<'_>,
                _: &mut dyn FnMut(&$crate::nn::Path<'_>, &'a mut $crate::nn::Param<T>),
            ) {
            }

            fn convert<U: $crate::Scalar>(&self) -> $Type {
                self.clone()
            }
        }
    )* };
}
pub(crate) use without_parameters;

without_parameters!(());
