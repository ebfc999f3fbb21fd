//! Layer 3: the rule book, and the only folder where the derivative of an operation stands. What is no operation is
//! differentiated by the tape: the solution of an equation ([`implicit`](crate::implicit), [`ode`](crate::ode)) has its
//! derivative from that of the equation.
//!
//! # How to add an operation
//!
//! - **Elementwise**: a row of the table in `elementwise.rs` gives its value, slope and test domain, and makes methods
//!   of `Tensor`, `TensorVar`, `Var`, `Dual`, `MultiDual` and `Taylor`, documentation and a gradient check of it.
//! - **Structural** (anything else): a struct with an [`Op`] in the file of its family, and a line in `builtin.rs` that
//!   names it and the cases it is checked on. Its method stands beside it.
//! - **A user's own**: a formula under [`#[elementwise]`](crate::elementwise); anything else is an [`Op`] or a
//!   [`VariadicOp`], brought onto the tape by [`apply`] or [`apply_variadic`].
//!
//! A rule is written once, over an [`Algebra`], and so gives gradients of any order. It only returns cotangents, for
//! the inputs that need one; the engine adds them up, sums them over broadcast axes and checks shapes.
//!
#![doc = include_str!("accuracy.md")]

mod algebra;
pub(crate) mod builtin;
mod cotangent_product;
mod custom;
pub(crate) mod dropout;
mod dual;
pub(crate) mod elementwise;
mod expr;
mod float;
pub(crate) mod formula;
mod fuse;
pub(crate) mod index;
pub(crate) mod lane;
pub(crate) mod layout;
pub(crate) mod linear;
mod lists;
pub(crate) mod map;
mod methods;
pub(crate) mod mse;
pub mod numeric;
mod operand;
mod operators;
mod planes;
pub(crate) mod product;
mod pushforward;
pub(crate) mod reduce;
mod rows;
mod scalar;
mod series;
pub(crate) mod softmax;
mod steer;
mod taylor;
mod vectorized;

pub use algebra::Algebra;
pub(crate) use algebra::{recorded_partials, recorded_sweep};
pub use builtin::{Builtin, Case, cases};
pub use elementwise::Row;
pub use expr::Expr;
pub use formula::ElementwiseArgument;
pub use fuse::{Fused, fuse};
pub(crate) use methods::methods;
pub use methods::{TapeOperand, TensorOperand};
pub use operand::{Elementwise, Operand};
pub(crate) use pushforward::Pushforward;
pub use scalar::{FromNumber, Number, Scalar};
pub use vectorized::vectorized;

use crate::{
    Shape, Tensor,
    tape::{Cotangents, Kept, Slots, Step, TensorVar},
};
use std::any::Any;

