//! Operations that move numbers: values against plain loops and results by hand, gradients against differences, and
//! what a mistake is told.

#[allow(dead_code, reason = "several test files share it, and each uses a part")]
mod common;
mod differences;

use common::panic_of;
use differences::{check, check_cases};
use gradtape::{Tape, Tensor, TensorVar};
use proptest::prelude::*;

/// The text of the panic of `f`, which must be blamed on this file.
fn message<R>(f: impl FnOnce() -> R) -> String {
    let panic = panic_of(f);
    assert_eq!(panic.file, file!(), "where `{}` points", panic.text);
    panic.text
}

/// The numbers 0, 1, 2, ... in the given shape.
fn counting(shape: &[usize]) -> Tensor<f64> {
    let n: usize = shape.iter().product();
    Tensor::from_vec((0..n).map(|i| i as f64).collect(), shape).expect("as many as the shape takes")
}

#[test]
fn every_rule_gives_the_gradients_of_its_values_to_second_order() {
    check_cases(&[
        "Reshape",
        "Permute",
        "BroadcastTo",
        "Repeat",
        "Pick",
        "Put",
        "Pad",
        "Crop",
        "Triangular",
        "Diagonal",
        "PutDiagonal",
        "Join",
    ]);
}

#[test]
fn methods_of_recorded_tensors_give_the_values_of_plain_ones() {
    let x = counting(&[2, 3, 4]);
    let tape = Tape::<f64>::new();
    let v = tape.tensor(&x);
    let pairs = [
        (v.reshape([4, 6]), x.reshape([4, 6])),
        (v.flatten(), x.flatten()),
        (v.transpose(0, -1), x.transpose(0, -1)),
        (v.t(), x.t()),
        (v.permute([1, 2, 0]), x.permute([1, 2, 0])),
        (v.broadcast_to([2, 2, 3, 4]), x.broadcast_to([2, 2, 3, 4])),
        (v.unsqueeze(1), x.unsqueeze(1)),
        (v.unsqueeze(1).squeeze(1), x.clone()),
        (v.slice(1, 1, 3, 1), x.slice(1, 1, 3, 1)),
        (v.flip(2), x.flip(2)),
        (v.pad(&[(1, 0), (0, 2), (0, 0)], 7.0), x.pad(&[(1, 0), (0, 2), (0, 0)], 7.0)),
        (v.repeat(&[1, 2, 3]), x.repeat(&[1, 2, 3])),
        (v.tril(-1), x.tril(-1)),
        (v.triu(1), x.triu(1)),
        (v.diagonal(), x.diagonal()),
        (v.split(2, &[1, 3])[1], x.split(2, &[1, 3])[1].clone()),
        (TensorVar::concat(&[v, v], 1), Tensor::concat(&[&x, &x], 1)),
        (TensorVar::stack(&[v, v], -1), Tensor::stack(&[&x, &x], -1)),
    ];
    for (recorded, plain) in pairs {
        assert_eq!(recorded.shape(), plain.shape());
        assert_eq!(recorded.value(), plain, "{recorded:?}");
    }
}

#[test]
fn a_permutation_moves_every_number_to_its_permuted_index() {
    let x = counting(&[2, 3, 4]);
    let y = x.permute([2, 0, 1]);
    assert_eq!(y.shape(), [4, 2, 3]);
    for i in 0..2 {
        for j in 0..3 {
            for k in 0..4 {
                assert_eq!(y.get(&[k, i, j]), x.get(&[i, j, k]));
            }
        }
    }
    assert_eq!(x.permute([-1, 0, 1]), y);
    assert_eq!(x.t(), x.permute([0, 2, 1]));
    assert_eq!(x.transpose(0, 1).transpose(1, 0), x);
    let row = Tensor::from([1.0, 2.0]);
    assert_eq!(row.t(), row);
    assert_eq!(Tensor::scalar(1.0).t(), Tensor::scalar(1.0));
}

