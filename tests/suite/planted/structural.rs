//! Mistakes in rules of whole tensors: transposes, sums over the wrong axis, a fast path that differs from the
//! recorded.

use super::{
    refused,
    right::{matrix, passes},
};
use gradtape::{
    Cotangents, Scalar, Shape, Tensor,
    ops::{self, Algebra, Op},
};

fn square() -> Tensor<f64> {
    Tensor::from([[0.7, -1.3], [1.9, 0.2]])
}

/// A matrix product with a mistake of choice.
#[derive(Clone, Copy)]
enum Product {
    Right,
    FirstTransposed,
    SecondTransposed,
    FactorsExchanged,
    FastPathWrong,
    FastPathScaled,
    RecordedWrong,
}

impl<T: Scalar> Op<T, 2> for Product {
    fn name(&self) -> &'static str {
        "product"
    }

    fn shape(&self, [a, b]: [&[usize]; 2]) -> Result<Shape, String> {
        Ok([a[0], b[1]].into())
    }

    fn value(&self, [a, b]: [&Tensor<T>; 2]) -> Tensor<T> {
        a.matmul(b)
    }

    fn pullback<A: Algebra<T>>(&self, [a, b]: [A; 2], _y: A, g: A, _needs: [bool; 2]) -> [Option<A>; 2] {
        let da = g.clone().product(false, b.clone(), true);
        let db = a.clone().product(true, g.clone(), false);
        match self {
            Product::FirstTransposed => [Some(da.permute(&[1, 0])), Some(db)],
            Product::SecondTransposed => [Some(da), Some(db.permute(&[1, 0]))],
            Product::FactorsExchanged => [Some(b.product(true, g, false)), Some(db)],
            Product::RecordedWrong => [Some(da.scale(1.0 + 1e-7)), Some(db)],
            _ => [Some(da), Some(db)],
        }
    }

    fn accumulate(&self, [a, b]: [&Tensor<T>; 2], y: &Tensor<T>, g: Tensor<T>, into: &mut Cotangents<'_, T>) {
        match self {
            Product::FastPathWrong | Product::FastPathScaled | Product::RecordedWrong => {
                let mut da = Algebra::product(g.clone(), false, b.clone(), true);
                let db = Algebra::product(a.clone(), true, g, false);
                if let Product::FastPathWrong = self {
                    da = -da;
                }
                if let Product::FastPathScaled = self {
                    da *= 1.0 + 1e-8;
                }
                into.give(0, da);
                into.give(1, db);
            }
            _ => {
                let [da, db] = Op::<T, 2>::pullback(self, [a.clone(), b.clone()], y.clone(), g, [true; 2]);
                into.give(0, da.expect("both are given"));
                into.give(1, db.expect("both are given"));
            }
        }
    }
}

#[test]
fn products() {
    let inputs = [square(), Tensor::from([[0.3, 0.8], [-1.1, 0.5]])];
    passes(|x| ops::apply(Product::Right, [x[0], x[1]]), &inputs);
    let transposed = ["the gradient of input 0 is that of its transpose"];
    refused(1, |x| ops::apply(Product::FirstTransposed, [x[0], x[1]]), &inputs, &transposed);
    let transposed = ["the gradient of input 1 is that of its transpose"];
    refused(1, |x| ops::apply(Product::SecondTransposed, [x[0], x[1]]), &inputs, &transposed);
    let wrong = ["the gradient is wrong", "elements of input 0"];
    refused(1, |x| ops::apply(Product::FactorsExchanged, [x[0], x[1]]), &inputs, &wrong);
    let words = ["the sign is wrong", "the recorded gradient (Op::pullback) is right"];
    refused(1, |x| ops::apply(Product::FastPathWrong, [x[0], x[1]]), &inputs, &words);
    // Too little for differences, but the two paths differ.
    let words = ["backward and the recorded gradient differ at input 0 [0, 0]", "(Op::accumulate)"];
    refused(1, |x| ops::apply(Product::FastPathScaled, [x[0], x[1]]), &inputs, &words);
    refused(1, |x| ops::apply(Product::RecordedWrong, [x[0], x[1]]), &inputs, &words);
}

/// A row added to every row of a matrix, with mistakes in the cotangent of the row.
#[derive(Clone, Copy)]
enum AddRow {
    Right,
    OverTheWrongAxis,
    MeanInsteadOfSum,
}

impl<T: Scalar> Op<T, 2> for AddRow {
    fn name(&self) -> &'static str {
        "add_row"
    }

    fn shape(&self, [a, _]: [&[usize]; 2]) -> Result<Shape, String> {
        Ok(a.into())
    }

    fn value(&self, [a, b]: [&Tensor<T>; 2]) -> Tensor<T> {
        a + b
    }

    fn pullback<A: Algebra<T>>(&self, [a, b]: [A; 2], _y: A, g: A, _needs: [bool; 2]) -> [Option<A>; 2] {
        let shape = a.shape();
        let db = match self {
            AddRow::Right => g.clone().sum_to(&b.shape()),
            AddRow::OverTheWrongAxis => g.clone().sum_to(&[shape[0], 1]).reshape(&[shape[0]]),
            AddRow::MeanInsteadOfSum => g.clone().sum_to(&b.shape()).scale(1.0 / shape[0] as f64),
        };
        [Some(g), Some(db)]
    }
}

#[test]
fn broadcasts() {
    let inputs = [square(), Tensor::from([0.3, -0.8])];
    passes(|x| ops::apply(AddRow::Right, [x[0], x[1]]), &inputs);
    refused(1, |x| ops::apply(AddRow::OverTheWrongAxis, [x[0], x[1]]), &inputs, &["2 of 2 elements of input 1"]);
    // A cotangent of ones would not tell the axes apart; that of a sum is not random, and so a weight is put before.
    let weight = Tensor::from([[1.0, 2.0], [3.0, 5.0]]);
    refused(1, |x| (ops::apply(AddRow::OverTheWrongAxis, [x[0], x[1]]) * &weight).sum(), &inputs, &["input 1"]);
    refused(1, |x| ops::apply(AddRow::MeanInsteadOfSum, [x[0], x[1]]), &inputs, &["a factor of 2 too small"]);
}

/// A sum whose pullback forgets that its result is used by more than one: it is not linear in its cotangent.
struct Clipped;

impl<T: Scalar> Op<T, 1> for Clipped {
    fn name(&self) -> &'static str {
        "clipped"
    }

    fn shape(&self, [x]: [&[usize]; 1]) -> Result<Shape, String> {
        Ok(x.into())
    }

    fn value(&self, [x]: [&Tensor<T>; 1]) -> Tensor<T> {
        x.clone()
    }

    fn pullback<A: Algebra<T>>(&self, [_]: [A; 1], _y: A, g: A, _needs: [bool; 1]) -> [Option<A>; 1] {
        [Some(g.square())]
    }
}

#[test]
fn pullback_that_is_not_linear() {
    refused(1, |x| ops::apply(Clipped, [x[0]]), &[matrix()], &["6 of 6 elements"]);
}
