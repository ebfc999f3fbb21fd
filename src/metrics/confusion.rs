//! [`ConfusionMatrix`], the counts of every pair of actual and predicted class, with the figures of single classes.
//! Means of those figures over the classes belong to the metrics that report them.

use std::fmt;

use super::{Metric, Running, classes};
use crate::Element;
use crate::Tensor;
use crate::data::Target;

/// How often each class was taken for which: a result, a table to print, and a metric.
///
/// Outputs and targets are read as [`Accuracy`](super::Accuracy) reads them. Rows whose output holds a NaN are counted
/// apart, as [`undecided`](ConfusionMatrix::undecided), and as wrong. Figures without a row to speak of are NaN.
///
/// As a metric its value is the accuracy, and its detail the table.
///
/// ```
/// use gradtape::Tensor;
/// use gradtape::metrics::ConfusionMatrix;
///
/// let output = Tensor::<f64>::from([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7], [0.6, 0.4]]);
/// let matrix = ConfusionMatrix::from(&output, [0, 0, 1, 1]).labels(["cat", "dog"]);
/// assert_eq!(matrix.count(1, 0), 1);
/// assert_eq!((matrix.accuracy(), matrix.precision(0), matrix.recall(1)), (0.75, 2.0 / 3.0, 0.5));
/// let table = "
/// actual \\ predicted    cat    dog recall
///                cat      2      0  1.000
///                dog      1      1  0.500
///          precision  0.667  1.000  0.750
/// ";
/// assert_eq!(matrix.to_string(), table.trim_matches('\n'));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfusionMatrix {
    /// One row for each actual class, one number for each predicted class.
    counts: Vec<Vec<usize>>,
    undecided: Vec<usize>,
    labels: Vec<String>,
}

impl ConfusionMatrix {
    /// A matrix that has seen nothing yet, to be updated or to be given to a trainer as a metric.
    ///
    /// ```
    /// use gradtape::Tensor;
    /// use gradtape::metrics::{ConfusionMatrix, Running};
    ///
    /// let mut matrix = ConfusionMatrix::new();
    /// matrix.update(&Tensor::<f64>::from([[0.9, 0.1]]), &[0].into());
    /// matrix.update(&Tensor::<f64>::from([[0.2, 0.8]]), &[0].into());
    /// assert_eq!(matrix.recall(0), 0.5);
    /// ```
    pub fn new() -> ConfusionMatrix {
        ConfusionMatrix::default()
    }

    /// The matrix of these outputs.
    ///
    /// # Panics
    ///
    /// If there is not one target for each row, or a target names a class beyond the last.
    #[track_caller]
    pub fn from<T: Element>(outputs: &Tensor<T>, targets: impl Into<Target<T>>) -> ConfusionMatrix {
        let mut matrix = ConfusionMatrix::new();
        matrix.update(outputs, &targets.into());
        matrix
    }

    /// With names of the classes, from class 0 on, for the table. A class without a name is shown by its number.
    pub fn labels(mut self, labels: impl IntoIterator<Item: Into<String>>) -> ConfusionMatrix {
        self.labels = labels.into_iter().map(Into::into).collect();
        self
    }

    /// How many classes there are: as many as the outputs tell apart.
    pub fn class_count(&self) -> usize {
        self.counts.len()
    }

    /// How many rows were counted.
    pub fn row_count(&self) -> usize {
        (0..self.class_count()).map(|class| self.support(class)).sum()
    }

    /// How many rows of class `actual` were taken for class `predicted`.
    ///
    /// # Panics
    ///
    /// If there is no such class, as in all figures of a class.
    #[track_caller]
    pub fn count(&self, actual: usize, predicted: usize) -> usize {
        self.counts[self.checked(actual)][self.checked(predicted)]
    }

    /// How many rows of class `actual` had no answer, but a NaN.
    #[track_caller]
    pub fn undecided(&self, actual: usize) -> usize {
        self.undecided[self.checked(actual)]
    }

    /// How many rows are of this class.
    #[track_caller]
    pub fn support(&self, class: usize) -> usize {
        self.counts[self.checked(class)].iter().sum::<usize>() + self.undecided[class]
    }

    /// The share of all rows that were told right.
    pub fn accuracy(&self) -> f64 {
        let right: usize = (0..self.class_count()).map(|class| self.counts[class][class]).sum();
        right as f64 / self.row_count() as f64
    }

    /// Of the rows taken for this class, the share that is of it: `true positives / (true positives + false
    /// positives)`.
    #[track_caller]
    pub fn precision(&self, class: usize) -> f64 {
        self.count(class, class) as f64 / self.predictions(class) as f64
    }