#[test]
fn shapes_of_one_buffer() {
    let x = counting(&[2, 3]);
    assert_eq!(x.flatten(), counting(&[6]));
    assert_eq!(Tensor::scalar(5.0).flatten(), Tensor::from([5.0]));
    assert_eq!(x.unsqueeze(0).shape(), [1, 2, 3]);
    assert_eq!(x.unsqueeze(2).shape(), [2, 3, 1]);
    assert_eq!(x.unsqueeze(-1).shape(), [2, 3, 1]);
    assert_eq!(x.unsqueeze(-3).shape(), [1, 2, 3]);
    assert_eq!(Tensor::scalar(5.0).unsqueeze(0), Tensor::from([5.0]));
    assert_eq!(counting(&[2, 1, 3]).squeeze(-2), x);
}

#[test]
fn slices_splits_and_reversals() {
    let x = counting(&[3, 4]);
    assert_eq!(x.slice(0, 1, 2, 1), Tensor::from([[4.0, 5.0, 6.0, 7.0]]));
    assert_eq!(x.slice(1, 0, 4, 3), Tensor::from([[0.0, 3.0], [4.0, 7.0], [8.0, 11.0]]));
    assert_eq!(x.slice(-1, 3, 3, 1).shape(), [3, 0]);
    assert_eq!(x.slice(0, 0, 3, 100).shape(), [1, 4]);
    assert_eq!(x.slice(0, 1, 3, usize::MAX), x.slice(0, 1, 2, 1));
    assert_eq!(x.flip(0).slice(0, 0, 1, 1), x.slice(0, 2, 3, 1));
    assert_eq!(counting(&[2, 2]).flip(1), Tensor::from([[1.0, 0.0], [3.0, 2.0]]));
    let parts = x.split(-1, &[1, 0, 3]);
    assert_eq!(parts.iter().map(Tensor::shape).collect::<Vec<_>>(), [[3, 1], [3, 0], [3, 3]]);
    assert_eq!(parts[2], x.slice(1, 1, 4, 1));
    assert!(counting(&[0]).split(0, &[]).is_empty());
}

#[test]
fn tensors_put_together() {
    let (a, b) = (counting(&[2, 1]), counting(&[2, 2]) + 10.0);
    assert_eq!(Tensor::concat(&[&a, &b], 1), Tensor::from([[0.0, 10.0, 11.0], [1.0, 12.0, 13.0]]));
    assert_eq!(Tensor::concat(&[&a], 0), a);
    assert_eq!(Tensor::concat(&[&a, &a], -2).shape(), [4, 1]);
    let empty = counting(&[0, 2]);
    assert_eq!(Tensor::concat(&[&empty, &b, &empty], 0), b);
    let (one, two) = (Tensor::scalar(1.0), Tensor::scalar(2.0));
    assert_eq!(Tensor::stack(&[&one, &two], 0), Tensor::from([1.0, 2.0]));
    let stacked = Tensor::stack(&[&b, &b, &b], 1);
    assert_eq!(stacked.shape(), [2, 3, 2]);
    for i in 0..3 {
        assert_eq!(stacked.slice(1, i, i + 1, 1).squeeze(1), b);
    }
}

#[test]
fn borders_tiles_and_broadcasts() {
    let x = counting(&[1, 2]) + 1.0;
    assert_eq!(x.pad(&[(0, 1), (1, 0)], -1.0), Tensor::<f64>::from([[-1.0, 1.0, 2.0], [-1.0, -1.0, -1.0]]));
    assert_eq!(x.pad(&[(0, 0), (0, 0)], 3.0), x);
    assert_eq!(counting(&[0, 2]).pad(&[(1, 0), (0, 0)], 3.0), Tensor::from([[3.0, 3.0]]));
    assert_eq!(counting(&[0, 2]).pad(&[(0, 0), (1, 1)], 3.0).shape(), [0, 4]);
    assert_eq!(Tensor::<f32>::ones([1]).pad(&[(1, 0)], 0.1), Tensor::from([0.1f32, 1.0]));
    let tiles = counting(&[2, 2]).repeat(&[2, 3]);
    assert_eq!(tiles.shape(), [4, 6]);
    for i in 0..4 {
        for j in 0..6 {
            assert_eq!(tiles.get(&[i, j]), Some(((i % 2) * 2 + j % 2) as f64));
        }
    }
    assert_eq!(x.repeat(&[0, 1]).shape(), [0, 2]);
    assert_eq!(Tensor::<f64>::from([[1.0], [2.0]]).broadcast_to([2, 2]), Tensor::from([[1.0, 1.0], [2.0, 2.0]]));
    assert_eq!(Tensor::scalar(2.0).broadcast_to([3]), Tensor::from([2.0, 2.0, 2.0]));
}

