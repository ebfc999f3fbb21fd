//! Losses of classes: means over rows. The last axis of an output holds the classes, the axes before it are the rows.

use super::{AsTarget, TargetRef};
use crate::{
    Scalar, Tensor, TensorVar,
    ops::{
        Builtin, Row,
        softmax::{Softmax, SoftmaxCrossEntropy, SoftmaxCrossEntropySoft},
    },
};

/// The cross-entropy of probabilities: the mean over rows of `-ln p[class]`, or of -Σ t ln p for probabilities t.
///
/// Where the probabilities come from a softmax over the last axis, as in a network that ends in one, it is computed
/// from the logits below, as [`softmax_cross_entropy`] is, and as stable. Other probabilities are taken as they are: a
/// right class of probability 0 costs infinity.
///
/// # Panics
/// If the targets are not one class number for each row, or a tensor of the shape of the probabilities; if there is no
/// such class; if an output lies outside [0, 1].
///
/// ```
/// use gradtape::{Tape, Tensor, loss};
/// let tape = Tape::<f64>::new();
/// let logits = tape.tensor([[1000.0, 0.0], [0.0, 0.0]]);
/// let loss = loss::cross_entropy(logits.softmax(-1), &[1, 0]);
/// assert_eq!(loss.item(), (1000.0 + 2f64.ln()) / 2.0);
/// assert_eq!(loss.backward().wrt(logits), Tensor::from([[0.5, -0.5], [-0.25, 0.25]]));
///
/// let given = tape.constant([[0.25, 0.75]]);
/// assert_eq!(loss::cross_entropy(given, &[0]).item(), -0.25f64.ln());
/// ```
#[track_caller]
pub fn cross_entropy<'t, T: Scalar, Y: AsTarget<T> + ?Sized>(
    probabilities: TensorVar<'t, T>,
    target: &Y,
) -> TensorVar<'t, T> {
    let (target, last) = (target.as_target(), probabilities.rank().wrapping_sub(1));
    match probabilities.made_by::<Softmax>() {
        Some((softmax, logits)) if softmax.axis == last => from_logits("cross_entropy", logits, target),
        _ => {
            let rows = check("cross_entropy", probabilities.shape(), target);
            check_probabilities("cross_entropy", "softmax_cross_entropy", probabilities);
            against(probabilities.ln(), target, rows)
        }
    }
}

/// The cross-entropy of the softmax of logits: the mean over rows of `ln Σ e^x - x[class]`, or of
/// Σ t (ln Σ e^x - x) for probabilities t. One node of the tape, right for logits of any size.
///
/// # Panics
/// As [`cross_entropy`].
///
/// ```
/// use gradtape::{Tape, Tensor, loss};
/// let tape = Tape::<f64>::new();
/// let logits = tape.tensor([[1.0, 1.0, 1.0]]);
/// assert!((loss::softmax_cross_entropy(logits, &[2]).item() - 3f64.ln()).abs() < 1e-15);
/// let soft = Tensor::<f64>::from([[0.5, 0.25, 0.25]]);
/// assert!((loss::softmax_cross_entropy(logits, &soft).item() - 3f64.ln()).abs() < 1e-15);
/// ```
#[track_caller]
#[doc(alias = "cross_entropy_with_logits")]
#[doc(alias = "CrossEntropyLoss")]
pub fn softmax_cross_entropy<'t, T: Scalar, Y: AsTarget<T> + ?Sized>(
    logits: TensorVar<'t, T>,
    target: &Y,
) -> TensorVar<'t, T> {
    from_logits("softmax_cross_entropy", logits, target.as_target())
}

/// The negative log-likelihood: the mean over rows of `-l[class]` for logarithms l of probabilities, as `log_softmax`
/// gives them, or of -Σ t l for probabilities t.
///
/// # Panics
/// As [`cross_entropy`].
///
/// ```
/// use gradtape::{Tape, loss};
/// let tape = Tape::<f64>::new();
/// let logits = tape.tensor([[1.0, 1.0, 1.0]]);
/// assert!((loss::nll(logits.log_softmax(-1), &[2]).item() - 3f64.ln()).abs() < 1e-15);
/// ```
#[track_caller]
#[doc(alias = "nll_loss")]
#[doc(alias = "NLLLoss")]
pub fn nll<'t, T: Scalar, Y: AsTarget<T> + ?Sized>(
    log_probabilities: TensorVar<'t, T>,
    target: &Y,
) -> TensorVar<'t, T> {
    let target = target.as_target();
    let rows = check("nll", log_probabilities.shape(), target);
    against(log_probabilities, target, rows)
}

/// The Kullback-Leibler divergence from the target's probabilities t: the mean over rows of Σ t (ln t - l), for
/// logarithms l of probabilities. What t holds as 0 costs nothing.
///
/// # Panics
/// As [`cross_entropy`].
///
/// ```
/// use gradtape::{Tape, Tensor, loss};
/// let tape = Tape::<f64>::new();
/// let logits = tape.tensor([[0.0, 0.0]]);
/// assert_eq!(loss::kl_div(logits.log_softmax(-1), &Tensor::<f64>::from([[0.5, 0.5]])).item(), 0.0);
/// assert_eq!(loss::kl_div(logits.log_softmax(-1), &Tensor::<f64>::from([[0.0, 1.0]])).item(), 2f64.ln());
/// ```
#[track_caller]
#[doc(alias = "KLDivLoss")]
#[doc(alias = "kl_divergence")]
pub fn kl_div<'t, T: Scalar, Y: AsTarget<T> + ?Sized>(
    log_probabilities: TensorVar<'t, T>,
    target: &Y,
) -> TensorVar<'t, T> {
    let (target, shape) = (target.as_target(), log_probabilities.shape());
    let rows = check("kl_div", shape, target);
    let truth = truth(shape, target);
    let difference = truth.ln() - log_probabilities;
    guarded(truth, difference).sum() / rows as f64
}

