//! Losses of numbers: means over all elements.

use super::{
    AsTarget, TargetRef,
    classes::{are_probabilities, guarded},
};
use crate::{
    Scalar, Tensor, TensorVar,
    ops::{Builtin, elementwise::Sigmoid, map::Map, mse::MeanSquareError},
    tensor::shape::is_same,
};

/// The mean of (y - t)².
///
/// # Panics
/// If the target has another shape. Class numbers stand for themselves, beside an output of one number for each row.
///
/// ```
/// use gradtape::{Tape, Tensor, loss};
/// let tape = Tape::<f64>::new();
/// let y = tape.tensor([1.0, 2.0]);
/// let loss = loss::mse(y, &Tensor::from([0.0, 4.0]));
/// assert_eq!((loss.item(), loss.backward().wrt(y)), (2.5, Tensor::from([1.0, -2.0])));
/// ```
#[track_caller]
#[doc(alias = "mse_loss")]
#[doc(alias = "MSELoss")]
#[doc(alias = "mean_squared_error")]
pub fn mse<'t, T: Scalar, Y: AsTarget<T> + ?Sized>(output: TensorVar<'t, T>, target: &Y) -> TensorVar<'t, T> {
    let target = match target.as_target() {
        TargetRef::Values(values) if is_same(values.shape(), output.shape()) => output.tape().constant_of(values),
        _ => output.tape().constant(values("mse", output, target)),
    };
    TensorVar::record(T::step(Builtin::MeanSquareError(MeanSquareError)), &[output, target])
}

/// The mean of |y - t|. The slope where they are equal is 0.
///
/// # Panics
/// As [`mse`].
///
/// ```
/// use gradtape::{Tape, Tensor, loss};
/// let tape = Tape::<f64>::new();
/// assert_eq!(loss::mae(tape.tensor([1.0, 2.0]), &Tensor::from([0.0, 4.0])).item(), 1.5);
/// ```
#[track_caller]
#[doc(alias = "l1_loss")]
#[doc(alias = "L1Loss")]
#[doc(alias = "mean_absolute_error")]
pub fn mae<'t, T: Scalar, Y: AsTarget<T> + ?Sized>(output: TensorVar<'t, T>, target: &Y) -> TensorVar<'t, T> {
    (output - values("mae", output, target)).abs().mean()
}

/// The mean of d²/2 where |d| = |y - t| is up to `delta`, else of delta (|d| - delta/2): a square that becomes a
/// straight line, so that outliers count less. Huber, 1964.
///
/// # Panics
/// As [`mse`]; if `delta` is not positive and finite.
///
/// ```
/// use gradtape::{Tape, Tensor, loss};
/// let tape = Tape::<f64>::new();
/// assert_eq!(loss::huber(tape.tensor([1.0, 5.0]), &Tensor::from([0.0, 0.0]), 2.0).item(), (0.5 + 8.0) / 2.0);
/// ```
#[track_caller]
#[doc(alias = "smooth_l1_loss")]
#[doc(alias = "huber_loss")]
pub fn huber<'t, T: Scalar, Y: AsTarget<T> + ?Sized>(
    output: TensorVar<'t, T>,
    target: &Y,
    delta: f64,
) -> TensorVar<'t, T> {
    assert!(delta > 0.0 && delta.is_finite(), "huber: delta is positive and finite; found {delta}");
    let difference = output - values("huber", output, target);
    // With c = d limited to [-delta, delta], c (d - c/2) is both pieces.
    let limited = difference.clamp(-delta, delta);
    (limited * (difference - limited * 0.5)).mean()
}

/// The binary cross-entropy of probabilities of class 1: the mean of -t ln p - (1 - t) ln(1 - p).
///
/// Where the probabilities come from a sigmoid, it is computed from the logits below, as [`bce_with_logits`] is. Other
/// probabilities are taken as they are: a probability of 0 for what is the case costs infinity.
///
/// # Panics
/// As [`mse`], and for a class number other than 0 and 1.
///
/// ```
/// use gradtape::{Tape, loss};
/// let tape = Tape::<f64>::new();
/// let p = tape.tensor([[0.25], [0.25]]);
/// let expected = -(0.25f64.ln() + 0.75f64.ln()) / 2.0;
/// assert!((loss::bce(p, &[1, 0]).item() - expected).abs() < 1e-15);
/// assert_eq!(loss::bce(tape.tensor([1000.0]).sigmoid(), &[0]).item(), 1000.0);
/// ```
#[track_caller]
#[doc(alias = "binary_cross_entropy")]
#[doc(alias = "BCELoss")]
pub fn bce<'t, T: Scalar, Y: AsTarget<T> + ?Sized>(probabilities: TensorVar<'t, T>, target: &Y) -> TensorVar<'t, T> {
    let truth = decisions("bce", probabilities, target, [0.0, 1.0]);
    if let Some(logits) = logits_of(probabilities) {
        return from_logits(logits, truth);
    }
    if let Err(reason) = are_probabilities("bce", "bce_with_logits", probabilities) {
        panic!("{reason}");
    }
    let not = 1.0 - &truth;
    -(guarded(truth, probabilities.ln()) + guarded(not, (-probabilities).ln_1p())).mean()
}

