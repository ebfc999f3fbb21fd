//! What is recorded of scalars, and what a sweep brings to whom.

use super::assert_near;
use crate::common::assert_panics;
use gradtape::{Dual, Elementwise, Expr, Operand, Tape, Var};
use num_traits::{Float, Zero};

#[test]
fn a_chain_of_a_million_scalars_needs_no_recursion() {
    let tape = Tape::with_capacity(2_000_001);
    let x = tape.var(0.5);
    let y = (0..1_000_000).fold(x, |y, _| y * 0.999_999 + x);
    assert_eq!(tape.len(), 2_000_001);
    let sum = |n: i32| (1.0 - 0.999_999f64.powi(n)) / 1e-6;
    let slope = 0.999_999f64.powi(1_000_000) + sum(1_000_000);
    assert_near("slope", y.backward().wrt(x), slope, 1e-9);
    assert_near("value", y.value(), 0.5 * slope, 1e-9);
}

#[test]
fn variables_made_after_the_first_operation() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let y = x * x;
    let late = tape.var(3.0);
    let z = y * late;
    let after = tape.var(7.0);
    let gradients = z.backward();
    assert_eq!((gradients.wrt(x), gradients.wrt(late), gradients.wrt(after)), (12.0, 4.0, 0.0));
    // What was recorded after a result has no part in its gradient.
    assert_eq!(y.backward().wrt(z), 0.0);
}

#[test]
fn gradients_of_intermediate_values() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let y = x * x;
    let z = y.ln() + y;
    let gradients = z.backward();
    assert_eq!(gradients.wrt(z), 1.0);
    assert_eq!(gradients.wrt(y), 1.25);
    assert_eq!(gradients.wrt(x), 5.0);
}

#[test]
fn a_constant_costs_no_node() {
    let tape = Tape::new();
    let x = tape.var(2.0);
    let count = |f: &dyn Fn() -> Var<'static, f64>| {
        let before = tape.len();
        let _ = f();
        tape.len() - before
    };
    assert_eq!(count(&|| Var::from(2.0) * 3.0 + Var::zero()), 0);
    assert_eq!(count(&|| Float::max(Var::from(2.0), Float::epsilon()).sin()), 0);
    let before = tape.len();
    let _ = [x * 2.0, 2.0 * x, x + Var::from(1.0), 1.0 / x, x.powi(3), x.maximum(0.0), x.pow(2.0)];
    assert_eq!(tape.len() - before, 7);
}

#[test]
fn arithmetic_of_constants_is_that_of_numbers() {
    let (a, b) = (Var::from(2.0), Var::from(3.0));
    assert_eq!((a * b + a.sin()).value(), 6.0 + 2f64.sin());
    assert!((a * b).tape().is_none());
    assert_eq!(Var::<f64>::default().value(), 0.0);
}

#[test]
fn two_tapes_do_not_mix() {
    let (one, two) = (Tape::new(), Tape::new());
    let (x, y) = (one.var(1.0), two.var(2.0));
    macro_rules! refused {
        ($name:literal, $result:expr) => {
            let text = format!("{}: its operands are on different tapes", $name);
            assert_panics(line!(), &[&text], || $result)
        };
    }
    refused!("add", x + y);
    refused!("sub", x - y);
    refused!("mul", x * y);
    refused!("div", x / y);
    refused!("rem", x % y);
    refused!("pow", x.pow(y));
    refused!("maximum", x.maximum(y));
    refused!("minimum", x.minimum(y));
    refused!("atan2", x.atan2(y));
    refused!("hypot", x.hypot(y));
    refused!("pow", Float::powf(x, y));
    refused!("maximum", Float::max(x, y));
    refused!("minimum", Float::min(x, y));
    refused!("hypot", Float::hypot(x, y));
    refused!("atan2", Float::atan2(x, y));
    let words = ["mul: its operands are on different tapes"];
    let mut z = x;
    assert_panics(line!(), &words, || z *= y);
}

#[test]
fn a_gradient_from_a_constant_is_an_error() {
    let words = ["backward: 5 is a constant: it depends on no variable of a tape"];
    assert_panics(line!(), &words, || (Var::from(2.0) + 3.0).backward());
    let tape = Tape::new();
    let x = tape.var(1.0);
    let words = ["wrt: 2 is a constant, not a variable of a tape"];
    assert_panics(line!(), &words, || (x * 2.0).backward().wrt(Var::from(2.0)));
}

#[test]
fn an_inference_tape_gives_values_and_no_gradients() {
    let tape = Tape::inference();
    let y = tape.var(2.0) * 3.0;
    assert_eq!(y.value(), 6.0);
    let words = ["backward: 6 is on an inference tape, which has no gradients"];
    assert_panics(line!(), &words, || y.backward());
}

#[test]
fn gradients_belong_to_their_tape_and_to_the_time_before_its_reset() {
    let (mut tape, other) = (Tape::new(), Tape::new());
    let gradients = (tape.var(2.0) * 3.0).backward();
    let stranger = other.var(1.0);
    let words = ["wrt: these gradients come from another tape than the scalar 1"];
    assert_panics(line!(), &words, || gradients.wrt(stranger));
    tape.reset();
    let fresh = tape.var(2.0);
    let words = ["wrt: these gradients are not of the same reset of the tape as the scalar 2"];
    assert_panics(line!(), &words, || gradients.wrt(fresh));
    assert_eq!((fresh * 5.0).backward().wrt(fresh), 5.0);
}

