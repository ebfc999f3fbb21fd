//! Mistakes planted in rules must all be found: the test of the check. That right rules pass is in `awkward_points`.

mod right;

use gradtape::{
    Cotangents, Element, Elementwise, Expr, Operand, Scalar, Shape, Tensor, TensorVar,
    gradcheck::GradCheck,
    ops::{self, Algebra, Op},
};
use right::{matrix, passes, vector};

fn square() -> Tensor<f64> {
    Tensor::from([[0.7, -1.3], [1.9, 0.2]])
}

/// That the check refuses, with words that say what they should.
#[track_caller]
fn refused<F>(order: usize, f: F, inputs: &[Tensor<f64>], words: &[&str])
where
    F: for<'t> Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
{
    match GradCheck::new().order(order).check(f, inputs) {
        Ok(report) => panic!("the mistake was not found:\n{report}"),
        Err(error) => {
            let text = error.to_string();
            for word in words {
                assert!(text.contains(word), "{word:?} is not in: {text}");
            }
        }
    }
}

/// An elementwise function of one number: its value, and its slope as planted.
fn sin_in_single_precision<T: Element>(x: T) -> T {
    T::lit((x.real() as f32).sin().into())
}

macro_rules! planted_unary {
    ($Name:ident: |$x:ident| $value:expr; |$sx:ident, $y:ident| $slope:expr) => {
        #[derive(Clone, Copy)]
        struct $Name;
        impl Elementwise<1> for $Name {
            const NAME: &'static str = stringify!($Name);
            fn f32(&self, [$x]: [f32; 1]) -> f32 {
                $value
            }
            fn f64(&self, [$x]: [f64; 1]) -> f64 {
                $value
            }
            fn slopes<A: Operand>(&self, [$sx]: [Expr<A>; 1], $y: Expr<A>) -> [Expr<A>; 1] {
                let _ = ($sx, $y);
                [Expr::from($slope)]
            }
        }
    };
}

macro_rules! planted_binary {
    ($Name:ident: |$x:ident, $z:ident| $value:expr; |$sx:ident, $sz:ident, $y:ident| [$dx:expr, $dz:expr]) => {
        #[derive(Clone, Copy)]
        struct $Name;
        impl Elementwise<2> for $Name {
            const NAME: &'static str = stringify!($Name);
            fn f32(&self, [$x, $z]: [f32; 2]) -> f32 {
                $value
            }
            fn f64(&self, [$x, $z]: [f64; 2]) -> f64 {
                $value
            }
            fn slopes<A: Operand>(&self, [$sx, $sz]: [Expr<A>; 2], $y: Expr<A>) -> [Expr<A>; 2] {
                let _ = ($y, $sx, $sz);
                [Expr::from($dx), Expr::from($dz)]
            }
        }
    };
}

#[track_caller]
fn refused_unary<E: Elementwise<1>>(formula: E, words: &[&str]) {
    refused(1, |x| Operand::apply(formula, [x[0]]), &[matrix()], words);
    refused(1, |x| Operand::apply(formula, [x[0]]).sum(), &[matrix()], words);
    // In the middle of a computation, and for scalars.
    refused(1, |x| Operand::apply(formula, [x[0].tanh()]).exp() * x[0], &[matrix()], &["the gradient is wrong"]);
    let scalars = GradCheck::new().check_scalars(|x| Operand::apply(formula, [x[0]]) + x[1], &[0.7, 0.3]);
    assert!(scalars.unwrap_err().to_string().contains("x[0]"));
}

#[test]
fn wrong_sign() {
    planted_unary!(Cosine: |x| x.cos(); |x, y| x.sin());
    refused_unary(Cosine, &["6 of 6 elements of input 0", "ratio -1.000000", "the sign is wrong"]);
}

#[test]
fn wrong_factor() {
    planted_unary!(Twice: |x| x * x; |x, y| x);
    refused_unary(Twice, &["ratio 0.500000", "a factor of 2 too small"]);
    planted_unary!(Quadruple: |x| x * x; |x, y| 4.0 * x);
    refused_unary(Quadruple, &["a factor of 2 too large"]);
    planted_unary!(Slightly: |x| x.exp(); |x, y| y * 1.00001);
    refused_unary(Slightly, &["a constant factor of 1.000010"]);
}

#[test]
fn missing_term() {
    planted_unary!(Product: |x| x * x.sin(); |x, y| x.sin());
    refused_unary(Product, &["elements of input 0"]);
}

