//! Rules of the user's own beyond one tensor: several results with one pullback, and scalars with their partial
//! derivatives. The one-tensor form is `Tape::custom`, in the engine.

use crate::{Scalar, Tape, Tensor, TensorVar, Var, tape::Rows};

impl<T: Scalar> Tape<T> {
    /// Records several values that were computed elsewhere together, with one pullback: a function from their
    /// cotangents to those of the inputs. A value that nothing depends on has a cotangent of zeros.
    ///
    /// First order only, as [`custom`](Self::custom); see [`custom_many_recorded`](Self::custom_many_recorded). Costs
    /// one pullback a sweep, whatever the number of values.
    ///
    /// # Panics
    /// If the inputs are on another tape. In the sweep, if a cotangent has not the shape of its input.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([0.0, 1.0]);
    /// let (sin, cos) = (x.value().sin(), x.value().cos());
    /// let [s, c] = tape.custom_many([x], [sin.clone(), cos.clone()], move |[ds, dc]| [ds * &cos - dc * &sin]);
    /// let y = (s * 2.0 + c * 3.0).sum();
    /// assert_eq!(y.backward().wrt(x), x.value().cos() * 2.0 - x.value().sin() * 3.0);
    /// ```
    #[track_caller]
    pub fn custom_many<'t, const N: usize, const M: usize>(
        &'t self,
        inputs: [TensorVar<'t, T>; N],
        values: [Tensor<T>; M],
        pullback: impl Fn([&Tensor<T>; M]) -> [Tensor<T>; N] + Send + Sync + 'static,
    ) -> [TensorVar<'t, T>; M] {
        // On the tape they are one tensor, of which each is a part.
        let parts = Parts::of(&values);
        let numbers: Vec<T> = values.iter().flat_map(Tensor::iter).copied().collect();
        let inside = parts.clone();
        let all =
            self.custom(inputs, Tensor::from(numbers), move |cotangent| pullback(inside.numbers(cotangent).each_ref()));
        parts.recorded(all)
    }

    /// As [`custom_many`](Self::custom_many), with the pullback as a recorded computation: a function of the inputs,
    /// the values and their cotangents, all on one tape. So it can be differentiated again, to any order, as
    /// [`custom_recorded`](Self::custom_recorded).
    ///
    /// # Panics
    /// If the inputs are on another tape. In the sweep, if the shape of an input does not broadcast to that of its
    /// cotangent.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([0.0, 1.0]);
    /// let values = [x.value().sin(), x.value().cos()];
    /// let [s, c] = tape.custom_many_recorded([x], values, |_, [s, c], [ds, dc]| [ds * c - dc * s]);
    /// let slope = tape.gradient((s * c).sum(), &[x])[0]; // cos 2x
    /// approx::assert_relative_eq!(slope.value(), (x.value() * 2.0).cos());
    /// approx::assert_relative_eq!(slope.sum().backward().wrt(x), (x.value() * 2.0).sin() * -2.0);
    /// ```
    #[track_caller]
    pub fn custom_many_recorded<'t, const N: usize, const M: usize>(
        &'t self,
        inputs: [TensorVar<'t, T>; N],
        values: [Tensor<T>; M],
        pullback: impl for<'s> Fn(
            [TensorVar<'s, T>; N],
            [TensorVar<'s, T>; M],
            [TensorVar<'s, T>; M],
        ) -> [TensorVar<'s, T>; N]
        + Send
        + Sync
        + 'static,
    ) -> [TensorVar<'t, T>; M] {
        let parts = Parts::of(&values);
        let numbers: Vec<T> = values.iter().flat_map(Tensor::iter).copied().collect();
        let inside = parts.clone();
        let all = self.custom_recorded(inputs, Tensor::from(numbers), move |x, y, g| {
            pullback(x, inside.recorded(y), inside.recorded(g))
        });
        parts.recorded(all)
    }
}

/// Where the numbers of each of several tensors stand that are one tensor on the tape.
#[derive(Clone)]
struct Parts<const M: usize>([(usize, Vec<usize>); M]);

impl<const M: usize> Parts<M> {
    fn of<T: Scalar>(values: &[Tensor<T>; M]) -> Self {
        let mut start = 0;
        Parts(values.each_ref().map(|value| {
            let part = (start, value.shape().to_vec());
            start += value.len();
            part
        }))
    }

    fn recorded<'t, T: Scalar>(&self, all: TensorVar<'t, T>) -> [TensorVar<'t, T>; M] {
        self.0.each_ref().map(|(start, shape)| {
            let end = start + shape.iter().product::<usize>();
            all.slice(0, *start, end, 1).reshape(shape)
        })
    }

    fn numbers<T: Scalar>(&self, all: &Tensor<T>) -> [Tensor<T>; M] {
        self.0.each_ref().map(|(start, shape)| {
            let end = start + shape.iter().product::<usize>();
            Tensor::assemble(all.as_slice()[*start..end].to_vec(), shape.as_slice().into())
        })
    }
}

impl<'t, T: Scalar> Var<'t, T> {
    /// A number that was computed elsewhere, with the partial derivatives that were computed there: one node.
    ///
    /// For `f(x₁, .. xₙ)` the partial derivatives `∂f/∂xᵢ` at this point; constants among the inputs cost nothing. For
    /// functions of another library, and for derivatives that are known better than the rules know them. Several
    /// results of one function are several calls. First order only, except on a tape of [`Dual`](crate::Dual) numbers,
    /// whose partial derivatives carry tangents.
    ///
    /// ```
    /// use gradtape::{Tape, Var};
    /// let tape = Tape::new();
    /// let (x, y) = (tape.var(2.0), tape.var(3.0));
    /// let product = Var::with_partials(6.0, &[x, y], &[3.0, 2.0]);
    /// assert_eq!(product.backward().wrt(x), 3.0);
    /// // Two results of one function.
    /// let (r, angle) = (tape.var(2.0f64), tape.var(0.5));
    /// let (sin, cos) = angle.value().sin_cos();
    /// let x = Var::with_partials(2.0 * cos, &[r, angle], &[cos, -2.0 * sin]);
    /// let y = Var::with_partials(2.0 * sin, &[r, angle], &[sin, 2.0 * cos]);
    /// let gradients = (x * x + y * y).backward();
    /// assert!((gradients.wrt(r) - 4.0).abs() < 1e-12 && gradients.wrt(angle).abs() < 1e-12);
    /// ```
    ///
    /// # Panics
    /// If there is not one partial derivative for each input; if the inputs are on different tapes.
    #[track_caller]
    pub fn with_partials(value: T, inputs: &[Var<'t, T>], partials: &[T]) -> Self {
        let (n, m) = (inputs.len(), partials.len());
        assert!(n == m, "with_partials: [{n}] and [{m}]: there must be one partial derivative for each input");
        let mut rows = Rows::new("with_partials");
        for (input, partial) in inputs.iter().zip(partials) {
            rows.add(*input, *partial);
        }
        rows.finish(value, T::one())
    }
}
