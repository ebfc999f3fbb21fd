//! Sums over points: one node, and the gradient of the sum.

use super::{assert_near, nodes};
use crate::common::assert_panics;
use gradtape::numeric;
use gradtape::{Dual, Gradients, Param, Tape, Var, functional::jacobian_sparse, fuse, hessian, sum_over};
use num_traits::Float;

/// Residuals of a curve at points.
fn residual<T: Float>(a: T, b: T, x: T, y: T) -> T {
    let e = a * (b * x).sin() - y;
    e * e
}

const POINTS: [[f64; 2]; 4] = [[0.1, 0.3], [0.7, 0.2], [1.5, -0.4], [2.0, 0.9]];

#[test]
fn a_sum_over_points_has_the_gradient_of_the_sum() {
    let tape = Tape::new();
    let late = tape.var(1.2) * 1.5;
    let [a, b] = [tape.var(0.8), late];
    let of = |[x, y]: [f64; 2]| residual(a, b, x.into(), y.into());
    let expected = POINTS.into_iter().map(of).fold(Var::from(0.0), |sum, e| sum + e);
    let (n, y) = nodes(&tape, || sum_over(&[a, b], POINTS, |p, [x, y]| residual(p[0], p[1], x.into(), y.into())));
    assert_eq!((n, y.value()), (1, expected.value()));
    // As a part of something larger, and for intermediate parameters.
    let (found, expected) = ((y * y).backward(), (expected * expected).backward());
    assert_near("a", found.wrt(a), expected.wrt(a), 1e-14);
    assert_near("b", found.wrt(b), expected.wrt(b), 1e-14);
    // A second sum uses the same inner tape.
    let z = sum_over(&[b, a, a], 0..3, |p, k| p[0] * p[1] * f64::from(k) + p[2]);
    assert_eq!(z.backward().wrt([a, b]), [3.0 * b.value() + 3.0, 3.0 * 0.8]);
}

#[test]
fn sums_over_points_at_the_edges() {
    let tape = Tape::new();
    let (x, y) = (tape.var(2.0), tape.var(3.0));
    // No points, constants, a parameter itself, results that depend on nothing, no parameters.
    let none = sum_over(&[x, y], [0.0; 0], |p, c: f64| p[0] * p[1] * c);
    assert_eq!((none.value(), none.backward().wrt([x, y])), (0.0, [0.0, 0.0]));
    let some = sum_over(&[Var::from(5.0), y], [1.0, 2.0], |p, c| {
        assert!(p[0].tape().is_none());
        p[0] * p[1] * c
    });
    assert_eq!((some.value(), some.backward().wrt(y)), (45.0, 15.0));
    let itself = sum_over(&[x, y], 0..4, |p, k| p[k % 2]);
    assert_eq!((itself.value(), itself.backward().wrt([x, y])), (10.0, [2.0, 2.0]));
    let nothing = sum_over(&[x], 0..4, |_, _| Var::from(1.5));
    assert_eq!((nothing.value(), nothing.backward().wrt(x)), (6.0, 0.0));
    let constant = sum_over(&[Var::from(2.0)], 1..4, |p, k| p[0] * f64::from(k));
    assert_eq!((constant.value(), constant.tape().is_none()), (12.0, true));
    // One parameter twice.
    let twice = sum_over(&[x, x, y], 0..2, |p, _| p[0] * p[1] * p[2]);
    assert_eq!(twice.backward().wrt([x, y]), [24.0, 8.0]);
    let other = Tape::new();
    let stranger = other.var(1.0);
    let words = ["sum_over: its operands are on different tapes"];
    assert_panics(line!(), &words, || sum_over(&[x, stranger], 0..2, |p, _| p[0]));
}

