//! Derivatives of functions: every one of them against the others, against formulas, and at the edges.
// Functions are passed as the documentation says to, also where the name alone would do.
#![allow(clippy::redundant_closure)]

mod common;

use common::assert_panics;
use gradtape::functional::{
    grad, hessian, hessian_diagonal, hvp, jacobian, jacobian_reverse, jvp, value_and_grad, vjp,
};
use gradtape::{Dual, Rng, Scalar, Tensor, Var, rng::uniform};
use num_traits::Float;
use std::cell::Cell;

fn rosenbrock<T: Float>(x: &[T]) -> T {
    let number = |x: f64| T::from(x).unwrap();
    let term = |pair: &[T]| number(100.0) * (pair[1] - pair[0].powi(2)).powi(2) + (T::one() - pair[0]).powi(2);
    x.windows(2).fold(T::zero(), |sum, pair| sum + term(pair))
}

/// Three results of three variables, with all kinds of curvature.
fn wave<T: Float>(x: &[T]) -> Vec<T> {
    vec![(x[0] * x[1]).sin() * x[2].exp(), x[1].powi(3) / x[2], (x[0] + x[2] * x[2]).ln()]
}

fn first_of_wave<T: Float>(x: &[T]) -> T {
    wave(x)[0] + wave(x)[1] * wave(x)[2]
}

const POINT: [f64; 3] = [0.7, -0.4, 1.3];

/// The derivative in one direction by differences.
fn difference(f: impl Fn(&[f64]) -> f64, x: &[f64], v: &[f64]) -> f64 {
    let h = 1e-5;
    let at = |h: f64| f(&x.iter().zip(v).map(|(x, v)| x + h * v).collect::<Vec<_>>());
    (8.0 * (at(h) - at(-h)) - (at(2.0 * h) - at(-2.0 * h))) / (12.0 * h)
}

fn axis(n: usize, j: usize) -> Vec<f64> {
    (0..n).map(|i| if i == j { 1.0 } else { 0.0 }).collect()
}

#[track_caller]
fn assert_near(left: &[f64], right: &[f64], tolerance: f64) {
    assert_eq!(left.len(), right.len());
    for (a, b) in left.iter().zip(right) {
        assert!((a - b).abs() <= tolerance * (1.0 + b.abs()), "{left:?} is not near {right:?}");
    }
}

#[test]
fn the_gradient_of_rosenbrock() {
    let (value, gradient) = value_and_grad(|x| rosenbrock(x), &[-1.2, 1.0]);
    assert_near(&[value], &[24.2], 1e-14);
    assert_near(&gradient, &[-215.6, -88.0], 1e-14);
    assert_eq!(grad(|x| rosenbrock(x), &[-1.2, 1.0]), gradient);
    assert_eq!(grad(|x| rosenbrock(x), &[1.0; 10]), [0.0; 10]);
}

#[test]
fn the_second_derivatives_of_rosenbrock() {
    let h = hessian(|x| rosenbrock(x), &[-1.2, 1.0]);
    approx::assert_relative_eq!(h, Tensor::from([[1330.0, 480.0], [480.0, 200.0]]), max_relative = 1e-14);
    assert_near(&hvp(|x| rosenbrock(x), &[-1.2, 1.0], &[1.0, 0.0]), &[1330.0, 480.0], 1e-14);
    assert_near(&hvp(|x| rosenbrock(x), &[-1.2, 1.0], &[1.0, -2.0]), &[370.0, 80.0], 1e-13);
    assert_near(&hessian_diagonal(|x| rosenbrock(x), &[-1.2, 1.0]), &[1330.0, 200.0], 1e-14);
}

