//! Losses: from outputs and what they should be to one number on the tape. Compositions; their derivatives stand in the
//! rule book.
//!
//! Every loss is a function of the output and `&target`, where the target is class numbers (`Vec<usize>`, an array, a
//! slice, a `Tensor<usize>`), a tensor of the output's shape, or a [`Target`] of a data set: so it can be called
//! by hand and given to a `Trainer` alike. Losses of numbers are means over all elements, losses of classes are means
//! over rows. Shapes must be equal: nothing is broadcast.
//!
//! ```
//! use gradtape::{Tape, Tensor, loss};
//! let tape = Tape::<f64>::new();
//! let y = tape.tensor([[1.0, 2.0], [3.0, 4.0]]);
//! let mean = loss::mse(y, &Tensor::<f64>::from([[1.0, 0.0], [3.0, 0.0]]));
//! assert_eq!(mean.item(), (4.0 + 16.0) / 4.0);
//! let entropy = loss::cross_entropy(y.softmax(-1), &[1, 0]);
//! assert!((entropy.item() - (1f64.exp().ln_1p() + (-1f64).exp().ln_1p()) / 2.0).abs() < 1e-12);
//! ```

mod classes;
mod numbers;
mod penalty;
mod target;

pub use classes::{cross_entropy, kl_div, nll, softmax_cross_entropy};
pub use numbers::{bce, bce_with_logits, hinge, huber, mae, mse};
pub use penalty::{l1, l2};
pub use target::{AsTarget, TargetRef};

use crate::{Scalar, TensorVar, data::Target};
use std::any::type_name;

/// Stops where a loss of this module that is given by its name, as in `Trainer::new(.., loss::mse)`, would not take an
/// output and a target. Called through a parameter of type `impl Fn`, the loss itself would name a line of the standard
/// library, and not its caller's. Other functions say themselves what is wrong, at their own lines.
#[track_caller]
pub(crate) fn check_named<T: Scalar, L>(_: &L, output: TensorVar<'_, T>, target: &Target<T>) {
    if let Some(reason) = refusal::<T, L>(output, target.as_target()) {
        panic!("{reason}");
    }
}

fn refusal<T: Scalar, L>(output: TensorVar<'_, T>, target: TargetRef<'_, T>) -> Option<String> {
    /// Whether `L` is the type of this function. Types of functions that borrow have no `TypeId`, but names.
    fn is<T: Scalar, L, F>(_: F) -> bool
    where
        F: for<'t> Fn(TensorVar<'t, T>, &Target<T>) -> TensorVar<'t, T>,
    {
        type_name::<L>() == type_name::<F>()
    }
    macro_rules! of {
        ($($module:ident: $($loss:ident),*;)*) => { $($(
            if is::<T, L, _>($loss) {
                return $module::refusal(stringify!($loss), output, target);
            }
        )*)* };
    }
    of! {
        numbers: mse, mae, bce, bce_with_logits, hinge;
        classes: cross_entropy, softmax_cross_entropy, nll, kl_div;
    }
    None
}

#[cfg(test)]
mod tests;
