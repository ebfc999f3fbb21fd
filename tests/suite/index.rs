//! Operations that pick by indices, masks and rank: values against plain loops and results by hand, gradients against
//! differences, and what a mistake is told.

#[allow(dead_code, reason = "several test files share it, and each uses a part")]
mod common;
mod differences;

use common::panic_of;
use differences::{check, check_cases};
use gradtape::{Rng, Tape, Tensor};
use proptest::prelude::*;

/// The text of the panic of `f`, which must be blamed on this file.
fn message<R>(f: impl FnOnce() -> R) -> String {
    let panic = panic_of(f);
    assert_eq!(panic.file, file!(), "where `{}` points", panic.text);
    panic.text
}

fn random(shape: &[usize], seed: u64) -> Tensor<f64> {
    Tensor::randn(shape, &mut Rng::new(seed))
}

fn indices(shape: &[usize], numbers: &[usize]) -> Tensor<usize> {
    Tensor::from_vec(numbers.to_vec(), shape).expect("as many as the shape takes")
}

#[test]
fn every_rule_gives_the_gradients_of_its_values_to_second_order() {
    check_cases(&["Pick", "Put", "Gather", "ScatterAdd", "Where", "MaskedFill", "Sort", "Arrange"]);
}

#[test]
fn methods_of_recorded_tensors_give_the_values_of_plain_ones() {
    let (x, other) = (random(&[3, 4], 1), random(&[4], 2));
    let places = indices(&[3, 2], &[0, 3, 1, 1, 2, 0]);
    let mask = x.iter().map(|x| *x > 0.0).collect::<Vec<_>>();
    let mask = Tensor::from_vec(mask, [3, 4]).expect("one for each");
    let tape = Tape::new();
    let (v, w) = (tape.tensor(&x), tape.tensor(&other));
    let source = random(&[3, 2], 3);
    let pairs = [
        (v.index_select(1, &[3, 0, 3]), x.index_select(1, &[3, 0, 3])),
        (v.gather(1, &places), x.gather(1, &places)),
        (v.scatter_add(-1, &places, tape.tensor(&source)), x.scatter_add(-1, &places, &source)),
        (v.scatter_add(-1, &places, &source), x.scatter_add(-1, &places, &source)),
        (v.scatter_add(-1, &places, 2.0), x.scatter_add(-1, &places, 2.0)),
        (v.where_mask(&mask, w), x.where_mask(&mask, &other)),
        (v.where_mask(&mask, &other), x.where_mask(&mask, &other)),
        (v.where_mask(&mask, 1.0), x.where_mask(&mask, 1.0)),
        (v.masked_fill(&mask, 3.0), x.masked_fill(&mask, 3.0)),
        (v.sort_axis(0).0, x.sort_axis(0).0),
        (v.topk(2, 1).0, x.topk(2, 1).0),
    ];
    for (recorded, plain) in pairs {
        assert_eq!(recorded.value(), plain, "{recorded:?}");
    }
    assert_eq!(v.sort_axis(0).1, x.sort_axis(0).1);
    assert_eq!(v.topk(2, 1).1, x.topk(2, 1).1);
}

#[test]
fn gather_and_scatter_add_are_the_loops_over_their_indices() {
    let x = random(&[2, 3, 4], 1);
    let places = indices(&[2, 5, 3], &(0..30).map(|i| (i * 7 + i / 4) % 3).collect::<Vec<_>>());
    let y = x.gather(1, &places);
    let source = random(&[2, 5, 3], 2);
    let z = x.scatter_add(1, &places, &source);
    let mut expected = x.clone();
    assert_eq!(y.shape(), [2, 5, 3]);
    for i in 0..2 {
        for j in 0..5 {
            for k in 0..3 {
                let place = places.get(&[i, j, k]).expect("inside");
                assert_eq!(y.get(&[i, j, k]), x.get(&[i, place, k]));
                expected.as_mut_slice()[(i * 3 + place) * 4 + k] += source.as_slice()[(i * 5 + j) * 3 + k];
            }
        }
    }
    assert_eq!(z, expected);
    assert_eq!(x.scatter_add(1, &indices(&[2, 0, 3], &[]), 1.0), x);
}

#[test]
fn scattering_leaves_the_tensor_itself_as_it_was() {
    let x = Tensor::from([1.0, 2.0]);
    let y = x.scatter_add(0, &indices(&[1], &[1]), 5.0);
    assert_eq!((x, y), (Tensor::from([1.0, 2.0]), Tensor::from([1.0, 7.0])));
}