#[test]
fn triangles_keep_one_side_of_their_diagonal_for_every_k() {
    for (rows, columns) in [(3, 3), (2, 4), (4, 2), (1, 1)] {
        let x = counting(&[2, rows, columns]) + 1.0;
        for k in -5..=5 {
            let (lower, upper) = (x.tril(k), x.triu(k));
            for (matrix, i, j) in (0..2)
                .flat_map(|m| (0..rows).map(move |i| (m, i)))
                .flat_map(|(m, i)| (0..columns).map(move |j| (m, i, j)))
            {
                let (at, offset) = ([matrix, i, j], j as isize - i as isize);
                let kept = |keep: bool| if keep { x.get(&at) } else { Some(0.0) };
                assert_eq!(lower.get(&at), kept(offset <= k), "tril({k}) at {at:?}");
                assert_eq!(upper.get(&at), kept(offset >= k), "triu({k}) at {at:?}");
            }
        }
        assert_eq!(x.tril(isize::MAX), x);
        assert_eq!(x.triu(isize::MIN), x);
        let diagonal = x.diagonal();
        assert_eq!(diagonal.shape(), [2, rows.min(columns)]);
        for (matrix, i) in (0..2).flat_map(|m| (0..rows.min(columns)).map(move |i| (m, i))) {
            assert_eq!(diagonal.get(&[matrix, i]), x.get(&[matrix, i, i]));
        }
    }
    let hidden = Tensor::<f64>::from([[1.0, f64::NAN], [2.0, 3.0]]);
    assert_eq!(hidden.tril(0), Tensor::from([[1.0, 0.0], [2.0, 3.0]]));
}

#[test]
fn overlapping_slices_add_their_cotangents_in_the_slot() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor([1.0, 2.0, 3.0, 4.0]);
    let y = x.slice(0, 0, 3, 1).sum() + (x.slice(0, 1, 4, 2) * 10.0).sum() + x.sum();
    assert_eq!(y.backward().wrt(x), Tensor::from([2.0, 12.0, 2.0, 11.0]));
}

#[test]
fn a_tensor_joined_with_itself_gets_both_gradients() {
    let tape = Tape::<f64>::new();
    let x = tape.tensor([[1.0, 2.0]]);
    let weights = Tensor::<f64>::from([[1.0, 2.0], [10.0, 20.0]]);
    let y = (TensorVar::concat(&[x, x], 0) * &weights).sum();
    assert_eq!(y.backward().wrt(x), Tensor::from([[11.0, 22.0]]));
    let constant = tape.constant([[5.0, 6.0]]);
    let z = (TensorVar::stack(&[constant, x], 0).reshape([2, 2]) * &weights).sum();
    assert_eq!(z.backward().wrt(x), Tensor::from([[10.0, 20.0]]));
}

#[test]
fn gradients_go_through_chains_of_layout() {
    check("a chain", &[counting(&[2, 3]) / 3.0, counting(&[3]) - 0.5], |x| {
        let parts = x[0].split(1, &[1, 2]);
        let joined = TensorVar::concat(&[parts[1].t().flatten(), x[1]], 0);
        joined.pad(&[(1, 2)], 0.5).flip(0).slice(0, 1, 9, 2).unsqueeze(0).repeat(&[2, 1]) * x[0].slice(1, 0, 1, 1)
    });
}

#[test]
fn a_tape_without_gradients_and_other_number_types_take_them_too() {
    let tape = Tape::<f32>::inference();
    let x = tape.tensor([[1.0f32, 2.0], [3.0, 4.0]]);
    assert_eq!(x.tril(0).t().diagonal().value(), Tensor::from([1.0f32, 4.0]));
    let dual = gradtape::Dual::new(1.0, 2.0);
    let y = Tensor::from([dual]).pad(&[(1, 0)], 3.0);
    assert_eq!((y.as_slice()[0].tangent, y.as_slice()[1].tangent), (0.0, 2.0));
}

