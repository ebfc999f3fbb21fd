//! Fused functions: one node for each result, and the gradient of their operations.

use super::{assert_near, nodes};
use crate::common::assert_panics;
use gradtape::{MultiDual, Tape, Tensor, Var, fuse, hessian};
use num_traits::Float;

fn formula<T: Float>(a: T, b: T, c: T) -> T {
    (a * b).sin() / (c * c + T::one()) + a.powi(3) * b.exp() - c.sqrt()
}

#[test]
fn a_fused_function_has_the_gradient_of_its_operations() {
    let tape = Tape::new();
    let [a, b, c] = [0.4, -0.7, 1.9].map(|x| tape.var(x));
    let plain = formula(a, b, c);
    let (n, fused) = nodes(&tape, || fuse([a, b, c], |[a, b, c]| formula(a, b, c)));
    assert_eq!(n, 1);
    assert_eq!(fused.value(), plain.value());
    let (expected, found) = (plain.backward().wrt([a, b, c]), fused.backward().wrt([a, b, c]));
    for (expected, found) in expected.into_iter().zip(found) {
        assert_near("slope", found, expected, 1e-14);
    }
}

#[test]
fn several_results_are_several_nodes() {
    let tape = Tape::new();
    let [r, t] = [2.0, 0.5].map(|x| tape.var(x));
    let (n, [x, y]) = nodes(&tape, || fuse([r, t], |[r, t]| [r * t.cos(), r * t.sin()]));
    assert_eq!(n, 2);
    assert_eq!(
        (x.backward().wrt([r, t]), y.backward().wrt([r, t])),
        ([0.5f64.cos(), -2.0 * 0.5f64.sin()], [0.5f64.sin(), 2.0 * 0.5f64.cos()],)
    );
}

#[test]
fn fused_functions_of_one_number_and_of_constants() {
    let tape = Tape::new();
    let x = tape.var(3.0);
    let y = fuse([x], |[x]| x * x * 2.0 + 1.0);
    assert_eq!((y.value(), y.backward().wrt(x)), (19.0, 12.0));
    // The same variable twice, a constant between.
    let y = fuse([x, Var::from(2.0), x], |[a, b, c]| a * b * c);
    assert_eq!((y.value(), y.backward().wrt(x)), (18.0, 12.0));
    let (n, y) = nodes(&tape, || fuse([Var::from(2.0), Var::from(3.0)], |[a, b]| a * b));
    assert_eq!((n, y.value(), y.tape().is_none()), (0, 6.0, true));
    // A result that does not depend on its inputs.
    let y = fuse([x], |_| MultiDual::constant(4.0));
    assert_eq!((y.value(), y.backward().wrt(x)), (4.0, 0.0));
}

#[test]
fn fused_functions_of_two_tapes_are_refused() {
    let (one, two) = (Tape::new(), Tape::new());
    let (x, y) = (one.var(1.0), two.var(2.0));
    let words = ["fuse: its operands are on different tapes"];
    assert_panics(line!(), &words, || fuse([x, y], |[x, y]| x * y));
    assert_panics(line!(), &words, || fuse([x, x, y], |[x, _, y]| x * y));
}

#[test]
fn second_derivatives_through_a_fused_function() {
    let f = |x: f64, y: f64| hessian(|x| fuse([x[0], x[1]], |[a, b]| a.powi(3) * b * b), &[x, y]);
    assert_eq!(f(2.0, 5.0), Tensor::from([[300.0, 120.0], [120.0, 16.0]]));
}

#[test]
fn an_infinite_slope_is_not_brought_to_a_fused_function_that_is_masked_out() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    let y = fuse([x, x, x], |[a, b, c]| a.sqrt() + b + c);
    assert_eq!((y * 0.0).backward().wrt(x), 0.0);
    let z = fuse([y, x, x], |[_, b, c]| b * c);
    assert_eq!(z.backward().wrt(x), 0.0);
}

#[test]
fn partial_derivatives_from_elsewhere() {
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 2.0, 3.0]);
    let y = Var::with_partials(7.0, &x, &[10.0, 20.0, 30.0]);
    assert_eq!((y.value(), (y * 2.0).backward().wrt(&x)), (7.0, vec![20.0, 40.0, 60.0]));
    let words = ["with_partials: [3] and [2]: there must be one partial derivative for each input"];
    assert_panics(line!(), &words, || Var::with_partials(7.0, &x, &[10.0, 20.0]));
}
