//! Sums, folds and their order against plain loops.

use super::*;

/// `[2, 3, 2]`, along each axis.
fn all() -> (Vec<f64>, [Lanes; 3]) {
    ((0..12).map(f64::from).collect(), [0, 1, 2].map(|axis| Lanes::along(&[2, 3, 2], axis)))
}

#[test]
fn sums_and_folds_go_along_the_axis() {
    let (x, lanes) = all();
    let sums: [&[f64]; 3] =
        [&[6.0, 8.0, 10.0, 12.0, 14.0, 16.0], &[6.0, 9.0, 24.0, 27.0], &[1.0, 5.0, 9.0, 13.0, 17.0, 21.0]];
    for (lanes, expected) in lanes.into_iter().zip(sums) {
        let (mut sum_, mut fold_, mut each) = (vec![9.0; 6], vec![9.0; 6], vec![9.0; 6]);
        sum(&x, lanes, &mut sum_[..lanes.count()]);
        fold(&x, lanes, 0.0, &mut fold_[..lanes.count()], |a, b| a + b);
        each_lane(&x, lanes, &mut each[..lanes.count()], |lane| lane.iter().sum());
        for sums in [sum_, fold_, each] {
            assert_eq!(&sums[..lanes.count()], expected);
        }
    }
}

#[test]
fn lanes_are_written_or_added_where_they_were_read() {
    let (x, lanes) = all();
    for lanes in lanes {
        let mut to = vec![1.0; 12];
        lanes_into([&x], lanes, false, &mut to, |_, [x], to| to.copy_from_slice(x));
        assert_eq!(to, x);
        lanes_into([&x], lanes, true, &mut to, |_, [x], to| to.copy_from_slice(x));
        assert_eq!(to, x.iter().map(|x| 2.0 * x).collect::<Vec<_>>());
        let numbers: Vec<f64> = (0..lanes.count()).map(|lane| lane as f64).collect();
        let mut spread_ = x.clone();
        spread(&numbers, lanes, true, &mut spread_);
        let mut one_by_one = x.clone();
        lanes_into([&x], lanes, true, &mut one_by_one, |first, _, to| {
            (first..).zip(to.chunks_exact_mut(lanes.n)).for_each(|(lane, to)| to.fill(lane as f64));
        });
        assert_eq!(spread_, one_by_one);
    }
}

#[test]
fn a_long_column_is_summed_in_halves() {
    let x = vec![0.1f32; 2 << 20];
    let mut sums = [0.0; 2];
    sum(&x, Lanes::along(&[1 << 20, 2], 0), &mut sums);
    let exact = f64::from(0.1f32) * f64::from(1 << 20);
    assert!((f64::from(sums[0]) / exact - 1.0).abs() < 1e-5 && sums[0] == sums[1], "{sums:?}");
}

#[test]
fn a_nan_is_the_largest_and_the_smallest() {
    for at in [0, 3, 8, 17] {
        let mut row = vec![1.0; 18];
        row[at] = f64::NAN;
        assert!(fold_row(&row, f64::NEG_INFINITY, larger).is_nan());
        assert!(fold_row(&row, f64::INFINITY, smaller).is_nan());
    }
}
