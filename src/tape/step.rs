//! What the engine asks of an operation once its number of inputs is erased. The rules themselves are a layer above.

use super::{Cotangents, TensorVar};
use crate::{Shape, Tensor};
use smallvec::SmallVec;
use std::any::Any;

/// The cotangents that a recorded pullback gives, one for each input that wants one.
pub type Slots<A> = SmallVec<[Option<A>; 2]>;

/// What an operation keeps for the sweep, at most one tensor for each input.
pub type Kept<T> = Vec<Option<Tensor<T>>>;

/// A recorded operation: how to compute it, how to compute it again, and how to go back through it.
///
/// Users write an [`Op`](crate::ops::Op), whose arity is a type; this is its object-safe form.
pub trait Step<T>: Send + Sync + 'static {
    /// The operation's name, as messages and `Display` of a tape give it.
    fn name(&self) -> &'static str;

    /// The shape of the result, or what is wrong with the shapes of the inputs.
    fn shape(&self, inputs: &[&[usize]]) -> Result<Shape, String>;

    /// The result; pure, so that it can be dropped and computed again. `None` for a closure that ran once.
    fn value(&self, inputs: &[&Tensor<T>]) -> Option<Tensor<T>>;

    /// The same, and what the sweep gets back as [`Cotangents::kept`]: what is cheaper to keep than to compute again
    /// for the inputs that need a cotangent. `None` where nothing is.
    fn value_keeping(&self, _inputs: &[&Tensor<T>], _needs: &[bool]) -> Option<(Tensor<T>, Kept<T>)> {
        None
    }

    /// Whether [`accumulate`](Self::accumulate) takes a cotangent of rank 0 for one that is the same number everywhere.
    fn takes_uniform(&self) -> bool {
        false
    }

    /// Adds the cotangent of every input that wants one to its place.
    fn accumulate(&self, inputs: &[&Tensor<T>], output: &Tensor<T>, cotangent: Tensor<T>, into: &mut Cotangents<'_, T>);

    /// The same cotangents as recorded operations, which can be differentiated again; or why there are none.
    fn pullback<'t>(
        &self,
        inputs: &[TensorVar<'t, T>],
        output: TensorVar<'t, T>,
        cotangent: TensorVar<'t, T>,
        needs: &[bool],
    ) -> Result<Slots<TensorVar<'t, T>>, String>;

    /// The operation itself, for those who want to know which one it is.
    fn op(&self) -> &dyn Any;
}
