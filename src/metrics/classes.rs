//! From outputs and targets to pairs of class numbers, the one reading of them that all metrics of classes share. What
//! is counted about the pairs lives with each metric.

use crate::Element;
use crate::Tensor;
use crate::data::Target;

/// How many classes outputs and targets of these shapes speak of, after a check that they fit each other.
///
/// The last axis of the output is the classes, the axes before it are rows; a last axis of 1, or no second axis, makes
/// every number a decision between class 0 and class 1.
#[track_caller]
pub(super) fn class_count<T: Element>(metric: &str, output: &Tensor<T>, target: &Target<T>) -> usize {
    let (shape, binary) = (output.shape(), is_binary(output));
    let rows = if binary { output.len() } else { shape[..shape.len() - 1].iter().product() };
    match target {
        Target::Classes(classes) => assert!(
            classes.len() == rows,
            "{metric}: outputs {shape:?} and {} class numbers; there must be one for each of the {rows} rows",
            classes.len()
        ),
        Target::Values(values) => assert!(
            values.shape() == shape || binary && values.len() == rows,
            "{metric}: outputs {shape:?} and targets {:?}; targets that are no class numbers must be one-hot rows of \
             the same shape",
            values.shape()
        ),
    }
    if binary { 2 } else { shape[shape.len() - 1] }
}

/// Calls `count(predicted, actual)` for every row: the class that the output is largest for (of equal ones the first;
/// for a binary decision class 1 above 0.5), or `None` where the output holds a NaN, and the class of the target.
#[track_caller]
pub(super) fn for_each<T: Element>(
    metric: &str,
    output: &Tensor<T>,
    target: &Target<T>,
    mut count: impl FnMut(Option<usize>, usize),
) {
    let classes = class_count(metric, output, target);
    let width = if is_binary(output) { 1 } else { classes };
    if output.is_empty() {
        return;
    }
    for (row, numbers) in output.as_slice().chunks_exact(width).enumerate() {
        let actual = match target {
            Target::Classes(numbers) => numbers[row],
            Target::Values(values) => match decide(&values.as_slice()[row * width..][..width]) {
                Some(class) => class,
                None => panic!("{metric}: row {row} of the targets holds a NaN"),
            },
        };
        assert!(
            actual < classes,
            "{metric}: target {row} is class {actual}, but the outputs tell {classes} classes apart"
        );
        count(decide(numbers), actual);
    }
}

fn is_binary<T: Element>(output: &Tensor<T>) -> bool {
    output.rank() < 2 || output.shape()[output.rank() - 1] == 1
}

/// The class that one row of numbers speaks for.
fn decide<T: Element>(numbers: &[T]) -> Option<usize> {
    if let [number] = numbers {
        return (!number.is_nan()).then(|| usize::from(number.real() > 0.5));
    }
    let mut best = 0;
    for (class, number) in numbers.iter().enumerate() {
        if number.is_nan() {
            return None;
        }
        if *number > numbers[best] {
            best = class;
        }
    }
    Some(best)
}