#[test]
fn sums_over_points_nest_and_take_everything_that_records() {
    let tape = Tape::new();
    let [a, b] = [1.5, 0.5].map(|x| tape.var(x));
    let y = sum_over(&[a, b], 1..4, |p, i| {
        let inner = sum_over(p, 1..3, |p, j| p[0].powi(i) * p[1].powi(j));
        fuse([inner, p[0], p[1]], |[s, a, b]| s * a + b) + numeric::sum(&[p[0], p[1], inner])
    });
    let expected = (1..4).fold(Var::from(0.0), |total, i| {
        let inner = a.powi(i) * b + a.powi(i) * b.powi(2);
        total + (inner * a + b) + (a + b + inner)
    });
    assert_near("value", y.value(), expected.value(), 1e-14);
    let (found, expected) = (y.backward().wrt([a, b]), expected.backward().wrt([a, b]));
    for (found, expected) in found.into_iter().zip(expected) {
        assert_near("slope", found, expected, 1e-14);
    }
    // Tensors too.
    let y = sum_over(&[a, b], 0..3, |p, k| {
        let tape = p[0].tape().expect("a parameter of a tape");
        (tape.tensor([1.0, 2.0]) * p[0] + p[1] * f64::from(k)).square().sum().at(&[])
    });
    let at = |k: f64| [1.5 + 0.5 * k, 3.0 + 0.5 * k];
    let expected: f64 = (0..3).map(|k| at(f64::from(k)).map(|e| e * e).iter().sum::<f64>()).sum();
    assert_near("value", y.value(), expected, 1e-14);
    let slope: f64 = (0..3)
        .map(|k| {
            let [e, f] = at(f64::from(k));
            2.0 * e + 4.0 * f
        })
        .sum();
    assert_near("slope", y.backward().wrt(a), slope, 1e-14);
}

#[test]
fn second_derivatives_through_a_sum_over_points() {
    let by_points = hessian(
        |p| sum_over(p, POINTS, |p, [x, y]| residual(p[0], p[1], Dual::constant(x).into(), Dual::constant(y).into())),
        &[0.8, 1.3],
    );
    let by_operators = hessian(
        |p| {
            let of = |[x, y]: [f64; 2]| residual(p[0], p[1], Dual::constant(x).into(), Dual::constant(y).into());
            POINTS.into_iter().map(of).sum()
        },
        &[0.8, 1.3],
    );
    for (found, expected) in by_points.as_slice().iter().zip(by_operators.as_slice()) {
        assert_near("Hessian", *found, *expected, 1e-13);
    }
}

#[test]
fn a_sum_over_points_on_an_inference_tape_has_its_value() {
    let tape = Tape::inference();
    let x = tape.var(2.0);
    let y = sum_over(&[x], 1..4, |p, k| p[0] * f64::from(k));
    assert_eq!(y.value(), 12.0);
    assert_panics(line!(), &["is on an inference tape"], || y.backward());
}

/// The scalars of one point take the places of those of the point before, so that old gradients would answer for them.
#[test]
#[should_panic(expected = "or of another point of sum_over")]
fn gradients_of_one_point_answer_for_no_other() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    let mut before: Option<Gradients<f64>> = None;
    sum_over(&[x], [1.0, 2.0], |params, point| {
        let square = params[0] * params[0];
        if let Some(before) = &before {
            before.wrt(square);
        }
        let y = square * point;
        before = Some(y.backward());
        y
    });
}

#[test]
#[should_panic(expected = "sum_over: a Param came onto the tape of a point")]
fn a_parameter_inside_of_a_sum_over_points_is_an_error() {
    let (weight, tape) = (Param::new([3.0]), Tape::new());
    let x = tape.var(2.0);
    sum_over(&[x], [1.0], |params, c: f64| {
        let tape = params[0].tape().expect("a variable is on a tape");
        tape.param(&weight).to_var() * params[0] * c
    });
}

#[test]
fn what_a_point_leaves_aside_is_in_the_pattern_of_a_jacobian() {
    let jacobian = jacobian_sparse(|x| vec![sum_over(x, [1.0, 2.0], |p, c| p[0] * p[1] * c)], &[0.0, 1.0]);
    assert_eq!(jacobian.stored(), 2);
}

#[test]
fn a_result_of_another_tape_has_no_jacobian() {
    let other: &'static Tape<f64> = Box::leak(Box::new(Tape::new()));
    let stranger = other.var(9.0);
    let words = ["the result of the function is on another tape than its variables"];
    assert_panics(line!(), &words, || jacobian_sparse(|x| vec![x[0] * 2.0, stranger], &[1.0, 2.0]));
}