#[track_caller]
fn check_probabilities<T: Scalar>(name: &str, of_logits: &str, output: TensorVar<'_, T>) {
    if let Err(reason) = are_probabilities(name, of_logits, output) {
        panic!("{reason}");
    }
}

/// # Errors
/// For outputs that are plainly no probabilities: a linear output where the loss wants that of a softmax or sigmoid.
pub(super) fn are_probabilities<T: Scalar>(
    name: &str,
    of_logits: &str,
    output: TensorVar<'_, T>,
) -> Result<(), String> {
    let output = output.value();
    // A little more than 1 is rounding; NaN is for the loss to show.
    match output.iter().map(|p| p.real()).find(|p| *p < 0.0 || *p > 1.0 + 1e-3) {
        None => Ok(()),
        Some(p) => Err(format!(
            "{name}: {:?}: {p} is no probability; for outputs that are logits there is {of_logits}",
            output.shape()
        )),
    }
}

#[track_caller]
fn check<T: Scalar>(name: &str, output: &[usize], target: TargetRef<'_, T>) -> usize {
    match fits(name, output, target) {
        Ok(rows) => rows,
        Err(reason) => panic!("{reason}"),
    }
}

/// The number of rows.
///
/// # Errors
/// If the target does not fit to the output.
fn fits<T: Scalar>(name: &str, output: &[usize], target: TargetRef<'_, T>) -> Result<usize, String> {
    let Some((&count, outer)) = output.split_last() else {
        return Err(format!("{name}: []: takes an output whose last axis holds the classes"));
    };
    let rows: usize = outer.iter().product();
    match target {
        TargetRef::Classes(classes) => {
            let given = [classes.len()];
            if given[0] != rows {
                return Err(format!("{name}: {output:?} and {given:?}: {} targets for {rows} rows", given[0]));
            }
            match classes.iter().enumerate().find(|(_, class)| **class >= count) {
                None => Ok(rows),
                Some((row, class)) => Err(format!(
                    "{name}: {output:?} and {given:?}: row {row} is of class {class}, but there are {count} classes"
                )),
            }
        }
        TargetRef::Values(values) if values.shape() == output => Ok(rows),
        TargetRef::Values(values) => Err(format!(
            "{name}: {output:?} and {:?}: probabilities as target must have the shape of the output",
            values.shape()
        )),
    }
}

/// What a loss of classes says of an output and a target, before it is called.
pub(super) fn refusal<T: Scalar>(name: &str, output: TensorVar<'_, T>, target: TargetRef<'_, T>) -> Option<String> {
    if let Err(reason) = fits(name, output.shape(), target) {
        return Some(reason);
    }
    let last = output.rank().wrapping_sub(1);
    let is_safe = output.made_by::<Softmax>().is_some_and(|(softmax, _)| softmax.axis == last);
    if name != "cross_entropy" || is_safe {
        return None;
    }
    are_probabilities(name, "softmax_cross_entropy", output).err()
}

/// The loss as one node, from what a softmax would be taken of.
#[track_caller]
fn from_logits<'t, T: Scalar>(name: &str, logits: TensorVar<'t, T>, target: TargetRef<'_, T>) -> TensorVar<'t, T> {
    let rows = check(name, logits.shape(), target);
    let shape = [rows, logits.shape()[logits.rank() - 1]];
    let logits = if logits.rank() == 2 { logits } else { logits.reshape(shape) };
    match target {
        TargetRef::Classes(classes) => {
            let step = Builtin::SoftmaxCrossEntropy(SoftmaxCrossEntropy::new(classes));
            TensorVar::record(T::step(step), &[logits])
        }
        TargetRef::Values(values) => {
            let values = if values.rank() == 2 { values.clone() } else { values.reshape(shape) };
            let values = logits.tape().constant(values);
            TensorVar::record(T::step(Builtin::SoftmaxCrossEntropySoft(SoftmaxCrossEntropySoft)), &[logits, values])
        }
    }
}

/// The mean over rows of -Σ t l.
#[track_caller]
fn against<'t, T: Scalar>(
    log_probabilities: TensorVar<'t, T>,
    target: TargetRef<'_, T>,
    rows: usize,
) -> TensorVar<'t, T> {
    guarded(truth(log_probabilities.shape(), target), log_probabilities).sum() / -(rows as f64)
}

/// The probabilities that a target means: a row with a single 1 for a class number.
fn truth<T: Scalar>(shape: &[usize], target: TargetRef<'_, T>) -> Tensor<T> {
    match target {
        TargetRef::Values(values) => values.clone(),
        TargetRef::Classes(classes) => {
            let mut truth = Tensor::zeros(shape);
            let width = shape[shape.len() - 1].max(1);
            for (row, class) in truth.as_mut_slice().chunks_exact_mut(width).zip(classes) {
                row[*class] = T::one();
            }
            truth
        }
    }
}

/// t x, but 0 where t is 0, also beside an infinity.
#[track_caller]
pub(super) fn guarded<'t, T: Scalar>(t: Tensor<T>, x: TensorVar<'t, T>) -> TensorVar<'t, T> {
    TensorVar::record(T::step(Builtin::Row(Row::Guarded())), &[x.tape().constant(t), x])
}