/// An operation on `N` tensors, and its rule. The arity is a type, so that a missing gradient does not compile.
///
/// ```
/// use gradtape::{Scalar, Shape, Tape, Tensor, ops::{self, Algebra, Op}};
///
/// /// x³, elementwise.
/// struct Cube;
/// impl<T: Scalar> Op<T, 1> for Cube {
///     fn name(&self) -> &'static str {
///         "cube"
///     }
///     fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
///         Ok(x.into())
///     }
///     fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
///         x.map(|x| x * x * x)
///     }
///     fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
///         [Some(g.mul(x.square()).scale(3.0))]
///     }
/// }
///
/// let tape = Tape::new();
/// let x = tape.tensor([1.0, 2.0]);
/// let y = ops::apply(Cube, [x]).sum();
/// assert_eq!(y.backward().wrt(x), Tensor::from([3.0, 12.0]));
/// let slope = tape.gradient(y, &[x])[0].sum();
/// assert_eq!(slope.backward().wrt(x), Tensor::from([6.0, 12.0]));
/// ```
pub trait Op<T: Scalar, const N: usize>: Send + Sync + 'static {
    /// The name in messages and in the tape's `Display`.
    fn name(&self) -> &'static str;

    /// The shape of the result; or both shapes and the reason why they do not fit.
    ///
    /// # Errors
    /// The message begins with the shapes; the engine puts the operation's name before it and panics at the user's
    /// line.
    fn shape(&self, x: [&[usize]; N]) -> Result<Shape, String>;

    /// The result. Shapes have been checked; it must be a function of the inputs alone, as it may be computed again.
    fn value(&self, x: [&Tensor<T>; N]) -> Tensor<T>;

    /// The result, and what [`accumulate`](Self::accumulate) gets back as [`Cotangents::kept`], unless it was dropped
    /// since: what is cheaper to keep than to compute again for the inputs of which `needs` is true. `None`, the
    /// default, where nothing is. Called in place of [`value`](Self::value) where a sweep may follow, and with the same
    /// result.
    ///
    /// ```
    /// use gradtape::{Cotangents, Kept, Scalar, Shape, Tape, Tensor, ops::{self, Algebra, Op}};
    ///
    /// /// x³, elementwise, with the slope 3x² kept.
    /// struct Cube;
    /// impl<T: Scalar> Op<T, 1> for Cube {
    ///     fn name(&self) -> &'static str {
    ///         "cube"
    ///     }
    ///     fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
    ///         Ok(x.into())
    ///     }
    ///     fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
    ///         x.powi(3)
    ///     }
    ///     fn value_keeping(&self, [x]: [&Tensor<T>; 1], _needs: [bool; 1]) -> Option<(Tensor<T>, Kept<T>)> {
    ///         let square = x.square();
    ///         Some((&square * x, vec![Some(square * 3.0)]))
    ///     }
    ///     fn pullback<A: Algebra<T>>(&self, [x]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
    ///         [Some(g.mul(x.square()).scale(3.0))]
    ///     }
    ///     fn accumulate(&self, [x]: [&Tensor<T>; 1], _y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
    ///         // After a first sweep it is gone.
    ///         let slope = into.kept().pop().flatten().unwrap_or_else(|| x.square() * 3.0);
    ///         into.give(0, g * slope);
    ///     }
    /// }
    ///
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 2.0]);
    /// let y = ops::apply(Cube, [x]).sum();
    /// for _ in 0..2 {
    ///     assert_eq!(y.backward().wrt(x), Tensor::from([3.0, 12.0]));
    /// }
    /// ```
    fn value_keeping(&self, _x: [&Tensor<T>; N], _needs: [bool; N]) -> Option<(Tensor<T>, Kept<T>)> {
        None
    }

    /// Whether [`accumulate`](Self::accumulate) takes a cotangent of rank 0 for one that is the same number everywhere,
    /// as a sum gives it.
    fn takes_uniform(&self) -> bool {
        false
    }

    /// The cotangents of the inputs `x` for which `needs` is true, from the result `y` and its cotangent `g`.
    ///
    /// One may have the shape to which its input was broadcast: the engine sums over the axes.
    fn pullback<A: Algebra<T>>(&self, x: [A; N], y: A, g: A, needs: [bool; N]) -> [Option<A>; N];

    /// The same cotangents on numbers, added to where they belong; written only where it is worth the speed, as for
    /// a product that is added straight into a gradient. The rules' checks compare the two.
    fn accumulate(&self, x: [&Tensor<T>; N], y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        let needs = std::array::from_fn(|i| into.wants(i));
        let cotangents = self.pullback(x.map(Tensor::clone), y.clone(), g, needs);
        give_all(self.name(), cotangents, into);
    }
}

/// An operation on a list of tensors, and its rule. As [`Op`] otherwise.
pub trait VariadicOp<T: Scalar>: Send + Sync + 'static {
    /// The name in messages and in the tape's `Display`.
    fn name(&self) -> &'static str;

    /// The shape of the result; or the shapes and the reason why they do not fit.
    ///
    /// # Errors
    /// As for [`Op::shape`].
    fn shape(&self, x: &[&[usize]]) -> Result<Shape, String>;

    /// The result, a function of the inputs alone.
    fn value(&self, x: &[&Tensor<T>]) -> Tensor<T>;

    /// One cotangent for each input for which `needs` is true.
    fn pullback<A: Algebra<T>>(&self, x: &[A], y: A, g: A, needs: &[bool]) -> Vec<Option<A>>;
}

/// Records an operation of one's own.
///
/// # Panics
/// At the caller's line, if the shapes do not fit or the inputs are on different tapes.
#[track_caller]
pub fn apply<'t, T: Scalar, O: Op<T, N>, const N: usize>(op: O, x: [TensorVar<'t, T>; N]) -> TensorVar<'t, T> {
    TensorVar::record(Box::new(Erased::<O, N>(op)), &x)
}

/// Records an operation of one's own on a list of tensors.
///
/// # Panics
/// As [`apply`]; and if the list is empty.
#[track_caller]
pub fn apply_variadic<'t, T: Scalar>(op: impl VariadicOp<T>, x: &[TensorVar<'t, T>]) -> TensorVar<'t, T> {
    TensorVar::record(Box::new(ErasedVariadic(op)), x)
}