#[test]
fn a_row_that_is_picked_twice_gets_both_cotangents() {
    let tape = Tape::<f64>::new();
    let table = tape.tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]);
    let weights = Tensor::<f64>::from([[1.0, 2.0], [10.0, 20.0], [100.0, 200.0]]);
    let y = (table.index_select(0, &[2, 0, 2]) * &weights).sum();
    assert_eq!(y.backward().wrt(table), Tensor::from([[10.0, 20.0], [0.0, 0.0], [101.0, 202.0]]));
    let z = (table.gather(0, &indices(&[3, 1], &[1, 1, 1])) * &weights).sum();
    assert_eq!(z.backward().wrt(table), Tensor::from([[0.0, 0.0], [333.0, 0.0], [0.0, 0.0]]));
}

#[test]
fn masks_and_both_sides_broadcast() {
    let column = Tensor::from([[true], [false]]);
    let row = Tensor::from([1.0, 2.0, 3.0]);
    assert_eq!(row.where_mask(&column, 0.5), Tensor::from([[1.0, 2.0, 3.0], [0.5, 0.5, 0.5]]));
    assert_eq!(row.where_mask(&column, Tensor::from([[7.0], [8.0]])), Tensor::from([[1.0, 2.0, 3.0], [8.0, 8.0, 8.0]]));
    assert_eq!(row.masked_fill(&column, -1.0), Tensor::from([[-1.0, -1.0, -1.0], [1.0, 2.0, 3.0]]));
    assert_eq!(row.masked_fill(&Tensor::from([false, false, true]), 9.0), Tensor::from([1.0, 2.0, 9.0]));
    assert_eq!(Tensor::scalar(4.0).where_mask(&Tensor::from([true, false]), 5.0), Tensor::from([4.0, 5.0]));
    let all = Tensor::full([3], true);
    assert_eq!(row.where_mask(&all, f64::NAN), row);
    assert_eq!(row.masked_fill(&Tensor::full([3], false), f64::NAN), row);
}

#[test]
fn gradients_of_broadcast_sides_are_summed_over_what_they_were_broadcast_along() {
    let tape = Tape::<f64>::new();
    let mask = Tensor::from([[true, true, false], [false, true, false]]);
    let (row, number) = (tape.tensor([1.0, 2.0, 3.0]), tape.tensor(4.0));
    let gradients = (row.where_mask(&mask, number) * 10.0).sum().backward();
    assert_eq!(gradients.wrt(row), Tensor::from([10.0, 20.0, 0.0]));
    assert_eq!(gradients.wrt(number).item(), 30.0);
    let gradients = row.masked_fill(&mask, 0.0).sum().backward();
    assert_eq!(gradients.wrt(row), Tensor::from([1.0, 0.0, 2.0]));
}

#[test]
fn what_is_not_chosen_gives_no_nan() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor([-1.0, 0.0, 4.0]);
    let positive = Tensor::from([false, false, true]);
    // The root of what is not chosen is NaN, and its slope infinite or NaN.
    let y = x.sqrt().where_mask(&positive, x * 3.0).sum();
    assert_eq!(y.item(), -1.0);
    assert_eq!(y.backward().wrt(x), Tensor::from([3.0, 3.0, 0.25]));
    let first = tape.gradient(y, &[x])[0];
    assert_eq!(first.value(), Tensor::from([3.0, 3.0, 0.25]));
    assert_eq!(first.sum().backward().wrt(x).as_slice()[2], -0.25 * 0.125);
    // A cotangent that is not finite stays on its side.
    let z = x.where_mask(&positive, x.square());
    let gradients = z.backward_with([1.0, 2.0, f64::NAN]);
    let gradient = gradients.wrt(x);
    assert_eq!(gradient.as_slice()[..2], [-2.0, 0.0]);
    assert!(gradient.as_slice()[2].is_nan());
}

