//! Data to learn from: [`Dataset`], rows of inputs with their targets, handed out in [`Batch`]es, and where they come
//! from ([`mnist`] files, [`synthetic`] problems). No training loop lives here, and nothing here knows of a tape.

#[cfg(feature = "csv")]
pub mod csv;
pub mod mnist;
pub mod synthetic;

mod batches;
mod standardize;
mod target;

use std::fmt;

pub use batches::{Batch, Batches};
pub use standardize::Standardize;
pub use target::Target;

use crate::Element;
use crate::{Error, Result, Tensor, rng};

/// Inputs and their targets: example number `i` is row `i` (along the first axis) of both.
///
/// A data set is not changed: what shuffles, splits or selects gives a new one. A clone is a reference count, and for
/// class numbers a copy of them.
///
/// ```
/// use gradtape::data::Dataset;
///
/// # fn main() -> gradtape::Result<()> {
/// let data = Dataset::<f32>::new([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0])?;
/// for batch in data.batches(3) {
///     assert_eq!(batch.inputs.shape(), [batch.len(), 2]);
/// }
/// let (first, rest) = data.split(0.75)?;
/// assert_eq!((first.len(), rest.len()), (3, 1));
/// # Ok(())
/// # }
/// ```
#[derive(Clone, PartialEq)]
pub struct Dataset<T: 'static> {
    inputs: Tensor<T>,
    targets: Target<T>,
}

impl<T> Dataset<T> {
    /// Joins inputs `[rows, ...]` and targets: class numbers, one a row, or a tensor `[rows, ...]`.
    ///
    /// # Errors
    ///
    /// If the two have different numbers of rows, or one is a single number without rows.
    ///
    /// ```
    /// use gradtape::data::Dataset;
    ///
    /// let error = Dataset::<f64>::new([[1.0], [2.0]], [0, 1, 1]).unwrap_err();
    /// assert!(error.to_string().contains("2 rows of inputs and 3 targets"));
    /// ```
    pub fn new(inputs: impl Into<Tensor<T>>, targets: impl Into<Target<T>>) -> Result<Dataset<T>> {
        let (inputs, targets) = (inputs.into(), targets.into());
        if inputs.rank() == 0 || targets.values().is_some_and(|values| values.rank() == 0) {
            return Err(Error::invalid("Dataset::new: a single number, where the first axis should count the rows"));
        }
        let (rows, count) = (inputs.shape()[0], targets.len());
        if rows != count {
            let message = format!("{rows} rows of inputs and {count} targets; every row needs one target");
            return Err(Error::invalid(format!("Dataset::new: {message}")));
        }
        Ok(Dataset { inputs, targets })
    }

    /// How many rows there are.
    pub fn len(&self) -> usize {
        self.targets.len()
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All inputs, `[rows, ...]`.
    pub fn inputs(&self) -> &Tensor<T> {
        &self.inputs
    }

    /// All targets, in the order of the rows.
    pub fn targets(&self) -> &Target<T> {
        &self.targets
    }

    /// How many classes the class numbers speak of, which is the largest of them plus one; `None` where the targets
    /// are values.
    ///
    /// ```
    /// let data = gradtape::data::Dataset::<f32>::new([[0.5], [0.1]], [2, 0])?;
    /// assert_eq!(data.class_count(), Some(3));
    /// # Ok::<(), gradtape::Error>(())
    /// ```
    pub fn class_count(&self) -> Option<usize> {
        let classes = self.targets.classes()?;
        Some(classes.iter().max().map_or(0, |largest| largest + 1))
    }

    /// The same targets with other inputs, made from these: reshaped for a convolution, for instance, or standardised.
    ///
    /// # Panics
    ///
    /// If `f` changes the number of rows.
    ///
    /// ```
    /// use gradtape::{Tensor, data::Dataset};
    ///
    /// # fn main() -> gradtape::Result<()> {
    /// let data = Dataset::<f32>::new([[1.0, 2.0, 3.0, 4.0]], [0])?;
    /// let images = data.map_inputs(|rows| Tensor::from_vec(rows.into_vec(), [1, 1, 2, 2]).expect("4 numbers"));
    /// assert_eq!(images.inputs().shape(), [1, 1, 2, 2]);
    /// # Ok(())
    /// # }
    /// ```
    #[track_caller]
    pub fn map_inputs(self, f: impl FnOnce(Tensor<T>) -> Tensor<T>) -> Dataset<T> {
        let (before, inputs) = (self.inputs.shape().to_vec(), f(self.inputs));
        let after = inputs.shape();
        assert!(
            after.first() == before.first(),
            "map_inputs: {before:?} became {after:?}: the number of rows must stay, there is a target for each"
        );
        Dataset { inputs, targets: self.targets }
    }
}

impl<T: Element> Dataset<T> {
    /// The rows in order, `size` at a time; the last batch is shorter where `size` does not divide the rows.
    ///
    /// # Panics
    ///
    /// If `size` is 0.
    #[track_caller]
    pub fn batches(&self, size: usize) -> Batches<'_, T> {
        Batches::new(self, size, None)
    }

