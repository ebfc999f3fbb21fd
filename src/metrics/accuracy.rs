//! [`Accuracy`], the share of right answers. Which answers were wrong is told by the confusion matrix.

use super::{Metric, Running, classes};
use crate::Element;
use crate::Tensor;
use crate::data::Target;

/// The share of rows whose class was told right: `right / rows`, from 0 to 1.
///
/// The last axis of the output `[rows, classes]` holds a number for each class, probabilities or logits; the largest is
/// the answer, of equal ones the first. An output of one column, `[rows, 1]` or `[rows]`, is the probability of class 1
/// against class 0, with class 1 the answer above 0.5. Targets are class numbers, or one-hot rows in the shape of the
/// output. A row with a NaN is never right. Of no rows at all the accuracy is NaN.
///
/// # Panics
///
/// In `update`, if there is not one target for each row, or a target names a class beyond the last.
///
/// ```
/// use gradtape::Tensor;
/// use gradtape::metrics::{Accuracy, Metric};
///
/// let output = Tensor::<f64>::from([[0.8, 0.1, 0.1], [0.3, 0.3, 0.4], [0.1, 0.7, 0.2]]);
/// assert_eq!(Accuracy.evaluate(&output, [0, 2, 2]), 2.0 / 3.0);
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct Accuracy;

impl<T: Element> Metric<T> for Accuracy {
    fn name(&self) -> &str {
        "accuracy"
    }

    fn start(&self) -> Box<dyn Running<T>> {
        Box::new(Share::default())
    }
}

/// The right ones of all rows.
#[derive(Default)]
struct Share {
    right: usize,
    rows: usize,
}

impl<T: Element> Running<T> for Share {
    #[track_caller]
    fn update(&mut self, output: &Tensor<T>, target: &Target<T>) {
        classes::for_each("accuracy", output, target, |predicted, actual| {
            self.right += usize::from(predicted == Some(actual));
            self.rows += 1;
        });
    }

    fn value(&self) -> f64 {
        self.right as f64 / self.rows as f64
    }
}