/// The binary cross-entropy of the sigmoid of logits: the mean of t ln(1 + e^-x) + (1 - t) ln(1 + e^x), right for
/// logits of any size.
///
/// # Panics
/// As [`bce`].
///
/// ```
/// use gradtape::{Tape, Tensor, loss};
/// let tape = Tape::<f64>::new();
/// let x = tape.tensor([0.0, 1000.0]);
/// let loss = loss::bce_with_logits(x, &[1, 0]);
/// assert_eq!(loss.item(), (2f64.ln() + 1000.0) / 2.0);
/// assert_eq!(loss.backward().wrt(x), Tensor::from([-0.25, 0.5]));
/// ```
#[track_caller]
#[doc(alias = "binary_cross_entropy_with_logits")]
#[doc(alias = "BCEWithLogitsLoss")]
pub fn bce_with_logits<'t, T: Scalar, Y: AsTarget<T> + ?Sized>(
    logits: TensorVar<'t, T>,
    target: &Y,
) -> TensorVar<'t, T> {
    from_logits(logits, decisions("bce_with_logits", logits, target, [0.0, 1.0]))
}

/// The hinge loss of a margin: the mean of max(0, 1 - t y) for targets -1 and 1. The slope at the corner is 0.
///
/// # Panics
/// As [`mse`]; class number 0 stands for -1 and 1 for 1, and others are refused.
///
/// ```
/// use gradtape::{Tape, Tensor, loss};
/// let tape = Tape::<f64>::new();
/// assert_eq!(loss::hinge(tape.tensor([0.5, 3.0]), &Tensor::from([-1.0, 1.0])).item(), 0.75);
/// ```
#[track_caller]
#[doc(alias = "hinge_loss")]
pub fn hinge<'t, T: Scalar, Y: AsTarget<T> + ?Sized>(output: TensorVar<'t, T>, target: &Y) -> TensorVar<'t, T> {
    let side = decisions("hinge", output, target, [-1.0, 1.0]);
    (1.0 - output * side).relu().mean()
}

#[track_caller]
fn from_logits<'t, T: Scalar>(logits: TensorVar<'t, T>, truth: Tensor<T>) -> TensorVar<'t, T> {
    let not = 1.0 - &truth;
    (guarded(truth, (-logits).softplus()) + guarded(not, logits.softplus())).mean()
}

/// The target as numbers in the shape of the output, class numbers as themselves.
#[track_caller]
fn values<T: Scalar, Y: AsTarget<T> + ?Sized>(name: &str, output: TensorVar<'_, T>, target: &Y) -> Tensor<T> {
    let shape = output.shape();
    if let Err(reason) = fits(name, shape, target.as_target()) {
        panic!("{reason}");
    }
    match target.as_target() {
        TargetRef::Values(values) => values.clone(),
        TargetRef::Classes(classes) => {
            let numbers = classes.iter().map(|class| T::lit(*class as f64)).collect();
            Tensor::assemble(numbers, shape.into())
        }
    }
}

/// # Errors
/// If the target has another shape.
fn fits<T: Scalar>(name: &str, shape: &[usize], target: TargetRef<'_, T>) -> Result<(), String> {
    match target {
        TargetRef::Values(values) if is_same(values.shape(), shape) => Ok(()),
        TargetRef::Values(values) => {
            let given = values.shape();
            Err(format!("{name}: {shape:?} and {given:?}: output and target must have the same shape"))
        }
        TargetRef::Classes(classes) => {
            let given = [classes.len()];
            if shape.iter().product::<usize>() == given[0] && shape.first().is_none_or(|rows| *rows == given[0]) {
                return Ok(());
            }
            Err(format!(
                "{name}: {shape:?} and {given:?}: class numbers stand beside an output of one number for each row"
            ))
        }
    }
}

/// # Errors
/// For a class number other than 0 and 1.
fn are_two<T: Scalar>(name: &str, shape: &[usize], target: TargetRef<'_, T>) -> Result<(), String> {
    let TargetRef::Classes(classes) = target else { return Ok(()) };
    match classes.iter().enumerate().find(|(_, class)| **class > 1) {
        None => Ok(()),
        Some((row, class)) => {
            Err(format!("{name}: {shape:?}: row {row} is of class {class}, but there are 2 classes, 0 and 1"))
        }
    }
}

/// What a sigmoid was taken of to give `y`, if one was.
fn logits_of<T: Scalar>(y: TensorVar<'_, T>) -> Option<TensorVar<'_, T>> {
    y.made_by::<Map<Sigmoid>>().map(|(_, logits)| logits)
}

/// What a loss of numbers says of an output and a target, before it is called.
pub(super) fn refusal<T: Scalar>(name: &str, output: TensorVar<'_, T>, target: TargetRef<'_, T>) -> Option<String> {
    let shape = output.shape();
    let mut outcome = fits(name, shape, target);
    if matches!(name, "bce" | "bce_with_logits" | "hinge") {
        outcome = outcome.and_then(|()| are_two(name, shape, target));
    }
    if name == "bce" && logits_of(output).is_none() {
        outcome = outcome.and_then(|()| are_probabilities(name, "bce_with_logits", output));
    }
    outcome.err()
}

/// The same for two classes, which stand for the two numbers.
#[track_caller]
fn decisions<T: Scalar, Y: AsTarget<T> + ?Sized>(
    name: &str,
    output: TensorVar<'_, T>,
    target: &Y,
    sides: [f64; 2],
) -> Tensor<T> {
    let numbers = values(name, output, target);
    let TargetRef::Classes(_) = target.as_target() else { return numbers };
    if let Err(reason) = are_two(name, output.shape(), target.as_target()) {
        panic!("{reason}");
    }
    numbers.map(|class| T::lit(if class.is_exactly_zero() { sides[0] } else { sides[1] }))
}
