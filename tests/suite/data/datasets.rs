//! `Dataset`: every row once, with its own target, in every way of handing rows out.

use gradtape::data::{Batch, Dataset, Target};
use gradtape::{Rng, Tensor};
use proptest::prelude::*;

/// `n` rows of two numbers that both tell the row, and the row as class number.
fn numbered(n: usize) -> Dataset<f64> {
    let inputs = (0..n).flat_map(|row| [row as f64, -(row as f64)]).collect();
    Dataset::new(Tensor::from_vec(inputs, [n, 2]).unwrap(), (0..n).collect::<Vec<usize>>()).unwrap()
}

/// The rows of a batch of numbered data, after a look at whether inputs and targets belong together.
fn rows_of(batch: &Batch<f64>) -> Vec<usize> {
    let classes = batch.targets.classes().expect("class numbers").to_vec();
    assert_eq!(batch.inputs.shape(), [classes.len(), 2]);
    for (pair, &class) in batch.inputs.as_slice().chunks(2).zip(&classes) {
        assert_eq!(pair, [class as f64, -(class as f64)]);
    }
    classes
}

fn rows(data: &Dataset<f64>) -> Vec<usize> {
    rows_of(&Batch { inputs: data.inputs().clone(), targets: data.targets().clone() })
}

proptest! {
    #[test]
    fn batches_hold_every_row_once_and_in_order(n in 0usize..60, size in 1usize..70) {
        let data = numbered(n);
        let batches: Vec<_> = data.batches(size).map(|batch| rows_of(&batch)).collect();
        prop_assert_eq!(data.batches(size).len(), batches.len());
        prop_assert_eq!(batches.len(), n.div_ceil(size));
        prop_assert!(batches.iter().rev().skip(1).all(|batch| batch.len() == size));
        prop_assert_eq!(batches.concat(), (0..n).collect::<Vec<_>>());
    }

    #[test]
    fn shuffled_batches_hold_every_row_once(n in 0usize..60, size in 1usize..70, seed: u64) {
        let data = numbered(n);
        let order = |seed| data.shuffled_batches(size, &mut Rng::new(seed)).flat_map(|batch| rows_of(&batch));
        let mut seen: Vec<usize> = order(seed).collect();
        prop_assert!(order(seed).eq(seen.iter().copied()), "the same seed gives the same order");
        prop_assert_eq!(rows(&data.shuffle(&mut Rng::new(seed))), seen.clone());
        seen.sort();
        prop_assert_eq!(seen, (0..n).collect::<Vec<_>>());
    }

    #[test]
    fn split_parts_put_together_are_the_whole(n in 0usize..60, fraction in 0.0f64..=1.0) {
        let (first, rest) = numbered(n).split(fraction).unwrap();
        prop_assert!((first.len() as f64 - fraction * n as f64).abs() <= 0.5);
        prop_assert_eq!([rows(&first), rows(&rest)].concat(), (0..n).collect::<Vec<_>>());
    }

    #[test]
    fn a_batch_that_is_filled_again_forgets_what_it_held(picks in prop::collection::vec(
        prop::collection::vec(0usize..10, 0..15), 1..6,
    )) {
        let (data, mut batch) = (numbered(10), Batch::default());
        for pick in picks {
            data.gather_into(&pick, &mut batch);
            prop_assert_eq!(rows_of(&batch), pick.clone());
            prop_assert_eq!(&batch, &data.gather(&pick));
            prop_assert_eq!(rows(&data.select(&pick)), pick);
        }
    }
}

#[test]
fn two_seeds_give_two_orders() {
    let data = numbered(50);
    assert_ne!(rows(&data.shuffle(&mut Rng::new(1))), rows(&data.shuffle(&mut Rng::new(2))));
}

#[test]
fn filling_a_batch_again_reuses_its_class_numbers_and_leaves_tensors_that_were_kept_alone() {
    let (data, mut batch) = (numbered(10), Batch::default());
    data.gather_into(&[1, 2, 3], &mut batch);
    let kept = batch.inputs.clone();
    let place = batch.targets.classes().unwrap().as_ptr();
    data.gather_into(&[7, 8, 9], &mut batch);
    assert_eq!(kept.as_slice(), [1.0, -1.0, 2.0, -2.0, 3.0, -3.0]);
    assert_eq!(batch.targets.classes().unwrap().as_ptr(), place);
}

