//! Metrics: what counts as right, fed at once or batch by batch.

use gradtape::Tensor;
use gradtape::data::Target;
use gradtape::metrics::{Accuracy, ConfusionMatrix, Metric, Running};
use proptest::prelude::*;

fn tensor(numbers: &[f64], shape: impl AsRef<[usize]>) -> Tensor<f64> {
    Tensor::from_vec(numbers.to_vec(), shape).unwrap()
}

#[test]
fn the_largest_output_is_the_answer_and_of_equal_ones_the_first() {
    let output = tensor(&[-3.0, -1.0, -2.0, 5.0, 5.0, 0.0, 0.0, 9.0, 9.0], [3, 3]);
    assert_eq!(Accuracy.evaluate(&output, [1, 0, 1]), 1.0);
    assert_eq!(Accuracy.evaluate(&output, [1, 1, 2]), 1.0 / 3.0);
}

#[test]
fn one_hot_rows_and_soft_rows_say_the_class_too() {
    let output = tensor(&[0.2, 0.8, 0.6, 0.4], [2, 2]);
    assert_eq!(Accuracy.evaluate(&output, [[0.0, 1.0], [0.0, 1.0]]), 0.5);
    assert_eq!(Accuracy.evaluate(&output, [[0.1, 0.9], [0.7, 0.3]]), 1.0);
}

#[test]
fn one_column_is_a_decision_at_one_half() {
    let column = tensor(&[0.2, 0.5, 0.6, 0.9], [4, 1]);
    assert_eq!(Accuracy.evaluate(&column, [0, 0, 1, 1]), 1.0);
    assert_eq!(Accuracy.evaluate(&column, [[0.0], [1.0], [1.0], [0.0]]), 0.5);
    assert_eq!(Accuracy.evaluate(&column, tensor(&[0.0, 0.0, 1.0, 0.0], [4])), 0.75);
    assert_eq!(Accuracy.evaluate(&tensor(&[0.2, 0.7], [2]), [0, 1]), 1.0);
}

#[test]
fn axes_before_the_last_are_rows() {
    let output = tensor(&[1.0, 0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0], [2, 2, 2]);
    assert_eq!(Accuracy.evaluate(&output, [0, 1, 0, 0]), 0.75);
}

#[test]
fn not_a_number_is_never_right() {
    let nan = f64::NAN;
    let output = tensor(&[nan, 0.0, 0.0, 1.0, 1.0, nan, nan, nan], [4, 2]);
    for class in [0, 1] {
        let target = [class, 1, class, class];
        assert_eq!(Accuracy.evaluate(&output, target), 0.25);
        let matrix = ConfusionMatrix::from(&output, target);
        assert_eq!((matrix.undecided(class), matrix.accuracy(), matrix.row_count()), (3, 0.25, 4));
    }
    assert_eq!(Accuracy.evaluate(&tensor(&[nan, nan], [2, 1]), [0, 1]), 0.0);
}

#[test]
fn of_nothing_the_accuracy_is_not_a_number() {
    assert!(Accuracy.evaluate(&tensor(&[], [0, 3]), Vec::<usize>::new()).is_nan());
    let running = Metric::<f64>::start(&Accuracy);
    assert!(running.value().is_nan());
    let matrix = ConfusionMatrix::from(&tensor(&[1.0, 0.0, 0.0], [1, 3]), [0]);
    assert!(matrix.precision(1).is_nan() && matrix.recall(1).is_nan() && matrix.f1(1).is_nan());
    assert_eq!((matrix.precision(0), matrix.recall(0), matrix.f1(0)), (1.0, 1.0, 1.0));
}

/// Outputs of four classes, many of them equal and some NaN, and targets.
fn answers() -> impl Strategy<Value = Vec<([f64; 4], usize)>> {
    let number = prop_oneof![9 => (0u8..4).prop_map(f64::from), 1 => Just(f64::NAN)];
    prop::collection::vec((prop::array::uniform4(number), 0usize..4), 1..40)
}

