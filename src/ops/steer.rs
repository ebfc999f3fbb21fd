//! Values that pass through unchanged while their gradients are limited or turned round on the way back.

use crate::{
    Scalar, Shape, Tensor, TensorVar,
    ops::{self, Algebra, Op, elementwise as row},
};

/// The value itself; what comes back is `Change` of the cotangent.
struct Steer(Change);

#[derive(Clone, Copy)]
enum Change {
    Clip { low: f64, high: f64 },
    ClipNorm { max: f64 },
    Reverse { scale: f64 },
}

impl<T: Scalar> Op<T, 1> for Steer {
    fn name(&self) -> &'static str {
        match self.0 {
            Change::Clip { .. } => "clip_gradient",
            Change::ClipNorm { .. } => "clip_gradient_norm",
            Change::Reverse { .. } => "reverse_gradient",
        }
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        Ok(x.into())
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        x.clone()
    }

    fn pullback<A: Algebra<T>>(&self, _x: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        let changed = match self.0 {
            Change::Clip { low, high } => A::map(row::Clamp(low, high), [g]),
            Change::ClipNorm { max } => {
                let norm = A::map(row::Sqrt(), [g.clone().square().sum_to(&[])]);
                let limit = g.constant(Tensor::scalar(T::lit(max)));
                let larger = A::map(row::Maximum(), [norm, limit.clone()]);
                g.mul(limit.div(larger))
            }
            Change::Reverse { scale } => g.scale(-scale),
        };
        [Some(changed)]
    }
}

impl<T: Scalar> TensorVar<'_, T> {
    /// The same value; on the way back every number g of its cotangent is limited to `[low, high]`: `min(max(g, low),
    /// high)`. Costs one pass over the cotangent in a sweep, and nothing forward.
    ///
    /// # Panics
    /// If `low` is larger than `high`.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 10.0]);
    /// let y = x.clip_gradient(-3.0, 3.0).square().sum();
    /// assert_eq!(y.item(), 101.0);
    /// assert_eq!(y.backward().wrt(x), Tensor::from([2.0, 3.0]));
    /// ```
    #[track_caller]
    pub fn clip_gradient(self, low: f64, high: f64) -> Self {
        assert!(low <= high, "clip_gradient: from {low} to {high} lies no number");
        ops::apply(Steer(Change::Clip { low, high }), [self])
    }

    /// The same value; on the way back its cotangent g becomes `g max / max(‖g‖, max)`, of a norm of at most `max`.
    /// Costs two passes over the cotangent in a sweep, and nothing forward.
    ///
    /// # Panics
    /// If `max` is not positive.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([3.0, 4.0]);
    /// let y = x.clip_gradient_norm(1.0).square().sum() * 0.5;
    /// assert_eq!(y.backward().wrt(x), Tensor::from([3.0, 4.0]) * 0.2);
    /// ```
    #[track_caller]
    pub fn clip_gradient_norm(self, max: f64) -> Self {
        assert!(max > 0.0, "clip_gradient_norm: {max}: a norm is limited to a positive number");
        ops::apply(Steer(Change::ClipNorm { max }), [self])
    }

    /// The same value; on the way back its cotangent is multiplied by `-scale`. Costs one pass over the cotangent in a
    /// sweep, and nothing forward.
    ///
    /// What lies behind is driven up the loss that what lies in front is driven down. Ganin and Lempitsky,
    /// "Unsupervised Domain Adaptation by Backpropagation", ICML 2015.
    ///
    /// ```
    /// use gradtape::{Tape, Tensor};
    /// let tape = Tape::new();
    /// let x = tape.tensor([1.0, 2.0]);
    /// let y = x.reverse_gradient(0.5).square().sum();
    /// assert_eq!(y.backward().wrt(x), Tensor::from([-1.0, -2.0]));
    /// ```
    #[track_caller]
    pub fn reverse_gradient(self, scale: f64) -> Self {
        ops::apply(Steer(Change::Reverse { scale }), [self])
    }
}