#[test]
fn mistakes_name_the_operation_the_shapes_and_the_reason() {
    let x = counting(&[3, 4]);
    let tape = Tape::<f64>::new();
    let v = tape.tensor(&x);
    let same = |plain: String, recorded: String, expected: &str| {
        assert_eq!(plain, expected);
        assert_eq!(recorded, expected);
    };
    macro_rules! fails {
        ($($call:ident($($argument:expr),*): $message:expr;)*) => {
            $(same(message(|| x.$call($($argument),*)), message(|| v.$call($($argument),*)), $message);)*
        };
    }
    fails! {
        reshape([5, 2]): "reshape: [3, 4] and [5, 2]: 12 numbers do not fill 10";
        transpose(0, 2): "transpose: [3, 4]: there is no axis 2; it takes -2 to 1";
        permute([0, 0]): "permute: [3, 4]: [0, 0] does not name each axis once";
        permute([0]): "permute: [3, 4]: [0] does not name each axis once";
        permute([0, 5]): "permute: [3, 4]: there is no axis 5; it takes -2 to 1";
        broadcast_to([3, 3]): "broadcast_to: [3, 4] and [3, 3]: the shape does not broadcast to the larger one";
        broadcast_to([4]): "broadcast_to: [3, 4] and [4]: the shape does not broadcast to the larger one";
        squeeze(0): "squeeze: [3, 4]: axis 0 has size 3, not 1";
        squeeze(2): "squeeze: [3, 4]: there is no axis 2; it takes -2 to 1";
        unsqueeze(3): "unsqueeze: [3, 4]: a new axis cannot be axis 3 of the result; it takes -3 to 2";
        slice(1, 2, 5, 1): "slice: [3, 4]: 2..5 does not lie in axis 1, which has size 4";
        slice(1, 2, 1, 1): "slice: [3, 4]: 2..1 ends before it starts";
        slice(1, 0, 1, 0): "slice: [3, 4]: the step must be at least 1";
        slice(-3, 0, 1, 1): "slice: [3, 4]: there is no axis -3; it takes -2 to 1";
        split(1, &[2, 3]): "split: [3, 4]: the sizes [2, 3] do not add up to 4, the size of axis 1";
        split(7, &[2, 3]): "split: [3, 4]: there is no axis 7; it takes -2 to 1";
        flip(2): "flip: [3, 4]: there is no axis 2; it takes -2 to 1";
        pad(&[(1, 1)], 0.0): "pad: [3, 4]: [(1, 1)] is not one pair for each of the 2 axes";
        repeat(&[2]): "repeat: [3, 4]: [2] is not one count for each of the 2 axes";
        repeat(&[usize::MAX, 1]):
            "repeat: [3, 4] and [18446744073709551615, 4]: more numbers than memory can hold";
    }
    let row = Tensor::from([1.0]);
    let large = "[1] and [18446744073709551615]: more numbers than memory can hold";
    assert_eq!(message(|| row.repeat(&[usize::MAX])), format!("repeat: {large}"));
    assert_eq!(message(|| row.broadcast_to([usize::MAX])), format!("broadcast_to: {large}"));
    assert_eq!(message(|| row.pad(&[(usize::MAX, 1)], 0.0)), format!("pad: {large}"));
    let rows = "takes matrices, a tensor of at least two axes";
    assert_eq!(message(|| row.tril(0)), format!("tril: [1]: {rows}"));
    assert_eq!(message(|| row.triu(0)), format!("triu: [1]: {rows}"));
    assert_eq!(message(|| row.diagonal()), format!("diagonal: [1]: {rows}"));
    let y = tape.tensor([[1.0]]);
    let differ = "the sizes of the other axes differ (the axis is 0)";
    assert_eq!(message(|| Tensor::<f64>::concat(&[], 0)), "concat: takes at least one tensor");
    assert_eq!(message(|| TensorVar::<f64>::concat(&[], 0)), "concat: takes at least one tensor");
    assert_eq!(message(|| TensorVar::<f64>::stack(&[], 0)), "stack: takes at least one tensor");
    assert_eq!(message(|| TensorVar::concat(&[v, y], 0)), format!("concat: [3, 4] and [1, 1]: {differ}"));
    assert_eq!(message(|| Tensor::concat(&[&x, &row], 0)), format!("concat: [3, 4] and [1]: {differ}"));
    assert_eq!(
        message(|| TensorVar::stack(&[v, y], -1)),
        "stack: [3, 4] and [1, 1]: the shapes differ (the axis is 2)"
    );
    assert_eq!(message(|| Tensor::concat(&[&x], 2)), "concat: [3, 4]: there is no axis 2; it takes -2 to 1");
    assert_eq!(
        message(|| Tensor::stack(&[&x], 3)),
        "stack: [3, 4]: a new axis cannot be axis 3 of the result; it takes -3 to 2"
    );
    let other = Tape::<f64>::new();
    let foreign = other.tensor([[1.0]]);
    let text = message(|| TensorVar::concat(&[v, foreign], 0));
    assert!(text.starts_with("concat: %0 = tensor [3, 4]") && text.ends_with("are on different tapes"), "{text}");
}

