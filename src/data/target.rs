//! [`Target`], what a model should answer: class numbers or a tensor. What is made of it, losses and metrics, lives
//! with them.

use super::batches;
use crate::Element;
use crate::Tensor;

/// What the answer should be, for every row of a batch or of a data set.
///
/// Losses, metrics and data sets take anything that becomes one: class numbers as `Vec<usize>`, array or slice, or a
/// tensor, or another `&Target`.
///
/// ```
/// use gradtape::data::Target;
///
/// let digits: Target<f32> = [3, 1, 4].into();
/// assert_eq!(digits.classes(), Some(&[3, 1, 4][..]));
/// let prices: Target<f32> = [[0.5], [1.5]].into();
/// assert_eq!((prices.len(), prices.classes()), (2, None));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Target<T: 'static> {
    /// The number of the right class, from 0, one for each row.
    Classes(Vec<usize>),
    /// Numbers to come close to, `[rows, ...]`; for classes also a row of probabilities or a one-hot row.
    Values(Tensor<T>),
}

impl<T> Target<T> {
    /// For how many rows it speaks. (A single number, a tensor without axes, speaks for one.)
    pub fn len(&self) -> usize {
        match self {
            Target::Classes(classes) => classes.len(),
            Target::Values(values) => values.shape().first().copied().unwrap_or(1),
        }
    }

    /// Whether it speaks for no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The class numbers, if these are class numbers.
    pub fn classes(&self) -> Option<&[usize]> {
        match self {
            Target::Classes(classes) => Some(classes),
            Target::Values(_) => None,
        }
    }

    /// The tensor, if this is a tensor.
    pub fn values(&self) -> Option<&Tensor<T>> {
        match self {
            Target::Classes(_) => None,
            Target::Values(values) => Some(values),
        }
    }
}

impl<T: Element> Target<T> {
    /// Puts the targets of these rows into `into`, reusing its memory where it is of the same kind.
    pub(super) fn gather_into(&self, rows: &[usize], into: &mut Target<T>) {
        match (self, into) {
            (Target::Classes(classes), Target::Classes(into)) => {
                into.clear();
                into.extend(rows.iter().map(|&row| classes[row]));
            }
            (Target::Values(values), Target::Values(into)) => batches::gather(values, rows, into),
            (Target::Classes(classes), into) => {
                *into = Target::Classes(rows.iter().map(|&row| classes[row]).collect());
            }
            (Target::Values(values), into) => {
                let mut gathered = Tensor::zeros([0]);
                batches::gather(values, rows, &mut gathered);
                *into = Target::Values(gathered);
            }
        }
    }
}

impl<T> From<Vec<usize>> for Target<T> {
    fn from(classes: Vec<usize>) -> Target<T> {
        Target::Classes(classes)
    }
}

impl<T> From<&Vec<usize>> for Target<T> {
    fn from(classes: &Vec<usize>) -> Target<T> {
        Target::Classes(classes.clone())
    }
}

impl<T> From<&[usize]> for Target<T> {
    fn from(classes: &[usize]) -> Target<T> {
        Target::Classes(classes.to_vec())
    }
}

impl<T, const ROWS: usize> From<[usize; ROWS]> for Target<T> {
    fn from(classes: [usize; ROWS]) -> Target<T> {
        Target::Classes(classes.to_vec())
    }
}

impl<T, const ROWS: usize> From<&[usize; ROWS]> for Target<T> {
    fn from(classes: &[usize; ROWS]) -> Target<T> {
        Target::Classes(classes.to_vec())
    }
}

impl<T> From<Tensor<T>> for Target<T> {
    fn from(values: Tensor<T>) -> Target<T> {
        Target::Values(values)
    }
}

impl<T: Clone> From<&Tensor<T>> for Target<T> {
    fn from(values: &Tensor<T>) -> Target<T> {
        Target::Values(values.clone())
    }
}

impl<T: std::fmt::Display + Clone, const ROWS: usize, const COLUMNS: usize> From<[[T; COLUMNS]; ROWS]> for Target<T> {
    fn from(values: [[T; COLUMNS]; ROWS]) -> Target<T> {
        Target::Values(Tensor::from(values))
    }
}

impl<T: Clone> From<&Target<T>> for Target<T> {
    fn from(target: &Target<T>) -> Target<T> {
        target.clone()
    }
}