proptest! {
    #[test]
    fn batch_by_batch_is_the_same_as_all_at_once(answers in answers(), size in 1usize..20) {
        let parts = |rows: &[([f64; 4], usize)]| {
            let output = tensor(&rows.iter().flat_map(|row| row.0).collect::<Vec<_>>(), [rows.len(), 4]);
            (output, Target::from(rows.iter().map(|row| row.1).collect::<Vec<_>>()))
        };
        let (output, target) = parts(&answers);
        let at_once = ConfusionMatrix::from(&output, &target);
        let (mut accuracy, mut matrix) = (Accuracy.start(), ConfusionMatrix::new());
        for rows in answers.chunks(size) {
            let (output, target) = parts(rows);
            accuracy.update(&output, &target);
            matrix.update(&output, &target);
        }
        prop_assert_eq!(&matrix, &at_once);
        prop_assert_eq!(accuracy.value(), matrix.accuracy());
        prop_assert_eq!(accuracy.value(), Accuracy.evaluate(&output, target));

        // Every row is in one cell, or undecided.
        let cells = (0..4).flat_map(|actual| (0..4).map(move |predicted| (actual, predicted)));
        let counted: usize = cells.map(|(actual, predicted)| matrix.count(actual, predicted)).sum();
        let undecided: usize = (0..4).map(|actual| matrix.undecided(actual)).sum();
        prop_assert_eq!(counted + undecided, answers.len());
        for class in 0..4 {
            let (p, r, f) = (matrix.precision(class), matrix.recall(class), matrix.f1(class));
            prop_assert!(!(p > 0.0 && r > 0.0) || (f - 2.0 * p * r / (p + r)).abs() < 1e-12);
        }
    }
}

#[test]
fn a_confusion_matrix_is_a_metric_whose_detail_is_the_table() {
    let metric = ConfusionMatrix::new().labels(["no", "yes", "perhaps"]);
    let mut running = Metric::<f64>::start(&metric);
    let output = tensor(&[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0, 0.0, f64::NAN, 0.0, 0.0], [4, 3]);
    running.update(&output, &[0, 1, 0, 1].into());
    assert_eq!(running.value(), 0.5);
    let table = "
actual \\ predicted      no     yes perhaps    none  recall
                no       1       1       0       0   0.500
               yes       0       1       0       1   0.500
           perhaps       0       0       0       0       -
         precision   1.000   0.500       -           0.500
";
    assert_eq!(running.detail().unwrap(), table.trim_matches('\n'));
    assert_eq!(Metric::<f32>::start(&Accuracy).detail(), None);
}

#[test]
fn metrics_of_a_trainer_are_a_list() {
    let metrics: Vec<Box<dyn Metric<f32>>> = vec![Box::new(Accuracy), Box::new(ConfusionMatrix::new())];
    let names: Vec<&str> = metrics.iter().map(|metric| metric.name()).collect();
    assert_eq!(names, ["accuracy", "confusion matrix"]);
}

#[test]
#[should_panic(expected = "accuracy: outputs [2, 2] and 3 class numbers; there must be one for each of the 2 rows")]
fn a_target_too_many_is_a_mistake() {
    Accuracy.evaluate(&tensor(&[0.0; 4], [2, 2]), [0, 1, 1]);
}

#[test]
#[should_panic(expected = "accuracy: outputs [2, 2] and targets [2, 1]")]
fn a_column_of_values_for_two_columns_is_a_mistake() {
    Accuracy.evaluate(&tensor(&[0.0; 4], [2, 2]), [[0.0], [1.0]]);
}

#[test]
#[should_panic(expected = "target 1 is class 2, but the outputs tell 2 classes apart")]
fn a_class_beyond_the_last_is_a_mistake() {
    ConfusionMatrix::from(&tensor(&[0.0; 4], [2, 2]), [0, 2]);
}

#[test]
#[should_panic(expected = "row 0 of the targets holds a NaN")]
fn targets_that_are_no_numbers_are_a_mistake() {
    Accuracy.evaluate(&tensor(&[0.0; 2], [1, 2]), [[f64::NAN, 1.0]]);
}

#[test]
#[should_panic(expected = "there is no class 2, the matrix has 2 classes")]
fn figures_of_a_class_that_does_not_exist_are_a_mistake() {
    ConfusionMatrix::from(&tensor(&[0.0; 2], [1, 2]), [0]).recall(2);
}