#[test]
fn sorting_is_stable_and_puts_nan_last() {
    let x = Tensor::from([2.0, f64::NAN, 1.0, 2.0, -0.0, 0.0]);
    let (values, positions) = x.sort_axis(-1);
    assert_eq!(positions, Tensor::from([4, 5, 2, 0, 3, 1usize]));
    assert_eq!(values.as_slice()[..5], [0.0, 0.0, 1.0, 2.0, 2.0]);
    assert!(values.as_slice()[5].is_nan());
    let (values, positions) = x.topk(3, 0);
    assert_eq!((values, positions), (Tensor::from([2.0, 2.0, 1.0]), Tensor::from([0, 3, 2usize])));
    assert_eq!(x.topk(6, 0).1, Tensor::from([0, 3, 2, 4, 5, 1usize]));
    assert_eq!(x.topk(0, 0).0.shape(), [0]);
    let (values, positions) = Tensor::<f64>::from([[3.0, 1.0], [2.0, 5.0], [9.0, 0.0]]).sort_axis(0);
    assert_eq!(values, Tensor::from([[2.0, 0.0], [3.0, 1.0], [9.0, 5.0]]));
    assert_eq!(positions, Tensor::from([[1, 2], [0, 0], [2, 1usize]]));
}

#[test]
fn the_gradient_of_a_sorted_number_goes_to_where_it_came_from() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor([[3.0, 1.0, 2.0], [5.0, 5.0, 4.0]]);
    let weights = Tensor::from([1.0, 10.0, 100.0]);
    let y = (x.sort_axis(1).0 * &weights).sum();
    assert_eq!(y.backward().wrt(x), Tensor::from([[100.0, 1.0, 10.0], [10.0, 100.0, 1.0]]));
    let (largest, _) = x.topk(1, -1);
    assert_eq!(largest.sum().backward().wrt(x), Tensor::from([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]]));
}

#[test]
fn a_replay_sorts_the_new_numbers() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor([3.0, 1.0, 2.0]);
    let (sorted, positions) = x.sort_axis(0);
    let y = (sorted.square() * &Tensor::from([1.0, 10.0, 100.0])).sum();
    assert_eq!(y.backward().wrt(x), Tensor::from([600.0, 2.0, 40.0]));
    let gradient = tape.gradient(y, &[x])[0];
    tape.replay(&[(x, Tensor::from([1.0, 3.0, 2.0]))]);
    assert_eq!(sorted.value(), Tensor::from([1.0, 2.0, 3.0]));
    assert_eq!(positions, Tensor::from([1, 2, 0usize]));
    let expected = Tensor::from([2.0, 600.0, 40.0]);
    assert_eq!(y.backward().wrt(x), expected);
    assert_eq!(gradient.value(), expected);
}

#[test]
fn sorted_gradients_are_right_to_second_order() {
    let x = random(&[3, 4], 5);
    check("sort", std::slice::from_ref(&x), |x| x[0].sort_axis(1).0.square() * &Tensor::linspace(1.0, 4.0, 4));
    check("topk", std::slice::from_ref(&x), |x| x[0].topk(2, 0).0.exp());
    let places = indices(&[3, 2], &[1, 1, 0, 3, 2, 2]);
    check("gather of a product", &[x.clone(), random(&[4], 6)], |x| (x[0] * x[1]).gather(1, &places));
    check("scatter of a broadcast source", &[x.clone(), random(&[2], 6)], |x| {
        x[0].square().scatter_add(1, &places, x[1].exp())
    });
    let mask = Tensor::from([true, false, false, true]);
    check("a choice of broadcast sides", &[x, random(&[3, 1], 7)], |x| x[1].exp().where_mask(&mask, x[0].square()));
}

#[test]
fn constants_need_no_gradient() {
    let tape = Tape::<f64>::new();
    let (x, c) = (tape.tensor([1.0, 2.0]), tape.constant([3.0, 4.0]));
    let mask = Tensor::from([true, false]);
    let places = indices(&[2], &[0, 0]);
    assert_eq!(c.where_mask(&mask, x).sum().backward().wrt(x), Tensor::from([0.0, 1.0]));
    assert_eq!(x.where_mask(&mask, c).sum().backward().wrt(x), Tensor::from([1.0, 0.0]));
    assert_eq!(c.scatter_add(0, &places, x).square().sum().backward().wrt(x), Tensor::from([12.0, 12.0]));
    assert_eq!(x.scatter_add(0, &places, c).sum().backward().wrt(x), Tensor::from([1.0, 1.0]));
}