#[test]
fn everything_in_single_precision() {
    let x = [-1.2f32, 1.0];
    let (value, gradient) = value_and_grad(|x| rosenbrock(x), &x);
    assert!((value - 24.2).abs() < 1e-4 && (gradient[0] + 215.6).abs() < 1e-3, "{value} {gradient:?}");
    let h: Tensor<f32> = hessian(|x| rosenbrock(x), &[-1.2f32, 1.0]);
    assert!((h.as_slice()[0] - 1330.0).abs() < 1e-2);
    assert_eq!(hvp(|x| rosenbrock(x), &x, &[0.0, 1.0])[1], 200.0);
    assert_eq!(hessian_diagonal(|x| rosenbrock(x), &x)[1], 200.0);
    assert_eq!(jacobian(|x| [x[0] * 2.0, 3.0 * x[1]], &x), Tensor::from([[2f32, 0.0], [0.0, 3.0]]));
    assert_eq!(jvp(|x| x[0] * x[1], &x, &[0.0, 1.0]), (-1.2f32, -1.2f32));
    assert_eq!(vjp(|x| vec![x[0] * x[1]], &x, &[2.0]), (vec![-1.2f32], vec![2.0f32, -2.4]));
    assert_eq!(vjp(|x| x[0] * x[1], &x, 2.0), (-1.2f32, vec![2.0f32, -2.4]));
}

#[test]
fn literals_and_methods_infer_in_closures() {
    let x = [0.5, 2.0];
    let expected = [-2.0 * 0.5f64.sin() + 8.0 * 0.5, 2.0];
    let check = |gradient: Vec<f64>| assert_near(&gradient, &expected, 1e-12);
    check(grad(|x| 2.0 * x[0].cos() + 4.0 * x[0].powi(2) + x[1] / 0.5, &x));
    check(vjp(|x| vec![2.0 * x[0].cos() + 4.0 * x[0].powi(2) + x[1] / 0.5], &x, &[1.0]).1);
    check(jacobian(|x| 2.0 * x[0].cos() + 4.0 * x[0].powi(2) + x[1] / 0.5, &x).into_vec());
    assert_eq!(grad(|x| x.iter().map(|x| x * x).sum(), &x), [1.0, 4.0]);
    assert_eq!(jacobian(|x| x.iter().map(|x| x * x).sum::<Dual<_>>(), &x), Tensor::from([1.0, 4.0]));
    assert_eq!(hessian(|x| x.iter().map(|x| 0.5 * x * x).sum(), &x), Tensor::eye(2));
    assert_eq!(grad(|x| if x[0] < x[1] { x[0] * 3.0 } else { x[1] }, &x), [3.0, 0.0]);
    assert_eq!(grad(|x| if x[0] < 1.0 { x[0] * 3.0 } else { x[1] }, &x), [3.0, 0.0]);
}

#[test]
fn where_no_tape_is_recorded_a_name_will_do() {
    assert_eq!(jvp(rosenbrock, &[1.0, 2.0], &[1.0, 0.0]), (100.0, -400.0));
    assert_eq!(jacobian(rosenbrock, &[1.0, 2.0]), Tensor::from([-400.0, 200.0]));
    assert_eq!(hessian_diagonal(rosenbrock, &[1.0, 2.0]), [402.0, 200.0]);
}

