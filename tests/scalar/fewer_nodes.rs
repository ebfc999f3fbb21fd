//! Fused functions, functions of lists, sums over points: one node, and the gradient of what it stands for.

use super::assert_near;
use crate::common::assert_panics;
use gradtape::numeric::{self, Numeric, dot, logsumexp, mean, norm, polynomial, product, sum, sum_of_squares};
use gradtape::{Dual, MultiDual, Tape, Tensor, Var, fuse, hessian, hvp, jacobian, jacobian_reverse, sum_over};
use num_traits::Float;
use proptest::prelude::*;

/// How many nodes a piece of code records.
fn nodes<R>(tape: &Tape<f64>, f: impl FnOnce() -> R) -> (usize, R) {
    let before = tape.len();
    let result = f();
    (tape.len() - before, result)
}

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
    let words = ["fuse: the two operands are on different tapes"];
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
    let words = ["with_partials: [3] and [2]: there is one partial derivative for each input"];
    assert_panics(line!(), &words, || Var::with_partials(7.0, &x, &[10.0, 20.0]));
}

type Function<N> = (&'static str, fn(&[N]) -> N, fn(&[N]) -> N);

/// The functions of lists, and the same by operators.
fn functions<N: Numeric>() -> Vec<Function<N>> {
    fn fold<N: Numeric>(x: &[N], f: impl Fn(N, N) -> N) -> N {
        x[1..].iter().fold(x[0], |a, b| f(a, *b))
    }
    fn halves<N>(x: &[N]) -> (&[N], &[N]) {
        x.split_at(x.len() / 2)
    }
    fn number<N: Numeric>(x: f64) -> N {
        N::from_number(x)
    }
    vec![
        ("sum", |x| sum(x), |x| fold(x, |a, b| a + b)),
        ("iterator's sum", |x| x.iter().copied().sum(), |x| fold(x, |a, b| a + b)),
        ("mean", |x| mean(x), |x| fold(x, |a, b| a + b) / number(x.len() as f64)),
        ("product", |x| product(x), |x| fold(x, |a, b| a * b)),
        ("sum_of_squares", |x| sum_of_squares(x), |x| x.iter().fold(N::zero(), |s, x| s + *x * *x)),
        ("norm", |x| norm(x), |x| x.iter().fold(N::zero(), |s, x| s + *x * *x).sqrt()),
        ("logsumexp", |x| logsumexp(x), |x| x.iter().fold(N::zero(), |s, x| s + x.exp()).ln()),
        (
            "dot",
            |x| dot(halves(x).0, &halves(x).1[..x.len() / 2]),
            |x| {
                let (a, b) = halves(x);
                a.iter().zip(b).fold(N::zero(), |s, (a, b)| s + *a * *b)
            },
        ),
        ("dot of one list", |x| dot(x, x), |x| x.iter().fold(N::zero(), |s, x| s + *x * *x)),
        ("dot with numbers", |x| dot(&x[..2], &[2.0, -3.0]), |x| x[0] * number(2.0) - x[1] * number(3.0)),
        (
            "polynomial",
            |x| polynomial(&x[1..], x[0]),
            |x| x[1..].iter().enumerate().fold(N::zero(), |s, (k, c)| s + *c * x[0].powi(k as i32)),
        ),
        (
            "polynomial of numbers",
            |x| polynomial(&[1.0, -2.0, 3.0], x[1]),
            |x| number::<N>(1.0) - x[1] * number(2.0) + x[1] * x[1] * number(3.0),
        ),
    ]
}

proptest! {
    #[test]
    fn functions_of_lists_have_the_gradients_of_their_operations(x in prop::collection::vec(0.2f64..2.0, 2..9)) {
        for i in 0..functions::<f64>().len() {
            let tape = Tape::new();
            let (name, wide, operators) = functions::<Var<'_, f64>>()[i];
            let v = tape.vars(&x);
            let (n, y) = nodes(&tape, || wide(&v));
            prop_assert_eq!(n, 1, "{}", name);
            let expected = operators(&v);
            assert_near(name, y.value(), expected.value(), 1e-14);
            assert_near(name, y.value(), functions::<f64>()[i].1(&x), 0.0);
            let (gradient, reference) = (y.backward().wrt(&v), expected.backward().wrt(&v));
            for (found, expected) in gradient.iter().zip(reference) {
                assert_near(name, *found, expected, 1e-13);
            }
            // In one direction, by dual numbers; and the second derivative, by a tape of them.
            let direction: Vec<_> = x.iter().enumerate().map(|(i, x)| Dual::new(*x, (i as f64).cos())).collect();
            let tangent: f64 = gradient.iter().zip(&direction).map(|(g, d)| g * d.tangent).sum();
            assert_near(name, functions::<Dual<f64>>()[i].1(&direction).tangent, tangent, 1e-13);
            let v: Vec<_> = direction.iter().map(|d| d.tangent).collect();
            let found = hvp(|x| functions::<Var<'_, Dual<f64>>>()[i].1(x), &x, &v);
            let expected = hvp(|x| functions::<Var<'_, Dual<f64>>>()[i].2(x), &x, &v);
            for (found, expected) in found.into_iter().zip(expected) {
                assert_near(name, found, expected, 1e-11);
            }
        }
    }
}

#[test]
fn functions_of_lists_of_nothing_of_one_and_of_constants() {
    let tape = Tape::new();
    let none: [Var<'_, f64>; 0] = [];
    assert_eq!((sum(&none).value(), product(&none).value(), dot(&none, &none).value()), (0.0, 1.0, 0.0));
    assert_eq!((norm(&none).value(), logsumexp(&none).value()), (0.0, f64::NEG_INFINITY));
    assert_eq!((sum_of_squares::<f64>(&[]), polynomial::<f64, f64>(&[], 2.0)), (0.0, 0.0));
    assert_panics(line!(), &["mean: [0]: of no numbers there is no mean"], || mean(&none));
    let words = ["dot: [1] and [2]: both lists have as many numbers"];
    assert_panics(line!(), &words, || dot(&[1.0], &[1.0, 2.0]));
    let x = tape.var(3.0);
    for (name, y, slope) in [
        ("sum", sum(&[x]), 1.0),
        ("mean", mean(&[x]), 1.0),
        ("product", product(&[x]), 1.0),
        ("sum_of_squares", sum_of_squares(&[x]), 6.0),
        ("norm", norm(&[x]), 1.0),
        ("logsumexp", logsumexp(&[x]), 1.0),
        ("with constants", sum(&[Var::from(1.0), x, Var::from(2.0), x]), 2.0),
        ("product with constants", product(&[Var::from(5.0), x, Var::from(2.0)]), 10.0),
    ] {
        assert_eq!(y.backward().wrt(x), slope, "{name}");
    }
    assert!(sum(&[Var::from(1.0), Var::from(2.0)]).tape().is_none());
}

#[test]
fn functions_of_lists_at_awkward_points() {
    let tape = Tape::new();
    let zeros = tape.vars(&[0.0, 0.0, 0.0]);
    assert_eq!(norm(&zeros).backward().wrt(&zeros), [0.0; 3]);
    assert_eq!(product(&zeros).backward().wrt(&zeros), [0.0; 3]);
    let large = tape.vars(&[3e200, 4e200, 0.0]);
    assert_near("norm", norm(&large).value() / 1e200, 5.0, 1e-15);
    assert_near("slope", norm(&large).backward().wrt(large[0]), 0.6, 1e-15);
    for size in [1e30f32, 1e-30] {
        let tape = Tape::<f32>::new();
        let x = tape.vars(&[3.0 * size, 4.0 * size, 0.0]);
        assert!((norm(&x).value() / size - 5.0).abs() < 1e-6, "norm of {size}");
        assert!((norm(&x).backward().wrt(x[0]) - 0.6).abs() < 1e-6, "slope at {size}");
    }
    let y = logsumexp(&tape.vars(&[1e4, 1e4 - 1.0]));
    assert_near("logsumexp", y.value(), 1e4 + (-1f64).exp().ln_1p(), 1e-15);
    let low = tape.vars(&[f64::NEG_INFINITY; 3]);
    assert_eq!(logsumexp(&low).value(), f64::NEG_INFINITY);
    assert_eq!(logsumexp(&low).backward().wrt(&low), [0.0; 3]);
    let one = tape.vars(&[f64::NEG_INFINITY, 2.0, 2.0]);
    assert_eq!(logsumexp(&one).backward().wrt(&one), [0.0, 0.5, 0.5]);
}

#[test]
fn lists_of_two_tapes_are_refused() {
    let (one, two) = (Tape::new(), Tape::new());
    let x = [one.var(1.0), two.var(2.0)];
    assert_panics(line!(), &["sum: the two operands are on different tapes"], || sum(&x));
    assert_panics(line!(), &["dot: the two operands are on different tapes"], || dot(&x[..1], &x[1..]));
    assert_panics(line!(), &["logsumexp: the two operands are on different tapes"], || logsumexp(&x));
    // What was begun then is not in the next node.
    let y = sum(&[x[0], x[0], x[0]]);
    assert_eq!(y.backward().wrt(x[0]), 3.0);
}

#[test]
fn an_iterator_may_record_while_it_is_summed() {
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 2.0, 3.0, 4.0]);
    let y: Var<'_, f64> = x.iter().map(|x| numeric::sum_of_squares(&[*x, *x, *x])).sum();
    assert_eq!((y.value(), y.backward().wrt(&x)), (90.0, vec![6.0, 12.0, 18.0, 24.0]));
    let z: Var<'_, f64> = x.iter().map(|x| *x * 2.0).product();
    assert_eq!((z.value(), z.backward().wrt(x[3])), (384.0, 96.0));
}

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
    let words = ["sum_over: the two operands are on different tapes"];
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

#[test]
fn jacobians_of_many_results_by_several_adjoints_a_sweep() {
    fn results<T: Float>(x: &[T], m: usize) -> Vec<T> {
        (0..m)
            .map(|i| {
                let k = T::from(i + 1).unwrap();
                (x[i % 3] * k).sin() * x[(i + 1) % 3] + x[2].powi(i as i32 % 4) / k
            })
            .collect()
    }
    let x = [0.4, 1.7, -0.8];
    for m in [0, 1, 2, 3, 7, 8, 9, 10, 11, 17, 24] {
        let reverse = jacobian_reverse(|x| results(x, m), &x);
        let forward = jacobian(|x| results(x, m), &x);
        assert_eq!(reverse.shape(), [m, 3]);
        for (found, expected) in reverse.as_slice().iter().zip(forward.as_slice()) {
            assert_near(&format!("{m} results"), *found, *expected, 1e-13);
        }
    }
    // Constants, variables and results twice among them; wide nodes; infinite slopes that are masked out.
    let j = jacobian_reverse(
        |x| {
            let y = numeric::sum_of_squares(x);
            let root = (x[0] - x[0]).sqrt();
            vec![y, Var::from(3.0), x[1], y, root * 0.0 + x[1], y * x[2], x[0], root]
        },
        &[1.0, 2.0, 3.0],
    );
    let rows = j.as_slice().chunks(3).collect::<Vec<_>>();
    assert_eq!(rows[..3], [[2.0, 4.0, 6.0], [0.0; 3], [0.0, 1.0, 0.0]]);
    assert_eq!(rows[3..7], [[2.0, 4.0, 6.0], [0.0, 1.0, 0.0], [6.0, 12.0, 32.0], [1.0, 0.0, 0.0]]);
    // Tensors on the way take the other path.
    let j = jacobian_reverse(
        |x| {
            let tape = x[0].tape().expect("a variable of a tape");
            let y = tape.constant([1.0, 2.0]) * x[0];
            vec![y.at(&[0]), y.at(&[1]), x[1]]
        },
        &[5.0, 6.0],
    );
    assert_eq!(j, Tensor::from([[1.0, 0.0], [2.0, 0.0], [0.0, 1.0]]));
}

#[test]
fn gradients_of_several_variables_at_once() {
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 2.0, 3.0]);
    let y = x[0] * x[1];
    let unrelated = tape.var(1.0);
    let gradients = y.backward();
    assert_eq!(gradients.wrt(&x), [2.0, 1.0, 0.0]);
    assert_eq!(gradients.wrt(&x[1..]), [1.0, 0.0]);
    assert_eq!(gradients.wrt([x[1], y, unrelated]), [1.0, 1.0, 0.0]);
    let other = Tape::new();
    let words = ["wrt: these gradients come from another tape than the scalar 7"];
    assert_panics(line!(), &words, || gradients.wrt(&vec![x[0], other.var(7.0)]));
    assert_panics(line!(), &["wrt: 4 is a constant"], || gradients.wrt(&vec![x[0], Var::from(4.0)]));
}