/// Shapes of one to four axes, some of them empty.
fn shapes() -> impl Strategy<Value = Vec<usize>> {
    prop::collection::vec(0usize..4, 1..5)
}

/// A shape and one of its axes, in either way of counting.
fn shape_and_axis() -> impl Strategy<Value = (Vec<usize>, usize, isize)> {
    (shapes(), any::<prop::sample::Index>(), any::<bool>()).prop_map(|(shape, index, negative)| {
        let axis = index.index(shape.len());
        let signed = axis as isize - if negative { shape.len() as isize } else { 0 };
        (shape, axis, signed)
    })
}

proptest! {
    #[test]
    fn a_permutation_and_its_inverse_cancel(
        order in shapes().prop_flat_map(|shape| {
            let axes: Vec<isize> = (0..shape.len() as isize).collect();
            (Just(shape), Just(axes).prop_shuffle())
        })
    ) {
        let (shape, order) = order;
        let x = counting(&shape);
        let mut inverse = vec![0isize; order.len()];
        for (i, axis) in order.iter().enumerate() {
            inverse[*axis as usize] = i as isize;
        }
        prop_assert_eq!(x.permute(&order).permute(&inverse), x);
    }

    #[test]
    fn what_is_split_is_joined_again((shape, axis, signed) in shape_and_axis(), cut in any::<prop::sample::Index>()) {
        let x = counting(&shape);
        let first = cut.index(shape[axis] + 1);
        let parts = x.split(signed, &[first, shape[axis] - first]);
        prop_assert_eq!(Tensor::concat(&[&parts[0], &parts[1]], signed), x);
    }

    #[test]
    fn what_is_padded_is_sliced_out_again(
        (shape, axis, signed) in shape_and_axis(),
        before in 0usize..3,
        after in 0usize..3,
    ) {
        let x = counting(&shape);
        let mut border = vec![(0, 0); shape.len()];
        border[axis] = (before, after);
        let padded = x.pad(&border, -1.0);
        prop_assert_eq!(padded.len() - x.len(), padded.iter().filter(|number| **number == -1.0).count());
        prop_assert_eq!(padded.slice(signed, before, before + shape[axis], 1), x);
    }

    #[test]
    fn a_slice_is_the_loop_over_its_positions(
        (shape, axis, signed) in shape_and_axis(),
        (start, end) in (any::<prop::sample::Index>(), any::<prop::sample::Index>()),
        step in 1usize..4,
    ) {
        let x = counting(&shape);
        let (start, end) = (start.index(shape[axis] + 1), end.index(shape[axis] + 1));
        let (start, end) = (start.min(end), start.max(end));
        let positions: Vec<usize> = (start..end).step_by(step).collect();
        let slice = x.slice(signed, start, end, step);
        prop_assert_eq!(slice.shape()[axis], positions.len());
        prop_assert_eq!(&slice, &x.index_select(signed, &positions));
        let backwards: Vec<usize> = (0..shape[axis]).rev().collect();
        prop_assert_eq!(x.flip(signed), x.index_select(signed, &backwards));
    }

    #[test]
    fn stacked_tensors_are_slices_of_the_new_axis((shape, axis, _) in shape_and_axis()) {
        let (a, b, axis) = (counting(&shape), counting(&shape) + 100.0, axis as isize);
        let stacked = Tensor::stack(&[&a, &b], axis);
        prop_assert_eq!(&stacked.slice(axis, 1, 2, 1).squeeze(axis), &b);
        prop_assert_eq!(stacked, Tensor::concat(&[&a.unsqueeze(axis), &b.unsqueeze(axis)], axis));
    }
}