#[test]
fn missing_slope() {
    planted_unary!(Nothing: |x| x.sin(); |x, y| 0.0);
    refused_unary(Nothing, &["ratio 0.000000", "missing"]);
    planted_unary!(Something: |x| x.floor() * 0.0 + 1.0; |x, y| 1.0);
    refused_unary(Something, &["the derivative should be zero"]);
}

#[test]
fn chain_through_the_answer_forgotten() {
    // d sqrt(x) = 1 / (2 y), d exp(sin x) = y cos x.
    planted_unary!(Composed: |x| x.sin().exp(); |x, y| y);
    refused_unary(Composed, &["the gradient is wrong"]);
    planted_unary!(Inner: |x| x.sin().exp(); |x, y| x.cos());
    refused_unary(Inner, &["the gradient is wrong"]);
}

#[test]
fn wrong_branch_at_a_condition() {
    planted_unary!(LeakyInverted: |x| if x > 0.0 { x } else { x * 0.1 }; |x, y| 1.0 - 0.9 * (x.sign() * 0.5 + 0.5));
    refused_unary(LeakyInverted, &["the gradient is wrong"]);
    planted_unary!(Threshold: |x| if x > 0.5 { x } else { 0.0 }; |x, y| x.sign() * 0.5 + 0.5);
    let words = ["the gradient is wrong: 2 of 6 elements of input 0", "should be zero"];
    refused(1, |x| Operand::apply(Threshold, [x[0]]), &[matrix()], &words);
}

#[test]
fn constant_on_the_wrong_side_of_a_division() {
    planted_unary!(Inverse: |x| 2.0 / (3.0 + x * x); |x, y| -(3.0 + x * x) / 2.0 * x);
    refused_unary(Inverse, &["the gradient is wrong"]);
}

#[test]
fn rules_of_two_arguments() {
    planted_binary!(Quotient: |x, z| x / z; |x, z, y| [z, -(y / z)]);
    refused(1, |x| Operand::apply(Quotient, [x[0], x[1]]), &[matrix(), vector()], &["6 of 6 elements of input 0"]);
    planted_binary!(Denominator: |x, z| x / z; |x, z, y| [1.0 / z, -(x / z)]);
    refused(1, |x| Operand::apply(Denominator, [x[0], x[1]]), &[matrix(), vector()], &["3 of 3 elements of input 1"]);
    planted_binary!(Swapped: |x, z| x * z; |x, z, y| [x, z]);
    let other = matrix().map(|x| x * x + 0.3);
    let words = ["the gradients of input 0 and input 1 are swapped"];
    refused(1, |x| Operand::apply(Swapped, [x[0], x[1]]).sum(), &[matrix(), other], &words);
    planted_binary!(OneSided: |x, z| x * z; |x, z, y| [z, 0.0]);
    let words = ["3 of 3 elements of input 1", "input 1: missing"];
    refused(1, |x| Operand::apply(OneSided, [x[0], x[1]]), &[matrix(), vector()], &words);
}

#[test]
fn first_order_right_and_second_wrong() {
    planted_unary!(TanhOnce: |x| x.tanh(); |x, y| TanhSlope::of(x));
    passes_first(|x| Operand::apply(TanhOnce, [x[0]]), &[matrix()]);
    let words = ["the second derivative", "elements of input 0", "the orders below are right"];
    refused(2, |x| Operand::apply(TanhOnce, [x[0]]), &[matrix()], &words);
    // Also where the result is a single number, and in the middle of a computation.
    refused(2, |x| Operand::apply(TanhOnce, [x[0]]).sum(), &[matrix()], &words);
    refused(2, |x| Operand::apply(TanhOnce, [x[0].sin()]) * x[0], &[matrix()], &["the second derivative"]);
}

/// 1 - tanh², right as a number, with a derivative of its own that is wrong by its sign.
#[derive(Clone, Copy)]
struct TanhSlope;

impl TanhSlope {
    fn of<A: Operand>(x: Expr<A>) -> Expr<A> {
        match x {
            Expr::Literal(x) => Expr::Literal(TanhSlope.f64([x])),
            Expr::Value(x) => Expr::Value(A::apply(TanhSlope, [x])),
        }
    }
}

impl Elementwise<1> for TanhSlope {
    const NAME: &'static str = "tanh_slope";
    fn f32(&self, [x]: [f32; 1]) -> f32 {
        1.0 - x.tanh() * x.tanh()
    }
    fn f64(&self, [x]: [f64; 1]) -> f64 {
        1.0 - x.tanh() * x.tanh()
    }
    fn slopes<A: Operand>(&self, [x]: [Expr<A>; 1], y: Expr<A>) -> [Expr<A>; 1] {
        [2.0 * x.tanh() * y]
    }
}

