//! The sweep of long chains of plain operations: it adds slopes times cotangents straight to gradients, and takes one
//! number for a cotangent that is the same everywhere. The bits are those of few numbers, which go the plain way.

use super::*;
use gradtape::{Element, Scalar, Tape, TensorVar, ops::Row};

/// Many, and no multiple of a vector or of a piece.
const COUNT: usize = 3003;

/// Few.
const PART: usize = 500;

type Loss<T> = for<'t> fn(Row, &[TensorVar<'t, T>], TensorVar<'t, T>) -> TensorVar<'t, T>;

/// An operation `f` of `x`, the first of which is used once more after it, so that its gradient has begun before; and
/// weights `w`.
fn losses<T: Scalar>() -> [(&'static str, Loss<T>); 6] {
    [
        ("a sum", |f, x, _| f.apply(x).sum()),
        ("a multiple of a sum", |f, x, _| f.apply(x).sum() * 0.7),
        ("a cotangent for each", |f, x, w| (f.apply(x) * w).sum()),
        ("a sum of two", |f, x, _| {
            let y = f.apply(x);
            (y + x[0].square()).sum()
        }),
        ("a multiple of a sum of two", |f, x, _| {
            let y = f.apply(x);
            (y + x[0].square()).sum() * -0.3
        }),
        ("a cotangent for each, and two of them", |f, x, w| {
            let y = f.apply(x);
            (y * w + x[0].square() * w).sum()
        }),
    ]
}

fn gradients<T: Scalar>(f: Row, loss: Loss<T>, inputs: &[Tensor<T>], all: bool) -> Vec<Tensor<T>> {
    let tape = Tape::new();
    let (weights, inputs) = inputs.split_last().expect("weights come last");
    let x: Vec<_> = inputs.iter().map(|input| tape.tensor(input)).collect();
    let y = loss(f, &x, tape.constant(weights));
    let gradients = if all { y.backward() } else { y.backward_to_leaves() };
    x.iter().map(|x| gradients.wrt(*x)).collect()
}

fn many_have_the_bits_of_few<T: Scalar + Element>() {
    for (row, arity, (low, high)) in Row::ALL.iter().copied() {
        let mut inputs = drawn(&vec![&[COUNT][..]; arity], low, high);
        inputs.extend(drawn(&[&[COUNT]], -2.0, 2.0));
        let inputs: Vec<Tensor<T>> =
            inputs.iter().map(|x| Tensor::from(x.iter().map(|x| T::lit(*x)).collect::<Vec<T>>())).collect();
        for (what, loss) in losses::<T>() {
            let many = gradients(row, loss, &inputs, false);
            assert_eq!(bits(&many), bits(&gradients(row, loss, &inputs, true)), "{row:?}, {what}");
            for start in (0..COUNT).step_by(PART) {
                let part = start..COUNT.min(start + PART);
                let cut = |x: &Tensor<T>| Tensor::from(x.as_slice()[part.clone()].to_vec());
                let few = gradients(row, loss, &inputs.iter().map(cut).collect::<Vec<_>>(), false);
                let many: Vec<_> = many.iter().map(cut).collect();
                assert_eq!(bits(&many), bits(&few), "{row:?}, {what}, from {start}");
            }
        }
    }
}

fn bits<T: Element>(tensors: &[Tensor<T>]) -> Vec<Vec<u64>> {
    tensors.iter().map(|tensor| tensor.iter().map(|x| x.real().to_bits()).collect()).collect()
}

#[test]
fn gradients_of_many_numbers_have_the_bits_of_few() {
    many_have_the_bits_of_few::<f32>();
    many_have_the_bits_of_few::<f64>();
}

#[test]
fn a_gradient_that_is_another_value_is_no_part_of_it() {
    let inputs = drawn(&[&[COUNT], &[COUNT]], -2.0, 2.0);
    let tape = Tape::new();
    let [x, a] = [&inputs[0], &inputs[1]].map(|input| tape.tensor(input));
    // The gradient of each is the value of the other, and that of the second has more added to it.
    let y = x * a;
    let more = (a * 2.0).sum();
    let gradients = (y.sum() + more).backward();
    assert_eq!((gradients.wrt(x), gradients.wrt(a)), (inputs[1].clone(), &inputs[0] + 2.0));
    let mut gradient = gradients.wrt(x);
    gradient.as_mut_slice()[0] = 100.0;
    assert_eq!((x.value(), a.value()), (inputs[0].clone(), inputs[1].clone()));
}

#[test]
fn what_is_broadcast_gets_its_sum() {
    let inputs = drawn(&[&[60, 50], &[50], &[60, 1]], -2.0, 2.0);
    let tape = Tape::new();
    let [x, row, column] = [&inputs[0], &inputs[1], &inputs[2]].map(|input| tape.tensor(input));
    let gradients = ((x * row + column).sum() * 0.5).backward();
    assert_eq!(gradients.wrt(column), Tensor::full([60, 1], 25.0));
    assert_eq!(gradients.wrt(x), Tensor::zeros([60, 50]) + &inputs[1] * 0.5);
    for (found, j) in gradients.wrt(row).iter().zip(0..50) {
        let expected: f64 = (0..60).map(|i| inputs[0].at(&[i, j])).sum::<f64>() * 0.5;
        assert!(close(*found, expected));
    }
}
