//! [`Dropout`]. The mask and its derivative stand in `ops::dropout`.

use super::{Layer, module::without_parameters};
use crate::{
    Scalar, TensorVar,
    ops::{Builtin, dropout},
};

/// Drops each number with probability `p` while training, so that no unit can rely on another.
///
/// On a tape made by [`Tape::training`](crate::Tape::training) a number becomes 0 with probability `p`, else it is
/// divided by `1 - p`, which keeps its mean; on every other tape the layer gives back its input. The mask is a function
/// of the tape's seed, of how many masks were drawn before, and of the element. Srivastava et al., 2014.
///
/// ```
/// use gradtape::nn::{Dropout, Layer};
/// use gradtape::{Tape, Tensor};
/// let (layer, ones) = (Dropout::new(0.5), Tensor::<f64>::ones([1000]));
/// let training = Tape::training(7);
/// let y = layer.forward(training.constant(&ones)).value();
/// assert!(y.iter().all(|y| *y == 0.0 || *y == 2.0));
/// let tape = Tape::new();
/// assert_eq!(layer.forward(tape.constant(&ones)).value(), ones);
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Dropout {
    p: f64,
}

impl Dropout {
    /// A layer that drops with probability `p`.
    ///
    /// # Panics
    /// If `p` is not in `[0, 1)`.
    #[track_caller]
    pub fn new(p: f64) -> Self {
        assert!((0.0..1.0).contains(&p), "dropout: takes a probability from 0.0 up to, not including, 1.0; found {p}");
        Dropout { p }
    }

    /// The probability of dropping.
    pub fn p(&self) -> f64 {
        self.p
    }
}

impl<T: Scalar> Layer<T> for Dropout {
    #[track_caller]
    fn forward<'t>(&self, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
        if !x.tape().is_training() || self.p == 0.0 {
            return x;
        }
        let (seed, draw) = x.tape().draw();
        let step = T::step(Builtin::Dropout(dropout::Dropout { p: self.p, seed, draw }));
        TensorVar::record(step, &[x])
    }
}

without_parameters!(Dropout);