    /// Of the rows of this class, the share that was taken for it: `true positives / (true positives + false
    /// negatives)`.
    #[track_caller]
    pub fn recall(&self, class: usize) -> f64 {
        self.count(class, class) as f64 / self.support(class) as f64
    }

    /// The harmonic mean of precision and recall: `2 true positives / (2 true positives + false positives + false
    /// negatives)`.
    ///
    /// ```
    /// use gradtape::{Tensor, metrics::ConfusionMatrix};
    ///
    /// let matrix = ConfusionMatrix::from(&Tensor::<f64>::from([0.9, 0.8, 0.1]), [1, 0, 0]);
    /// assert_eq!((matrix.precision(1), matrix.recall(1), matrix.f1(1)), (0.5, 1.0, 2.0 / 3.0));
    /// ```
    #[track_caller]
    pub fn f1(&self, class: usize) -> f64 {
        let right = self.count(class, class);
        2.0 * right as f64 / (self.predictions(class) + self.support(class)) as f64
    }

    /// How many rows were taken for this class.
    #[track_caller]
    fn predictions(&self, class: usize) -> usize {
        let class = self.checked(class);
        self.counts.iter().map(|row| row[class]).sum()
    }

    #[track_caller]
    fn checked(&self, class: usize) -> usize {
        let count = self.class_count();
        assert!(class < count, "ConfusionMatrix: there is no class {class}, the matrix has {count} classes");
        class
    }

    fn label(&self, class: usize) -> String {
        self.labels.get(class).cloned().unwrap_or_else(|| class.to_string())
    }

    /// Makes room for the outputs of a batch that tell more classes apart than those before.
    fn grow(&mut self, classes: usize) {
        let classes = classes.max(self.class_count());
        self.counts.resize(classes, Vec::new());
        self.counts.iter_mut().for_each(|row| row.resize(classes, 0));
        self.undecided.resize(classes, 0);
    }
}

impl<T: Element> Metric<T> for ConfusionMatrix {
    fn name(&self) -> &str {
        "confusion matrix"
    }

    /// An empty matrix with the same labels.
    fn start(&self) -> Box<dyn Running<T>> {
        Box::new(ConfusionMatrix { labels: self.labels.clone(), ..ConfusionMatrix::default() })
    }
}

impl<T: Element> Running<T> for ConfusionMatrix {
    #[track_caller]
    fn update(&mut self, output: &Tensor<T>, target: &Target<T>) {
        self.grow(classes::class_count("confusion matrix", output, target));
        classes::for_each("confusion matrix", output, target, |predicted, actual| match predicted {
            Some(predicted) => self.counts[actual][predicted] += 1,
            None => self.undecided[actual] += 1,
        });
    }

    fn value(&self) -> f64 {
        self.accuracy()
    }

    fn detail(&self) -> Option<String> {
        Some(self.to_string())
    }
}

/// A table: a row for each actual class with its recall at the end, a column for each predicted class with its
/// precision below, the accuracy in the corner, and a column of undecided rows if there are any.
impl fmt::Display for ConfusionMatrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let classes = 0..self.class_count();
        let figure = |value: f64| if value.is_nan() { "-".to_string() } else { format!("{value:.3}") };
        let undecided = self.undecided.iter().any(|&count| count > 0);

        let mut head: Vec<String> = classes.clone().map(|class| self.label(class)).collect();
        head.extend(undecided.then(|| "none".to_string()));
        let mut table = vec![("actual \\ predicted".to_string(), head, "recall".to_string())];
        for class in classes.clone() {
            let mut cells: Vec<String> = self.counts[class].iter().map(usize::to_string).collect();
            cells.extend(undecided.then(|| self.undecided[class].to_string()));
            table.push((self.label(class), cells, figure(self.recall(class))));
        }
        let mut precision: Vec<String> = classes.map(|class| figure(self.precision(class))).collect();
        precision.extend(undecided.then(String::new));
        table.push(("precision".to_string(), precision, figure(self.accuracy())));

        let longest =
            |cells: &mut dyn Iterator<Item = &String>| cells.map(|cell| cell.chars().count()).max().unwrap_or(0);
        let side = longest(&mut table.iter().map(|(name, ..)| name));
        let width = longest(&mut table.iter().flat_map(|(_, cells, last)| cells.iter().chain([last])));
        for (i, (name, cells, last)) in table.iter().enumerate() {
            if i > 0 {
                writeln!(f)?;
            }
            write!(f, "{name:>side$}")?;
            for cell in cells.iter().chain([last]) {
                write!(f, " {cell:>width$}")?;
            }
        }
        Ok(())
    }
}
