//! Functions of lists: one node, and the gradient of what it stands for.

use super::{assert_near, nodes};
use crate::common::assert_panics;
use gradtape::numeric::{self, Numeric, dot, logsumexp, mean, norm, polynomial, product, sum, sum_of_squares};
use gradtape::{Dual, FromNumber, Tape, Var, hvp};
use proptest::prelude::*;

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
    let words = ["dot: [1] and [2]: the lists must be of one length"];
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

/// A number of which a conversion records something.
#[derive(Clone, Copy)]
struct Squared<'t>(Var<'t, f64>);

impl<'t> FromNumber<Squared<'t>> for Var<'t, f64> {
    fn from_number(number: Squared<'t>) -> Self {
        sum_of_squares(&[number.0])
    }
}

#[test]
fn a_conversion_that_records_while_a_list_is_read_is_an_error() {
    let tape = Tape::new();
    let x = tape.vars(&[1.0, 2.0, 3.0]);
    let y: Vec<_> = x.iter().map(|x| Squared(*x)).collect();
    assert_panics(line!(), &["dot: converting one of its numbers recorded something on the tape"], || dot(&x, &y));
    assert_panics(line!(), &["polynomial: converting one"], || polynomial(&y, x[0]));
    let y: Vec<Var<'_, f64>> = y.into_iter().map(Var::from_number).collect();
    assert_eq!(dot(&x, &y).backward().wrt(&x), [3.0, 12.0, 27.0]);
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
    assert_eq!(logsumexp(&low).backward().wrt(&low), [1.0 / 3.0; 3]);
    let high = tape.vars(&[f64::INFINITY, 2.0]);
    assert_eq!(logsumexp(&high).value(), f64::INFINITY);
    assert_eq!(logsumexp(&high).backward().wrt(&high), [1.0, 0.0]);
    let one = tape.vars(&[f64::NEG_INFINITY, 2.0, 2.0]);
    assert_eq!(logsumexp(&one).backward().wrt(&one), [0.0, 0.5, 0.5]);
}

#[test]
fn logsumexp_of_long_lists_is_that_of_short_ones() {
    for n in [7, 8, 63, 64, 65, 200] {
        let numbers: Vec<f64> = (0..n).map(|i| f64::from(i * 37 % 101) / 20.0 - 2.0).collect();
        let by_hand = numbers.iter().map(|x| x.exp()).sum::<f64>().ln();
        let tape = Tape::new();
        let x = tape.vars(&numbers);
        let y = logsumexp(&x);
        assert_near("value", y.value(), by_hand, 1e-14);
        assert_eq!(logsumexp(&numbers), y.value());
        for (number, slope) in numbers.iter().zip(y.backward().wrt(&x)) {
            assert_near("slope", slope, (number - by_hand).exp(), 1e-13);
        }
        let infinite = |place: usize| {
            let mut numbers = numbers.clone();
            numbers[place] = f64::INFINITY;
            numbers
        };
        for place in [0, numbers.len() - 1] {
            let x = tape.vars(&infinite(place));
            let y = logsumexp(&x);
            assert_eq!((y.value(), y.backward().wrt(x[place])), (f64::INFINITY, 1.0), "{n}, {place}");
        }
    }
}

#[test]
fn lists_of_two_tapes_are_refused() {
    let (one, two) = (Tape::new(), Tape::new());
    let x = [one.var(1.0), two.var(2.0)];
    assert_panics(line!(), &["sum: its operands are on different tapes"], || sum(&x));
    assert_panics(line!(), &["dot: its operands are on different tapes"], || dot(&x[..1], &x[1..]));
    assert_panics(line!(), &["logsumexp: its operands are on different tapes"], || logsumexp(&x));
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

#[test]
fn a_factor_of_a_list_does_not_overflow_where_its_slopes_would_not() {
    let tape = Tape::new();
    let x = tape.vars(&[1e-300; 3]);
    let gradients = (sum_of_squares(&x) * 1.7e308).backward();
    assert_near("slope", gradients.wrt(x[1]), 2e-300 * 1.7e308, 1e-12);
    let x = tape.vars(&[1e-5; 3]);
    assert_near("norm", (norm(&x) * 1e308).backward().wrt(x[0]), 1e308 / 3f64.sqrt(), 1e-12);
}
