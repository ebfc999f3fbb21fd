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
    /// For the value `f(x₁, .. x_N)` and its cotangent g, the closure gives `gᵀ ∂f/∂xᵢ` in the shape of each xᵢ. It
    /// runs once a sweep. First order only: what is to be differentiated again is given to
    /// [`custom_recorded`](Self::custom_recorded), or is an [`Op`](crate::ops::Op).
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
        let step = Custom::<_, N> { pullback, shape: value.shape().into() };
        self.push_closure(Box::new(step), &inputs, value, Location::caller())
    }

    /// As [`custom`](Self::custom), with the pullback as a recorded computation: a function of the inputs, the value
    /// and its cotangent, all on one tape. So it can be differentiated again, to any order ([`Tape::gradient`]).
    ///
    /// A cotangent may have the shape to which its input was broadcast: it is summed over those axes. In a first-order
    /// sweep the closure runs on a tape of its own. It computes with its arguments and plain numbers, not with tensors
    /// of a tape that it captures.
    ///
    /// # Panics
    /// If the inputs are on another tape. In the sweep, if a cotangent has not such a shape, or is on another tape.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 8.0]);
    /// let root = x.value().map(f64::cbrt);
    /// let y = tape.custom_recorded([x], root, |_, y, g| [g / (3.0 * y.square())]);
    /// let slope = tape.gradient(y.sum(), &[x])[0];
    /// approx::assert_relative_eq!(slope.value(), Tensor::from([1.0 / 3.0, 1.0 / 12.0]));
    /// let curvature = slope.sum().backward().wrt(x); // -2/9 x^(-5/3)
    /// approx::assert_relative_eq!(curvature, Tensor::from([-2.0 / 9.0, -2.0 / 288.0]));
    /// ```
    #[track_caller]
    pub fn custom_recorded<'t, const N: usize>(
        &'t self,
        inputs: [TensorVar<'t, T>; N],
        value: Tensor<T>,
        pullback: impl for<'s> Fn([TensorVar<'s, T>; N], TensorVar<'s, T>, TensorVar<'s, T>) -> [TensorVar<'s, T>; N]
        + Send
        + Sync
        + 'static,
    ) -> TensorVar<'t, T> {
        let step = Recorded::<_, N> { pullback, shape: value.shape().into() };
        self.push_closure(Box::new(step), &inputs, value, Location::caller())
    }

    #[track_caller]
    fn push_closure<'t>(
        &'t self,
        step: Box<dyn Step<T>>,
        inputs: &[TensorVar<'t, T>],
        value: Tensor<T>,
        location: &'static Location<'static>,
    ) -> TensorVar<'t, T> {
        let one_tape = inputs.iter().all(|input| std::ptr::eq(input.tape, self));
        assert!(one_tape, "{}: the inputs are on another tape", step.name());
        let needs = inputs.iter().any(|input| input.node().needs);
        let parents = inputs.iter().map(|input| input.id).collect();
        let result = self.push(Kind::Step(step), parents, value.shape_itself(), needs, location);
        *result.node().value.borrow_mut() = Some(value);
        result
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
        Err("a pullback given as a closure over numbers has no derivative; give it to Tape::custom_recorded (or \
             custom_many_recorded) as a recorded computation, or implement gradtape::ops::Op for the operation"
            .into())
    }

    fn op(&self) -> &dyn Any {
        &Closure
    }
}

struct Recorded<F, const N: usize> {
    pullback: F,
    shape: Shape,
}

impl<T, F, const N: usize> Step<T> for Recorded<F, N>
where
    T: Element,
    F: for<'s> Fn([TensorVar<'s, T>; N], TensorVar<'s, T>, TensorVar<'s, T>) -> [TensorVar<'s, T>; N]
        + Send
        + Sync
        + 'static,
{
    fn name(&self) -> &'static str {
        "custom_recorded"
    }

    fn shape(&self, _: &[&[usize]]) -> Result<Shape, String> {
        Ok(self.shape.clone())
    }

    fn value(&self, _: &[&Tensor<T>]) -> Option<Tensor<T>> {
        None
    }

    fn accumulate(&self, x: &[&Tensor<T>], y: &Tensor<T>, cotangent: Tensor<T>, into: &mut Cotangents<'_, T>) {
        let tape = Tape::new();
        let x = std::array::from_fn(|i| tape.constant(x[i]));
        for (i, found) in (self.pullback)(x, tape.constant(y), tape.constant(cotangent)).into_iter().enumerate() {
            into.give(i, found.value());
        }
    }

    fn pullback<'t>(
        &self,
        x: &[TensorVar<'t, T>],
        y: TensorVar<'t, T>,
        cotangent: TensorVar<'t, T>,
        needs: &[bool],
    ) -> Result<Slots<TensorVar<'t, T>>, String> {
        let found = (self.pullback)(std::array::from_fn(|i| x[i]), y, cotangent);
        match found.iter().position(|found| !std::ptr::eq(found.tape, y.tape)) {
            Some(i) => Err(format!("the pullback's cotangent {i} is on another tape")),
            None => Ok(found.iter().zip(needs).map(|(found, needs)| needs.then_some(*found)).collect()),
        }
    }

    fn op(&self) -> &dyn Any {
        &Closure
    }
}