#[test]
fn a_function_can_be_generic_over_the_number_of_the_tape() {
    fn norm<T: Scalar>(x: &[T]) -> Vec<T> {
        grad(|x| x.iter().map(|x| x * x).sum::<Var<'_, T>>().sqrt(), x)
    }
    assert_near(&norm(&[3.0, 4.0]), &[0.6, 0.8], 1e-15);
    assert_eq!(norm(&[4.0f32, 0.0]), [1.0, 0.0]);
    // Forward over reverse by hand: the gradient of dual numbers.
    let x = [Dual::new(3.0, 1.0), Dual::new(4.0, 0.0)];
    assert_near(&[norm(&x)[0].tangent, norm(&x)[1].tangent], &[16.0 / 125.0, -12.0 / 125.0], 1e-15);
}

#[test]
fn the_functions_agree_with_differences_and_with_each_other() {
    let n = POINT.len();
    let gradient = grad(|x| first_of_wave(x), &POINT);
    let expected: Vec<_> = (0..n).map(|j| difference(first_of_wave, &POINT, &axis(n, j))).collect();
    assert_near(&gradient, &expected, 1e-9);

    let j = jacobian(|x| wave(x), &POINT);
    assert_eq!(j.shape(), [3, 3]);
    approx::assert_relative_eq!(jacobian_reverse(|x| wave(x), &POINT), j.clone(), max_relative = 1e-13);
    for row in 0..3 {
        let expected: Vec<_> = (0..n).map(|k| difference(|x| wave(x)[row], &POINT, &axis(n, k))).collect();
        assert_near(&j.as_slice()[row * n..(row + 1) * n], &expected, 1e-9);
        let (value, pulled) = vjp(|x| wave(x), &POINT, &axis(3, row));
        assert_near(&value, &wave(&POINT), 1e-15);
        assert_near(&pulled, &expected, 1e-9);
    }

    let h = hessian(|x| first_of_wave(x), &POINT);
    let diagonal = hessian_diagonal(|x| first_of_wave(x), &POINT);
    for i in 0..n {
        let row = &h.as_slice()[i * n..(i + 1) * n];
        let expected: Vec<_> =
            (0..n).map(|k| difference(|x| grad(|x| first_of_wave(x), x)[i], &POINT, &axis(n, k))).collect();
        assert_near(row, &expected, 1e-8);
        assert_near(&hvp(|x| first_of_wave(x), &POINT, &axis(n, i)), row, 1e-12);
        assert_near(&[diagonal[i]], &[row[i]], 1e-12);
    }
}

#[test]
fn pushing_forward_and_pulling_back_are_transposes() {
    let mut rng = Rng::new(11);
    let mut draw = || [(); 3].map(|()| uniform(&mut rng) + 0.5);
    for _ in 0..20 {
        let (x, v, w) = (draw(), draw(), draw());
        let (_, pushed) = jvp(|x| wave(x), &x, &v);
        let (_, pulled) = vjp(|x| wave(x), &x, &w);
        let dot = |a: &[f64], b: &[f64]| -> f64 { a.iter().zip(b).map(|(a, b)| a * b).sum() };
        assert_near(&[dot(&w, &pushed)], &[dot(&pulled, &v)], 1e-13);
        // The Hessian is symmetric.
        let hv = hvp(|x| first_of_wave(x), &x, &v);
        let hw = hvp(|x| first_of_wave(x), &x, &w);
        assert_near(&[dot(&w, &hv)], &[dot(&v, &hw)], 1e-11);
    }
}

#[test]
fn results_have_the_form_of_what_the_function_returns() {
    let x = [2.0, 3.0];
    let one: (f64, f64) = jvp(|x| x[0] * x[1], &x, &[1.0, 0.0]);
    let array: ([f64; 2], [f64; 2]) = jvp(|x| [x[0] * x[1], x[0]], &x, &[1.0, 0.0]);
    let list: (Vec<f64>, Vec<f64>) = jvp(|x| vec![x[0] * x[1], x[0]], &x, &[1.0, 0.0]);
    assert_eq!((one, array, list), ((6.0, 3.0), ([6.0, 2.0], [3.0, 1.0]), (vec![6.0, 2.0], vec![3.0, 1.0])));

    assert_eq!(jacobian(|x| x[0] * x[1], &x), Tensor::from([3.0, 2.0]));
    assert_eq!(jacobian(|x| [x[0] * x[1]], &x), Tensor::from([[3.0, 2.0]]));
    assert_eq!(jacobian(|x| vec![x[0] * x[1], x[0]], &x), Tensor::from([[3.0, 2.0], [1.0, 0.0]]));

    let one: (f64, Vec<f64>) = vjp(|x| x[0] * x[1], &x, 10.0);
    let array: ([f64; 2], Vec<f64>) = vjp(|x| [x[0] * x[1], x[0]], &x, [10.0, 1.0]);
    assert_eq!((one, array), ((6.0, vec![30.0, 20.0]), ([6.0, 2.0], vec![31.0, 20.0])));
    let w = vec![10.0, 1.0];
    let expected = (vec![6.0, 2.0], vec![31.0, 20.0]);
    assert_eq!(vjp(|x| vec![x[0] * x[1], x[0]], &x, &[10.0, 1.0]), expected);
    assert_eq!(vjp(|x| vec![x[0] * x[1], x[0]], &x, &w), expected);
    assert_eq!(vjp(|x| vec![x[0] * x[1], x[0]], &x, &w[..]), expected);
    assert_eq!(vjp(|x| vec![x[0] * x[1], x[0]], &x, w), expected);
}

#[test]
fn what_does_not_depend_on_a_variable_has_derivative_zero() {
    let x = [2.0, 3.0];
    // A constant: on no tape at all.
    assert_eq!(value_and_grad(|_| 5.0.into(), &x), (5.0, vec![0.0, 0.0]));
    assert_eq!(hvp(|_| Dual::constant(5.0).into(), &x, &[1.0, 1.0]), [0.0, 0.0]);
    assert_eq!(hessian(|_| Dual::constant(5.0).into(), &x), Tensor::zeros([2, 2]));
    assert_eq!(hessian_diagonal(|_| Dual::constant(Dual::constant(5.0)), &x), [0.0, 0.0]);
    assert_eq!(vjp(|_| 5.0.into(), &x, 1.0), (5.0, vec![0.0, 0.0]));
    assert_eq!(vjp(|x| vec![5.0.into(), x[1]], &x, &[1.0, 2.0]), (vec![5.0, 3.0], vec![0.0, 2.0]));
    assert_eq!(jvp(|x| [Dual::constant(5.0), x[1]], &x, &[1.0, 2.0]), ([5.0, 3.0], [0.0, 2.0]));
    assert_eq!(jacobian_reverse(|x| vec![5.0.into(), x[0]], &x), Tensor::from([[0.0, 0.0], [1.0, 0.0]]));
    assert_eq!(jacobian(|_| Dual::constant(5.0), &x), Tensor::from([0.0, 0.0]));
    // A variable that the result passes by, and a linear function for second derivatives.
    assert_eq!(grad(|x| x[1] * x[1], &x), [0.0, 6.0]);
    assert_eq!(hessian(|x| x[0] + 2.0 * x[1], &x), Tensor::zeros([2, 2]));
    assert_eq!(grad(|x| x[1].sign() + x[1].floor(), &x), [0.0, 0.0]);
}

#[test]
fn functions_of_no_variables_and_without_results() {
    let none: [f64; 0] = [];
    assert_eq!(value_and_grad(|_| 5.0.into(), &none), (5.0, vec![]));
    assert_eq!(grad(|x| x.iter().sum(), &none), none);
    assert_eq!(hessian(|x| x.iter().sum(), &none).shape(), [0, 0]);
    assert_eq!(hvp(|x| x.iter().sum(), &none, &none), none);
    assert_eq!(hessian_diagonal(|x| x.iter().sum(), &none), none);
    assert_eq!(jvp(|x| x.to_vec(), &none, &none), (vec![], vec![]));
    assert_eq!(jacobian(|_| [Dual::constant(5.0); 2], &none).shape(), [2, 0]);
    assert_eq!(jacobian(|x| x.iter().sum::<Dual<_>>(), &none).shape(), [0]);
    assert_eq!(jacobian_reverse(|_| vec![5.0.into(), 6.0.into()], &none).shape(), [2, 0]);
    assert_eq!(vjp(|_| vec![5.0.into()], &none, &[1.0]), (vec![5.0], vec![]));
    // No results.
    assert_eq!(jacobian(|_| vec![], &[1.0, 2.0]).shape(), [0, 2]);
    assert_eq!(jacobian_reverse(|_| vec![], &[1.0, 2.0]).shape(), [0, 2]);
    assert_eq!(vjp(|_| vec![], &[1.0, 2.0], &none), (vec![], vec![0.0, 0.0]));
}

#[test]
fn lengths_that_differ_are_errors_with_both_of_them() {
    let x = [1.0, 2.0];
    let words = ["jvp: [2] and [3]: the direction has one number for each variable"];
    assert_panics(line!(), &words, || jvp(|x| x[0], &x, &[1.0, 2.0, 3.0]));
    let words = ["hvp: [2] and [1]: the direction has one number for each variable"];
    assert_panics(line!(), &words, || hvp(|x| x[0], &x, &[1.0]));
    let words = ["vjp: [1] and [2]: the cotangent has one number for each result of the function"];
    assert_panics(line!(), &words, || vjp(|x| vec![x[0]], &x, &[1.0, 2.0]));
    let calls = Cell::new(0);
    let growing = |x: &[Dual<f64>]| {
        calls.set(calls.get() + 1);
        vec![x[0]; calls.get()]
    };
    let words = ["jacobian: [1] and [2]: the function returned more results at one call than at another"];
    assert_panics(line!(), &words, || jacobian(growing, &x));
}

#[test]
fn a_weight_of_zero_hides_an_infinite_slope() {
    let (_, pulled) = vjp(|x| vec![x[0].sqrt(), x[0] * 3.0], &[0.0], &[0.0, 1.0]);
    assert_eq!(pulled, [3.0]);
    assert_eq!(jvp(|x| [x[0].sqrt(), x[1] * 3.0], &[0.0, 1.0], &[0.0, 1.0]), ([0.0, 3.0], [0.0, 3.0]));
}

#[test]
fn the_number_of_calls_is_what_the_documentation_says() {
    let x = [1.0, 2.0, 3.0];
    let calls = Cell::new(0);
    let called = || calls.set(calls.get() + 1);
    macro_rules! assert_calls {
        ($expected:literal, $function:ident, $x:ident => $result:expr $(, $more:expr)?) => {
            calls.set(0);
            $function(
                |$x| {
                    called();
                    $result
                },
                &x
                $(, $more)?
            );
            assert_eq!(calls.get(), $expected);
        };
    }
    assert_calls!(1, grad, x => x[0] * x[1]);
    assert_calls!(1, value_and_grad, x => x[0] * x[1]);
    assert_calls!(1, vjp, x => vec![x[0], x[1]], &[1.0, 1.0]);
    assert_calls!(1, jvp, x => vec![x[0], x[1]], &[1.0; 3]);
    assert_calls!(1, jacobian_reverse, x => vec![x[0], x[1]]);
    assert_calls!(3, jacobian, x => vec![x[0], x[1]]);
    assert_calls!(1, hvp, x => x[0] * x[1], &[1.0; 3]);
    assert_calls!(3, hessian, x => x[0] * x[1]);
    assert_calls!(3, hessian_diagonal, x => x[0] * x[1]);
}

#[test]
fn a_derivative_can_be_taken_inside_a_function() {
    // The inner derivative is a number to the outer function: the closure captures values only.
    let slope = |a: f64| grad(|x| x[0].powi(2) * a, &[3.0])[0];
    assert_eq!(slope(5.0), 30.0);
    // On dual numbers it nests: d/da of d/dx (a x)³ at x = 1 is d/da 3a³.
    let (value, derivative) = jvp(|a| grad(|x| (x[0] * Var::from(a[0])).powi(3), &[1.0.into()])[0], &[2.0], &[1.0]);
    assert_eq!((value, derivative), (24.0, 36.0));
}

#[test]
fn a_thousand_variables() {
    let n = 1000;
    let x: Vec<f64> = (0..n).map(|i| (i as f64 * 0.37).sin()).collect();
    let v: Vec<f64> = (0..n).map(|i| (i as f64 * 0.11).cos()).collect();
    let gradient = grad(|x| rosenbrock(x), &x);
    let along: f64 = gradient.iter().zip(&v).map(|(g, v)| g * v).sum();
    assert_near(&[along], &[difference(rosenbrock, &x, &v)], 1e-8);
    assert_near(&[jvp(|x| rosenbrock(x), &x, &v).1], &[along], 1e-12);
    // Rosenbrock's Hessian has three diagonals.
    let hv = hvp(|x| rosenbrock(x), &x, &v);
    let second = |i: usize| {
        let left = if i > 0 { 200.0 * v[i] - 400.0 * x[i - 1] * v[i - 1] } else { 0.0 };
        let right =
            (i + 1 < n).then(|| (1200.0 * x[i] * x[i] - 400.0 * x[i + 1] + 2.0) * v[i] - 400.0 * x[i] * v[i + 1]);
        left + right.unwrap_or(0.0)
    };
    assert_near(&hv, &(0..n).map(second).collect::<Vec<_>>(), 1e-12);
}