    /// The rows in a random order, `size` at a time: every row once, the last batch shorter where need be.
    ///
    /// # Panics
    ///
    /// If `size` is 0.
    ///
    /// ```
    /// let (data, mut rng) = (gradtape::data::synthetic::xor(), gradtape::Rng::new(7));
    /// assert_eq!(data.shuffled_batches(3, &mut rng).map(|batch| batch.len()).collect::<Vec<_>>(), [3, 1]);
    /// ```
    #[track_caller]
    pub fn shuffled_batches(&self, size: usize, rng: &mut (impl rand::Rng + ?Sized)) -> Batches<'_, T> {
        Batches::new(self, size, Some(self.random_order(rng)))
    }

    /// The rows in a random order.
    pub fn shuffle(&self, rng: &mut (impl rand::Rng + ?Sized)) -> Dataset<T> {
        self.select(&self.random_order(rng))
    }

    /// The first `fraction` of the rows (to the nearest row) and the rest, in order. Rows that are sorted, by class
    /// for instance, are better shuffled before.
    ///
    /// # Errors
    ///
    /// If the fraction is not from 0 to 1.
    ///
    /// ```
    /// use gradtape::{Rng, data::synthetic};
    ///
    /// let (train, test) = synthetic::moons(100, 0.1, 7).shuffle(&mut Rng::new(1)).split(0.8)?;
    /// assert_eq!((train.len(), test.len()), (80, 20));
    /// # Ok::<(), gradtape::Error>(())
    /// ```
    pub fn split(&self, fraction: f64) -> Result<(Dataset<T>, Dataset<T>)> {
        if !(0.0..=1.0).contains(&fraction) {
            return Err(Error::invalid(format!("split: the fraction {fraction} is not from 0 to 1")));
        }
        let first = (fraction * self.len() as f64).round() as usize;
        let rows: Vec<usize> = (0..self.len()).collect();
        Ok((self.select(&rows[..first]), self.select(&rows[first..])))
    }

    /// The rows of these numbers, in this order; a row may come more than once.
    ///
    /// # Panics
    ///
    /// If there is no row of such a number.
    ///
    /// ```
    /// let data = gradtape::data::Dataset::<f32>::new([[1.0], [2.0], [3.0]], [1, 2, 3])?.select(&[2, 0]);
    /// assert_eq!(data.inputs().as_slice(), [3.0, 1.0]);
    /// assert_eq!(data.targets().classes(), Some(&[3, 1][..]));
    /// # Ok::<(), gradtape::Error>(())
    /// ```
    #[track_caller]
    pub fn select(&self, rows: &[usize]) -> Dataset<T> {
        let batch = self.gather(rows);
        Dataset { inputs: batch.inputs, targets: batch.targets }
    }

    /// The rows of these numbers as a batch.
    ///
    /// # Panics
    ///
    /// If there is no row of such a number.
    #[track_caller]
    pub fn gather(&self, rows: &[usize]) -> Batch<T> {
        let mut batch = Batch::default();
        self.gather_into(rows, &mut batch);
        batch
    }

    /// Puts the rows of these numbers into a batch, whatever it held before: what a training loop does at every step.
    ///
    /// From the second time on nothing is allocated: class numbers go into the vector of the batch before, tensors into
    /// buffers that tensors of the same size gave back. (So let go of the last step's tensors first.)
    ///
    /// # Panics
    ///
    /// If there is no row of such a number.
    ///
    /// ```
    /// use gradtape::data::{Batch, synthetic};
    ///
    /// let (data, mut batch) = (synthetic::xor(), Batch::default());
    /// for rows in [[3, 1], [0, 2]] {
    ///     data.gather_into(&rows, &mut batch);
    ///     assert_eq!(batch.inputs.shape(), [2, 2]);
    /// }
    /// ```
    #[track_caller]
    pub fn gather_into(&self, rows: &[usize], batch: &mut Batch<T>) {
        let len = self.len();
        if let Some(row) = rows.iter().find(|&&row| row >= len) {
            panic!("Dataset: there is no row {row}, the data set has {len} rows");
        }
        batches::gather(&self.inputs, rows, &mut batch.inputs);
        self.targets.gather_into(rows, &mut batch.targets);
    }

    fn random_order(&self, rng: &mut (impl rand::Rng + ?Sized)) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.len()).collect();
        rng::shuffle(rng, &mut order);
        order
    }
}

/// Sizes, not numbers: a data set is too long to read.
impl<T> fmt::Debug for Dataset<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("Dataset");
        fields.field("inputs", &self.inputs.shape());
        match &self.targets {
            Target::Classes(classes) => fields.field("classes", &[classes.len()]),
            Target::Values(values) => fields.field("values", &values.shape()),
        };
        fields.finish()
    }
}