/// Computes an operation on plain tensors, without a tape.
#[track_caller]
pub(crate) fn run<T: Scalar>(step: &dyn Step<T>, x: &[&Tensor<T>]) -> Tensor<T> {
    let shapes: smallvec::SmallVec<[&[usize]; 4]> = x.iter().map(|x| x.shape()).collect();
    if let Err(reason) = step.shape(&shapes) {
        panic!("{}: {reason}", step.name());
    }
    step.value(x).expect("every operation but a closure has a value")
}

fn give_all<T: Scalar>(
    name: &str,
    cotangents: impl IntoIterator<Item = Option<Tensor<T>>>,
    into: &mut Cotangents<'_, T>,
) {
    for (i, cotangent) in cotangents.into_iter().enumerate() {
        match cotangent {
            Some(cotangent) => into.give(i, cotangent),
            None if into.wants(i) => panic!("{name}: the rule returned no cotangent for input {i}, which needs one"),
            None => {}
        }
    }
}

/// An [`Op`] as the engine takes it: the number of inputs erased.
pub(crate) struct Erased<O, const N: usize>(pub(crate) O);

/// The inputs as the array that the operation's arity promises; the engine hands on what was recorded.
#[inline]
fn fixed<A: Copy, const N: usize>(inputs: &[A]) -> [A; N] {
    inputs.try_into().expect("a step has as many inputs as its operation")
}

impl<T: Scalar, O: Op<T, N>, const N: usize> Step<T> for Erased<O, N> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn shape(&self, inputs: &[&[usize]]) -> Result<Shape, String> {
        self.0.shape(fixed(inputs))
    }

    fn value(&self, inputs: &[&Tensor<T>]) -> Option<Tensor<T>> {
        Some(self.0.value(fixed(inputs)))
    }

    fn value_keeping(&self, inputs: &[&Tensor<T>], needs: &[bool]) -> Option<(Tensor<T>, Kept<T>)> {
        self.0.value_keeping(fixed(inputs), fixed(needs))
    }

    fn takes_uniform(&self) -> bool {
        self.0.takes_uniform()
    }

    fn accumulate(
        &self,
        inputs: &[&Tensor<T>],
        output: &Tensor<T>,
        cotangent: Tensor<T>,
        into: &mut Cotangents<'_, T>,
    ) {
        self.0.accumulate(fixed(inputs), output, cotangent, into);
    }

    fn pullback<'t>(
        &self,
        inputs: &[TensorVar<'t, T>],
        output: TensorVar<'t, T>,
        cotangent: TensorVar<'t, T>,
        needs: &[bool],
    ) -> Result<Slots<TensorVar<'t, T>>, String> {
        Ok(Slots::from_iter(self.0.pullback(fixed(inputs), output, cotangent, fixed(needs))))
    }

    fn op(&self) -> &dyn Any {
        &self.0
    }
}

/// A [`VariadicOp`] as the engine takes it.
pub(crate) struct ErasedVariadic<O>(pub(crate) O);

impl<T: Scalar, O: VariadicOp<T>> Step<T> for ErasedVariadic<O> {
    fn name(&self) -> &'static str {
        self.0.name()
    }

    fn shape(&self, inputs: &[&[usize]]) -> Result<Shape, String> {
        self.0.shape(inputs)
    }

    fn value(&self, inputs: &[&Tensor<T>]) -> Option<Tensor<T>> {
        Some(self.0.value(inputs))
    }

    fn accumulate(
        &self,
        inputs: &[&Tensor<T>],
        output: &Tensor<T>,
        cotangent: Tensor<T>,
        into: &mut Cotangents<'_, T>,
    ) {
        let needs: Vec<bool> = (0..inputs.len()).map(|i| into.wants(i)).collect();
        let inputs: Vec<Tensor<T>> = inputs.iter().map(|input| (*input).clone()).collect();
        let cotangents = self.0.pullback(&inputs, output.clone(), cotangent, &needs);
        let (n, given) = (inputs.len(), cotangents.len());
        assert!(given == n, "{}: the rule returned {given} cotangents for {n} inputs", self.0.name());
        give_all(self.0.name(), cotangents, into);
    }

    fn pullback<'t>(
        &self,
        inputs: &[TensorVar<'t, T>],
        output: TensorVar<'t, T>,
        cotangent: TensorVar<'t, T>,
        needs: &[bool],
    ) -> Result<Slots<TensorVar<'t, T>>, String> {
        Ok(self.0.pullback(inputs, output, cotangent, needs).into_iter().collect())
    }

    fn op(&self) -> &dyn Any {
        &self.0
    }
}
