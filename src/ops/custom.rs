//! Rules of the user's own beyond one tensor: several results with one pullback, and scalars with their partial
//! derivatives. The one-tensor form is `Tape::custom`, in the engine.

use crate::{Scalar, Tape, Tensor, TensorVar, Var};

impl<T: Scalar> Tape<T> {
    /// Records several values that were computed elsewhere together, with one pullback: a function from their
    /// cotangents to those of the inputs. A value that nothing depends on has a cotangent of zeros.
    ///
    /// First order only, as [`custom`](Self::custom). Costs one pullback a sweep, whatever the number of values.
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
        let shapes = values.each_ref().map(|value| value.shape().to_vec());
        let mut starts = [0; M];
        let mut total = 0;
        for (start, value) in starts.iter_mut().zip(&values) {
            *start = total;
            total += value.len();
        }
        // On the tape they are one tensor, of which each is a part.
        let numbers: Vec<T> = values.iter().flat_map(Tensor::iter).copied().collect();
        let parts = shapes.clone();
        let all = self.custom(inputs, Tensor::from(numbers), move |cotangent| {
            let mut rest = cotangent.as_slice();
            let cotangents: [Tensor<T>; M] = std::array::from_fn(|i| {
                let (part, more) = rest.split_at(parts[i].iter().product());
                rest = more;
                Tensor::assemble(part.to_vec(), parts[i].as_slice().into())
            });
            pullback(cotangents.each_ref())
        });
        std::array::from_fn(|i| {
            let end = starts[i] + shapes[i].iter().product::<usize>();
            all.slice(0, starts[i], end, 1).reshape(&shapes[i])
        })
    }

    /// Records a scalar that was computed elsewhere, with its partial derivatives by the inputs. Several results of one
    /// function are several calls.
    ///
    /// First order only, except on a tape of [`Dual`](crate::Dual) numbers, whose partial derivatives carry tangents.
    ///
    /// # Panics
    /// If the inputs are on another tape.
    ///
    /// ```
    /// use gradtape::Tape;
    /// let tape = Tape::new();
    /// let (r, angle) = (tape.var(2.0f64), tape.var(0.5));
    /// let (sin, cos) = angle.value().sin_cos();
    /// let x = tape.custom_scalar([r, angle], 2.0 * cos, [cos, -2.0 * sin]);
    /// let y = tape.custom_scalar([r, angle], 2.0 * sin, [sin, 2.0 * cos]);
    /// let gradients = (x * x + y * y).backward();
    /// assert!((gradients.wrt(r) - 4.0).abs() < 1e-12 && gradients.wrt(angle).abs() < 1e-12);
    /// ```
    #[track_caller]
    pub fn custom_scalar<'t, const N: usize>(
        &'t self,
        inputs: [Var<'t, T>; N],
        value: T,
        partials: [T; N],
    ) -> Var<'t, T> {
        let one_tape = inputs.iter().all(|input| input.tape().is_none_or(|tape| std::ptr::eq(tape, self)));
        assert!(one_tape, "custom_scalar: the inputs are on another tape");
        Var::wide(inputs, "custom_scalar", value, partials)
    }
}
