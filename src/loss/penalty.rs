//! Penalties on the parameters of a model, to be added to a loss.

use crate::{
    Scalar, Tape, Tensor, TensorVar,
    nn::{Module, Path},
};

/// The sum of |w| over the trained parameters of a model: times a small factor, it drives weights to 0. The slope at 0
/// is 0.
///
/// ```
/// use gradtape::{Param, Tape, loss};
/// let weight = Param::new([1.0, -2.0]);
/// let tape = Tape::<f64>::new();
/// let loss = tape.param(&weight).sum() + 0.1 * loss::l1(&tape, &weight);
/// assert!((loss.item() - (-1.0 + 0.3)).abs() < 1e-15);
/// ```
#[track_caller]
pub fn l1<'t, T: Scalar, M: Module<T> + ?Sized>(tape: &'t Tape<T>, model: &M) -> TensorVar<'t, T> {
    over_parameters(tape, model, |param| param.abs().sum())
}

/// The sum of w² over the trained parameters of a model: times a small factor, it keeps weights small. (The optimizers'
/// `weight_decay(λ)` is λ/2 times this, without a node.)
///
/// ```
/// use gradtape::{Param, Tape, Tensor, loss};
/// let weight = Param::new([1.0, -2.0]);
/// let tape = Tape::<f64>::new();
/// let penalty = loss::l2(&tape, &weight);
/// assert_eq!(penalty.item(), 5.0);
/// assert_eq!(penalty.backward().wrt(&weight), Tensor::from([2.0, -4.0]));
/// ```
#[track_caller]
pub fn l2<'t, T: Scalar, M: Module<T> + ?Sized>(tape: &'t Tape<T>, model: &M) -> TensorVar<'t, T> {
    over_parameters(tape, model, |param| param.square().sum())
}

/// The sum of `penalty` of each trained parameter; 0 for none.
#[track_caller]
fn over_parameters<'t, T: Scalar, M: Module<T> + ?Sized>(
    tape: &'t Tape<T>,
    model: &M,
    penalty: impl Fn(TensorVar<'t, T>) -> TensorVar<'t, T>,
) -> TensorVar<'t, T> {
    let mut sum: Option<TensorVar<'t, T>> = None;
    model.visit(&Path::root(), &mut |_, param| {
        if param.is_trained() {
            let own = penalty(tape.param(param));
            sum = Some(sum.map_or(own, |sum| sum + own));
        }
    });
    sum.unwrap_or_else(|| tape.constant(Tensor::scalar(T::zero())))
}