#[test]
fn targets_can_be_tensors_and_inputs_can_have_any_shape_of_row() {
    let images = Tensor::from_vec((0..24).map(|x| x as f32).collect(), [3, 2, 4]).unwrap();
    let data = Dataset::new(images, [[0.0f32, 0.5], [1.0, 1.5], [2.0, 2.5]]).unwrap();
    assert_eq!(data.class_count(), None);
    let batches: Vec<_> = data.batches(2).collect();
    assert_eq!(batches[0].inputs.shape(), [2, 2, 4]);
    assert_eq!(batches[1].inputs.as_slice(), [16.0, 17.0, 18.0, 19.0, 20.0, 21.0, 22.0, 23.0]);
    assert_eq!(batches[1].targets, Target::Values(Tensor::from([[2.0f32, 2.5]])));

    // One batch goes from class numbers to values and back.
    let (classes, mut batch) = (Dataset::<f32>::new([1.0, 2.0], [5, 6]).unwrap(), Batch::default());
    for _ in 0..2 {
        classes.gather_into(&[1], &mut batch);
        assert_eq!((batch.inputs.shape(), batch.targets.classes()), (&[1][..], Some(&[6][..])));
        data.gather_into(&[1], &mut batch);
        assert_eq!(batch.targets, Target::Values(Tensor::from([[1.0f32, 1.5]])));
    }
}

#[test]
fn rows_without_numbers_and_data_without_rows_are_no_special_case() {
    let hollow = Dataset::new(Tensor::<f32>::from_vec(vec![], [3, 0]).unwrap(), [0, 1, 2]).unwrap();
    assert_eq!(hollow.batches(2).map(|batch| batch.inputs.shape().to_vec()).collect::<Vec<_>>(), [[2, 0], [1, 0]]);
    let empty = Dataset::new(Tensor::<f32>::from_vec(vec![], [0, 5]).unwrap(), Vec::new()).unwrap();
    assert!(empty.is_empty() && empty.batches(4).next().is_none());
    assert_eq!(empty.class_count(), Some(0));
    assert_eq!(empty.split(0.5).unwrap().1.inputs().shape(), [0, 5]);
}

#[test]
fn debug_output_is_short() {
    let text = format!("{:?}", numbered(1000));
    assert_eq!(text, "Dataset { inputs: [1000, 2], classes: [1000] }");
}

#[test]
fn data_that_do_not_fit_together_are_errors_with_both_sizes() {
    let message = |result: gradtape::Result<Dataset<f32>>| result.unwrap_err().to_string();
    let differ = message(Dataset::new([[1.0], [2.0]], [[1.0], [2.0], [3.0]]));
    assert!(differ.contains("2 rows of inputs and 3 targets"), "{differ}");
    let single = message(Dataset::new(Tensor::scalar(1.0), [0]));
    assert!(single.contains("a single number"), "{single}");
    for fraction in [-0.1, 1.1, f64::NAN, f64::INFINITY] {
        let message = numbered(4).split(fraction).unwrap_err().to_string();
        assert!(message.contains(&format!("{fraction}")), "{message}");
    }
}

#[test]
#[should_panic(expected = "a batch of 0 rows")]
fn batches_of_no_rows_are_a_mistake() {
    numbered(3).batches(0);
}

#[test]
#[should_panic(expected = "there is no row 3, the data set has 3 rows")]
fn a_row_that_does_not_exist_is_a_mistake() {
    numbered(3).select(&[0, 3]);
}

#[test]
#[should_panic(expected = "[3, 2] became [1, 6]: the number of rows must stay")]
fn inputs_mapped_to_another_number_of_rows_are_a_mistake() {
    numbered(3).map_inputs(|inputs| Tensor::from_vec(inputs.into_vec(), [1, 6]).unwrap());
}
