//! Operations whose value the user has computed, and whose pullback is a closure.

use super::{Cotangents, Kind, Slots, Step, Tape, TensorVar};
use crate::{Element, Shape, Tensor};
use std::any::Any;
use std::panic::Location;

/// The mark of such an operation: it cannot be run again.
pub(crate) struct Closure;

struct Custom<F, const N: usize> {
    pullback: F,
    shape: Shape,
}

impl<T: Element> Tape<T> {
    /// Records a value that was computed elsewhere, with its pullback: a function from the cotangent of the value to
    /// those of the inputs. For a solver, or a function of another library.
    ///
    /// First order only. An operation that is to be differentiated again is an [`Op`](crate::ops::Op).
    ///
    /// # Panics
    /// If the inputs are on another tape. In the sweep, if a cotangent has not the shape of its input.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 2.0]);
    /// let slope = x.value().map(|x| 3.0 * x * x);
    /// let cube = tape.custom([x], x.value().map(|x| x * x * x), move |g| [g * &slope]);
    /// assert_eq!(cube.sum().backward().wrt(x), Tensor::from([3.0, 12.0]));
    /// ```
    #[track_caller]
    pub fn custom<'t, const N: usize>(
        &'t self,
        inputs: [TensorVar<'t, T>; N],
        value: Tensor<T>,
        pullback: impl Fn(&Tensor<T>) -> [Tensor<T>; N] + Send + Sync + 'static,
    ) -> TensorVar<'t, T> {
        let one_tape = inputs.iter().all(|input| std::ptr::eq(input.tape, self));
        assert!(one_tape, "custom: the inputs are on another tape");
        let needs = inputs.iter().any(|input| input.node().needs);
        let parents = inputs.iter().map(|input| input.id).collect();
        let shape: Shape = value.shape().into();
        let step = Custom::<_, N> { pullback, shape: shape.clone() };
        self.push(Kind::Step(Box::new(step)), parents, shape, Some(value), needs, Location::caller())
    }
}

impl<T, F, const N: usize> Step<T> for Custom<F, N>
where
    T: Element,
    F: Fn(&Tensor<T>) -> [Tensor<T>; N] + Send + Sync + 'static,
{
    fn name(&self) -> &'static str {
        "custom"
    }

    fn shape(&self, _: &[&[usize]]) -> Result<Shape, String> {
        Ok(self.shape.clone())
    }

    fn value(&self, _: &[&Tensor<T>]) -> Option<Tensor<T>> {
        None
    }

    fn accumulate(&self, _: &[&Tensor<T>], _: &Tensor<T>, cotangent: Tensor<T>, into: &mut Cotangents<'_, T>) {
        for (i, gradient) in (self.pullback)(&cotangent).into_iter().enumerate() {
            let (expected, given) = (into.shape(i), gradient.shape());
            assert!(
                expected == given,
                "custom: {expected:?} and {given:?}: the pullback's cotangent {i} has another shape than its input"
            );
            into.give(i, gradient);
        }
    }

    fn pullback<'t>(
        &self,
        _: &[TensorVar<'t, T>],
        _: TensorVar<'t, T>,
        _: TensorVar<'t, T>,
        _: &[bool],
    ) -> Result<Slots<TensorVar<'t, T>>, String> {
        Err("a pullback given as a closure has no derivative; implement gradtape::ops::Op for the operation".into())
    }

    fn op(&self) -> &dyn Any {
        &Closure
    }
}