/// An operation of three numbers: a node with more inputs than the usual ones have.
#[derive(Clone, Copy)]
struct Interpolate;

impl Elementwise<3> for Interpolate {
    const NAME: &'static str = "interpolate";

    fn f32(&self, [a, b, t]: [f32; 3]) -> f32 {
        a + (b - a) * t
    }

    fn f64(&self, [a, b, t]: [f64; 3]) -> f64 {
        a + (b - a) * t
    }

    fn slopes<A: Operand>(&self, [a, b, t]: [Expr<A>; 3], _y: Expr<A>) -> [Expr<A>; 3] {
        [1.0 - t, t, b - a]
    }
}

#[test]
fn an_operation_of_three_scalars_is_one_node() {
    let tape = Tape::new();
    let (a, b, t) = (tape.var(10.0), tape.var(20.0), tape.var(0.25));
    let before = tape.len();
    let y = Operand::apply(Interpolate, [a, b, t]);
    assert_eq!(tape.len() - before, 1);
    let gradients = (y * 2.0).backward();
    assert_eq!(y.value(), 12.5);
    assert_eq!([a, b, t].map(|v| gradients.wrt(v)), [1.5, 0.5, 20.0]);
    // One value three times, constants among the inputs, and nothing but constants.
    assert_eq!(Operand::apply(Interpolate, [t, t, t]).backward().wrt(t), 1.0);
    assert_eq!(Operand::apply(Interpolate, [0.0.into(), b, 0.5.into()]).backward().wrt(b), 0.5);
    assert!(Operand::apply(Interpolate, [Var::from(0.0), 1.0.into(), 0.5.into()]).tape().is_none());
    let other = Tape::new();
    let stranger = other.var(1.0);
    let words = ["interpolate: its operands are on different tapes"];
    assert_panics(line!(), &words, || Operand::apply(Interpolate, [a, b, stranger]));
    // The same formula on plain and dual numbers.
    assert_eq!(Operand::apply(Interpolate, [0f32, 2.0, 0.5]), 1.0);
    let [a, b, t] = [Dual::new(10.0, 1.0), Dual::new(20.0, 2.0), Dual::new(0.25, 3.0)];
    assert_eq!(Operand::apply(Interpolate, [a, b, t]).tangent, 0.75 + 0.5 + 30.0);
}

#[test]
fn dual_numbers_nest_for_higher_derivatives() {
    type Third = Dual<Dual<Dual<f64>>>;
    let variable = |x: f64| -> Third {
        let first = Dual::new(x, 1.0);
        let second = Dual::new(first, Dual::constant(1.0));
        Dual::new(second, Dual::constant(Dual::constant(1.0)))
    };
    let third = |y: Third| y.tangent.tangent.tangent;
    let x = 0.7;
    assert_near("sin", third(variable(x).sin()), -x.cos(), 1e-15);
    assert_near("x⁵", third(variable(x).powi(5)), 60.0 * x * x, 1e-14);
    assert_near("1/x", third(1.0 / variable(x)), -6.0 / x.powi(4), 1e-14);
    assert_near(
        "exp(x²)",
        third((variable(x) * variable(x)).exp()),
        (12.0 * x + 8.0 * x.powi(3)) * (x * x).exp(),
        1e-14,
    );
}

#[test]
fn a_tape_of_dual_numbers_gives_second_derivatives() {
    let tape = Tape::new();
    let (x, y) = (tape.var(Dual::new(0.7, 1.0)), tape.var(Dual::new(2.0, 0.0)));
    let z = x.sin() * y.powi(3) + 0.5 * x * x;
    let gradients = z.backward();
    let (dx, dy) = (gradients.wrt(x), gradients.wrt(y));
    assert_near("∂x", dx.value, 8.0 * 0.7f64.cos() + 0.7, 1e-15);
    assert_near("∂²x", dx.tangent, -8.0 * 0.7f64.sin() + 1.0, 1e-15);
    assert_near("∂x∂y", dy.tangent, 12.0 * 0.7f64.cos(), 1e-15);
}

#[test]
fn scalars_show_their_value() {
    let tape = Tape::new();
    let x = tape.var(1.5);
    assert_eq!((x.to_string(), Var::from(2.0).to_string()), ("1.5".into(), "2".into()));
    assert_eq!(Dual::new(1.5, 2.0).to_string(), "1.5 + 2ε");
}

/// What a recording writes is what it takes, so that it is a promise of `scalar_guide`.
#[test]
fn an_operation_takes_at_most_24_bytes() {
    type Operation = for<'t> fn(Var<'t, f64>, Var<'t, f64>) -> Var<'t, f64>;
    let operations: [(usize, Operation); 6] = [
        (8, |x, y| x + y),
        (8, |x, y| x - y),
        (8, |x, _| -x),
        (16, |x, _| x * 3.0),
        (16, |x, _| x.sin()),
        (24, |x, y| x / y),
    ];
    for (bytes, operation) in operations {
        let tape = Tape::new();
        let [x, y] = [tape.var(1.5), tape.var(2.5)];
        let before = tape.memory_bytes();
        for _ in 0..100 {
            operation(x, y);
        }
        assert_eq!(tape.memory_bytes() - before, 100 * bytes);
    }
}
