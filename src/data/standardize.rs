//! Columns of numbers brought to the same scale. Where they come from is another file's business.

use super::Dataset;
use crate::{Element, Tensor};

/// Takes each column's mean away and divides by its standard deviation: `(x - mean) / deviation`, as measured on the
/// rows it was made of. Those of the training set serve the test set too, which must not tell anything about itself.
///
/// A column whose numbers are all the same becomes 0.
///
/// ```
/// use gradtape::data::{Dataset, Standardize};
///
/// let train = Dataset::<f64>::new([[1.0, 10.0], [3.0, 10.0]], [0, 1])?;
/// let test = Dataset::<f64>::new([[5.0, 11.0]], [1])?;
/// let scale = Standardize::of(&train);
/// assert_eq!(scale.apply(train).inputs().as_slice(), [-1.0, 0.0, 1.0, 0.0]);
/// assert_eq!(scale.apply(test).inputs().as_slice(), [3.0, 1.0]);
/// # Ok::<(), gradtape::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Standardize {
    /// Mean and deviation of each column.
    columns: Vec<(f64, f64)>,
}

impl Standardize {
    /// Measures the columns of the inputs, `[rows, columns]`.
    ///
    /// # Panics
    /// If the inputs are no such table.
    #[track_caller]
    pub fn of<T: Element>(data: &Dataset<T>) -> Self {
        let width = width(data.inputs());
        let rows = data.inputs().as_slice();
        let count = (rows.len() / width.max(1)).max(1) as f64;
        let columns = (0..width).map(|column| {
            let numbers = || rows.iter().skip(column).step_by(width).map(|x| x.real());
            let mean = numbers().sum::<f64>() / count;
            let deviation = (numbers().map(|x| (x - mean).powi(2)).sum::<f64>() / count).sqrt();
            // The rounding of the mean alone is no spread.
            let is_constant = deviation <= 1e-12 * mean.abs();
            (mean, if is_constant { 1.0 } else { deviation })
        });
        Standardize { columns: columns.collect() }
    }

    /// The data set with columns on this scale.
    ///
    /// # Panics
    /// If the inputs have another number of columns.
    #[track_caller]
    pub fn apply<T: Element>(&self, data: Dataset<T>) -> Dataset<T> {
        let (width, expected) = (width(data.inputs()), self.columns.len());
        assert!(width == expected, "Standardize: {width} columns, where {expected} were measured");
        data.map_inputs(|mut inputs| {
            inputs.update(|i, x| {
                let (mean, deviation) = self.columns[i % width];
                T::lit((x.real() - mean) / deviation)
            });
            inputs
        })
    }
}

#[track_caller]
fn width<T: Element>(inputs: &Tensor<T>) -> usize {
    match inputs.shape() {
        [_, width] => *width,
        other => panic!("Standardize: {other:?}: the inputs are no table, [rows, columns]"),
    }
}