#[track_caller]
fn passes_first<F>(f: F, inputs: &[Tensor<f64>])
where
    F: for<'t> Fn(&[TensorVar<'t, f64>]) -> TensorVar<'t, f64>,
{
    if let Err(error) = GradCheck::new().check(f, inputs) {
        panic!("a right gradient was refused: {error}");
    }
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

#[test]
fn one_wrong_element_of_many() {
    planted_unary!(Beyond: |x| x.sin(); |x, y| x.cos() + 0.01 * ((x - 9.95).sign() + 1.0));
    let x = [Tensor::linspace(0.0, 10.0, 101).map(|x| x + 0.003)];
    refused(1, |x| Operand::apply(Beyond, [x[0]]), &x, &["1 of 101 elements of input 0", "input 0 [100]"]);
    // Where it is not among the elements varied one by one, the random directions find it.
    let result = GradCheck::new().elements(5).seed(3).check(|x| Operand::apply(Beyond, [x[0]]), &x);
    let text = result.unwrap_err().to_string();
    assert!(text.contains("a random direction (all elements at once)"), "{text}");
}

#[test]
fn wrong_at_large_and_tiny_values() {
    planted_unary!(Twice: |x| x * x; |x, y| 2.0001 * x);
    for size in [1e6, 1e3, 1.0, 1e-3] {
        refused(1, |x| Operand::apply(Twice, [x[0]]), &[vector() * size], &["3 of 3 elements"]);
        refused(1, |x| Operand::apply(Twice, [x[0]]).sum(), &[vector() * size], &["3 of 3 elements"]);
    }
}

#[test]
fn missing_where_tiny_steps_are_rounded_away() {
    // One element of an input is cut, and another with a larger slope says how large slopes are there.
    let x = [Tensor::from([0.7, -1.3])];
    for (offset, scale) in [(1e5, 1.0), (1e6, 10.0), (1e7, 1.0), (1e7, 1e3), (1e8, 100.0), (1e9, 1e3)] {
        refused(
            2,
            |x| {
                let rounded = (x[0] + offset) - offset;
                TensorVar::concat(&[rounded.detach().slice(0, 0, 1, 1), x[0].slice(0, 1, 2, 1) * scale], 0)
            },
            &x,
            &["the gradient is wrong: 1 of 2 elements of input 0", "input 0 [0]: analytic 0"],
        );
    }
    // Next to a part of the result that is right, and in single precision.
    refused(1, |x| TensorVar::concat(&[x[0] * 10.0, ((x[0] + 1e7) - 1e7).detach()], 0), &x, &["is wrong: 2 of 2"]);
    planted_unary!(Single: |x| if x > 0.0 { sin_in_single_precision(x) } else { x }; |x, y| 0.5 - 0.5 * x.sign());
    refused(1, |x| Operand::apply(Single, [x[0]]) * 10.0, &x, &["is wrong: 1 of 2", "input 0 [0]: analytic 0"]);
    // Where a whole input is cut, or nothing is.
    refused(1, |x| ((x[0] + 1e7) - 1e7).detach() + x[1] * 100.0, &[vector(), vector()], &["elements of input 0"]);
    refused(1, |x| (x[0].detach() + 1e8).softmax(0) + x[0] * 0.0, &[vector()], &["the gradient"]);
}

#[test]
fn wrong_next_to_kinks() {
    planted_unary!(Steep: |x| if x > 0.0 { x } else { 0.0 }; |x, y| 1.001 * (x.sign() * 0.5 + 0.5));
    for distance in [1.0, 1e-3, 1e-5, 1e-6] {
        refused(1, |x| Operand::apply(Steep, [x[0]]), &[Tensor::from([distance])], &["the gradient is wrong"]);
    }
    // Also where kinks are accepted: a slope beyond both sides is wrong.
    let text = |x: f64| {
        let check = GradCheck::new().allow_kinks();
        check.check(|x| Operand::apply(Double, [x[0]]), &[Tensor::from([x])]).unwrap_err().to_string()
    };
    planted_unary!(Double: |x| if x > 0.0 { x } else { 0.0 }; |x, y| 2.0);
    assert!(text(0.0).contains("a kink lies within the step of input 0 [0]"));
    assert!(text(1.0).contains("a factor of 2 too large"));
}