#[test]
fn mistakes_name_the_operation_the_shapes_and_the_reason() {
    let x = random(&[3, 4], 1);
    let tape = Tape::new();
    let v = tape.tensor(&x);
    macro_rules! fails {
        ($($call:ident($($argument:expr),*): $message:expr;)*) => { $(
            assert_eq!(message(|| x.$call($($argument),*)), $message);
            assert_eq!(message(|| v.$call($($argument),*)), $message);
        )* };
    }
    let outside = indices(&[3, 1], &[0, 4, 1]);
    let long = indices(&[4, 1], &[0, 0, 0, 0]);
    let fitting = indices(&[3, 1], &[0, 0, 0]);
    let mask = Tensor::from([true, false, true]);
    fails! {
        index_select(1, &[0, 4]): "index_select: [3, 4]: the index 4 does not lie in axis 1, which has size 4";
        index_select(-3, &[0]): "index_select: [3, 4]: there is no axis -3; it takes -2 to 1";
        gather(1, &outside): "gather: [3, 4]: the index 4 does not lie in axis 1, which has size 4";
        gather(-2, &outside): "gather: [3, 4]: the index 4 does not lie in axis 0, which has size 3";
        gather(2, &outside): "gather: [3, 4]: there is no axis 2; it takes -2 to 1";
        gather(1, &long): "gather: [3, 4] and [4, 1]: the indices need as many axes, none longer than the tensor's but \
                           axis 1";
        gather(1, &indices(&[1], &[0])): "gather: [3, 4] and [1]: the indices need as many axes, none longer than the \
                           tensor's but axis 1";
        scatter_add(1, &outside, 1.0): "scatter_add: [3, 4]: the index 4 does not lie in axis 1, which has size 4";
        scatter_add(1, &fitting, &x): "scatter_add: [3, 4] and [3, 1]: the source does not broadcast to the shape of \
                           the indices";
        where_mask(&mask, 1.0): "where_mask: [3, 4] and [3]: the sizes 4 and 3 of axis -1 differ, and neither is 1 \
                           (the second is the mask)";
        where_mask(&mask, &Tensor::ones([5])): "where_mask: [3, 4] and [5]: the sizes 4 and 5 of axis -1 differ, and \
                           neither is 1";
        masked_fill(&mask, 1.0): "masked_fill: [3, 4] and [3]: the sizes 4 and 3 of axis -1 differ, and neither is 1 \
                           (the second is the mask)";
        sort_axis(2): "sort_axis: [3, 4]: there is no axis 2; it takes -2 to 1";
        topk(5, 1): "topk: [3, 4]: there are no 5 numbers along axis 1, which has size 4";
        topk(1, -3): "topk: [3, 4]: there is no axis -3; it takes -2 to 1";
    }
}

proptest! {
    #[test]
    fn sorting_sorts_and_its_positions_gather_the_values(
        (shape, numbers) in prop::collection::vec(0usize..5, 1..4).prop_flat_map(|shape| {
            let n: usize = shape.iter().product();
            // Few different numbers, so that there are ties.
            (Just(shape), prop::collection::vec((0i32..6).prop_map(f64::from), n))
        }),
        axis in any::<prop::sample::Index>(),
        k in any::<prop::sample::Index>(),
    ) {
        let axis = axis.index(shape.len());
        let x = Tensor::from_vec(numbers, &shape).expect("as many as the shape takes");
        let (values, positions) = x.sort_axis(axis as isize);
        prop_assert_eq!(&x.gather(axis as isize, &positions), &values);
        let size = shape[axis];
        for rank in 1..size {
            let part = |x: &Tensor<f64>, rank: usize| x.slice(axis as isize, rank, rank + 1, 1);
            let (before, after) = (part(&values, rank - 1), part(&values, rank));
            prop_assert!(before.iter().zip(after.iter()).all(|(a, b)| a <= b));
        }
        let k = k.index(size + 1);
        let (largest, places) = x.topk(k, axis as isize);
        prop_assert_eq!(&x.gather(axis as isize, &places), &largest);
        prop_assert_eq!(largest, values.slice(axis as isize, size - k, size, 1).flip(axis as isize));
    }

    #[test]
    fn a_scatter_is_the_transpose_of_its_gather(
        (size, places) in (1usize..5).prop_flat_map(|size| (Just(size), prop::collection::vec(0..size, 0..8))),
        seed in any::<u64>(),
    ) {
        let (x, y) = (random(&[size], seed), random(&[places.len()], seed ^ 1));
        let places = Tensor::from(places);
        let there = x.gather(0, &places).dot(&y).item();
        let back = x.dot(Tensor::zeros([size]).scatter_add(0, &places, &y)).item();
        prop_assert!((there - back).abs() < 1e-12);
    }
}
