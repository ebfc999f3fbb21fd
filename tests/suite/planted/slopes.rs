//! Wrong slopes of elementwise functions: signs, factors, terms and branches, for tensors and for scalars.

use super::{
    planted_unary, refused,
    right::{matrix, vector},
};
use gradtape::{Elementwise, Expr, Operand, Tensor, TensorVar, gradcheck::GradCheck};

/// An elementwise function of two numbers: its value, and its slopes as planted.
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
