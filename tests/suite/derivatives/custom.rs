//! Rules of the user's own, and gradients that are changed on their way.

use gradtape::gradcheck::GradCheck;
use gradtape::{Dual, Tape, Tensor, TensorVar, Var};

#[test]
fn several_results_with_one_pullback_pass_the_gradient_check() {
    fn polar<'t>(x: &[TensorVar<'t, f64>]) -> [TensorVar<'t, f64>; 2] {
        let (r, a) = (x[0].value(), x[1].value());
        let (sin, cos) = (a.sin(), a.cos());
        let values = [&r * &cos, &r * &sin];
        x[0].tape()
            .custom_many([x[0], x[1]], values, move |[dx, dy]| [dx * &cos + dy * &sin, (dy * &cos - dx * &sin) * &r])
    }
    let inputs = [Tensor::from([[1.0, 2.0], [0.5, 1.5]]), Tensor::from([[0.1, -2.0], [0.7, 3.0]])];
    GradCheck::new().check(|x| polar(x)[0] * polar(x)[1].exp(), &inputs).unwrap();
    // One of the two is left out.
    GradCheck::new().check(|x| polar(x)[1], &inputs).unwrap();
    let report = GradCheck::new().order(2).check(|x| polar(x)[1], &inputs).unwrap();
    let note = report.note.unwrap();
    assert!(
        note.contains("give it to Tape::custom_recorded") && note.contains("implement gradtape::ops::Op"),
        "{note}"
    );
}

/// The cube root, by a function that the tape knows nothing of: the whole rule.
fn cube_root<'t>(x: TensorVar<'t, f64>) -> TensorVar<'t, f64> {
    let root = x.value().map(f64::cbrt);
    x.tape().custom_recorded([x], root, |_, y, g| [g / (3.0 * y.square())])
}

#[test]
fn a_recorded_pullback_is_differentiated_to_any_order() {
    let x = [Tensor::from([0.5, 1.0, 8.0])];
    let report = GradCheck::new().order(3).rtol(1e-5).check(|x| cube_root(x[0]).sin(), &x).unwrap();
    assert_eq!(report.orders.len(), 3, "{report}");
    // The third derivative of x^(1/3) is 10/27 x^(-8/3).
    let tape = Tape::new();
    let x = tape.tensor(8.0);
    let first = tape.gradient(cube_root(x), &[x])[0];
    let second = tape.gradient(first, &[x])[0];
    let found = [first.item(), second.item(), second.backward().wrt(x).item()];
    let expected = [1.0 / 12.0, -2.0 / 9.0 / 32.0, 10.0 / 27.0 / 256.0];
    assert!(found.iter().zip(expected).all(|(a, b)| (a - b).abs() < 1e-14), "{found:?} {expected:?}");
}

#[test]
fn recorded_pullbacks_of_several_inputs_and_results() {
    fn polar<'t>(x: &[TensorVar<'t, f64>]) -> [TensorVar<'t, f64>; 2] {
        let (r, a) = (x[0].value(), x[1].value());
        x[0].tape().custom_many_recorded([x[0], x[1]], [&r * a.cos(), &r * a.sin()], |[_, a], [x, y], [dx, dy]| {
            [dx * a.cos() + dy * a.sin(), dy * x - dx * y]
        })
    }
    let inputs = [Tensor::from([[1.0, 2.0], [0.5, 1.5]]), Tensor::from([[0.1, -2.0], [0.7, 3.0]])];
    let report = GradCheck::new().order(2).check(|x| polar(x)[0] * polar(x)[1].exp(), &inputs).unwrap();
    assert_eq!((report.orders.len(), report.note), (2, None));
    // A matrix of several rows times a vector that is broadcast, whose cotangent is summed.
    let scaled = |x: &[TensorVar<'_, f64>]| x[0].value() * x[1].value();
    let report = GradCheck::new().order(2).check(
        |x| x[0].tape().custom_recorded([x[0], x[1]], scaled(x), |[a, b], _, g| [g * b, g * a]),
        &[Tensor::from([[1.0, 2.0], [0.5, 1.5]]), Tensor::from([3.0, -1.0])],
    );
    assert_eq!(report.unwrap().orders.len(), 2);
}

#[test]
fn a_wrong_recorded_pullback_is_found_and_another_tape_is_an_error() {
    let wrong = |x: &[TensorVar<'_, f64>]| x[0].value().square();
    let error = GradCheck::new()
        .check(|x| x[0].tape().custom_recorded([x[0]], wrong(x), |[x], _, g| [g * x]), &[Tensor::from([1.0, 2.0])]);
    assert!(error.unwrap_err().to_string().contains("a factor of 2 too small"));
    let (tape, other) = (Tape::new(), Tape::new());
    let (x, y) = (tape.tensor([1.0]), other.tensor([1.0]));
    let mixed = || tape.custom_recorded([x, y], Tensor::from([1.0]), |[a, b], _, g| [g * b, g * a]).value();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(mixed)).unwrap_err();
    assert_eq!(panic.downcast_ref::<String>().unwrap(), "custom_recorded: the inputs are on another tape");
}

#[test]
fn results_computed_together() {
    // sin x and cos x as one rule: the derivative of 2 sin x + 3 cos x, twice where the pullback is recorded.
    let tape = Tape::new();
    let x = tape.tensor([0.3, -1.2, 2.0]);
    let (sin, cos) = (x.value().sin(), x.value().cos());
    let (s, c) = (sin.clone(), cos.clone());
    let plain = tape.custom_many([x], [sin.clone(), cos.clone()], move |[ds, dc]| [ds * &c - dc * &s]);
    let recorded = tape.custom_many_recorded([x], [sin.clone(), cos.clone()], |_, [s, c], [ds, dc]| [ds * c - dc * s]);
    let expected = &cos * 2.0 - &sin * 3.0;
    for [s, c] in [plain, recorded] {
        let found = (s * 2.0 + c * 3.0).sum().backward().wrt(x);
        approx::assert_relative_eq!(found, expected, max_relative = 1e-14);
    }
    let slope = tape.gradient((recorded[0] * 2.0 + recorded[1] * 3.0).sum(), &[x])[0];
    approx::assert_relative_eq!(slope.sum().backward().wrt(x), &sin * -2.0 - &cos * 3.0, max_relative = 1e-14);
    let slope = x.value().square() * 3.0;
    let cube = tape.custom([x], x.value().powi(3), move |g| [g * &slope]);
    approx::assert_relative_eq!(cube.sum().backward().wrt(x), x.value().square() * 3.0, max_relative = 1e-14);
}

#[test]
fn a_wrong_rule_is_found() {
    let wrong = |x: &[Var<'_, f64>]| -> Tensor<f64> { Tensor::from([x[0].value()]) };
    let error = GradCheck::new()
        .check_scalars(|x| Var::with_partials(wrong(x).item().powi(2), &[x[0]], &[x[0].value()]), &[3.0]);
    assert!(error.unwrap_err().to_string().contains("a factor of 2 too small"));
}

#[test]
fn scalars_with_their_partial_derivatives() {
    let product = |x: &[Var<'_, f64>]| x.iter().map(|x| x.value()).product::<f64>();
    fn of_three<'t>(x: &[Var<'t, f64>], value: f64) -> Var<'t, f64> {
        let partial = |i: usize| value / x[i].value();
        Var::with_partials(value, x, &[partial(0), partial(1), partial(2)])
    }
    GradCheck::new().check_scalars(|x| of_three(x, product(x)).sin(), &[1.0, 2.0, 3.0]).unwrap();
    let (tape, other) = (Tape::new(), Tape::new());
    let x = tape.var(2.0);
    let y = Var::with_partials(10.0, &[x, 5.0.into()], &[5.0, 2.0]);
    assert_eq!(y.backward().wrt(x), 5.0);
    let mixed = || Var::with_partials(1.0, &[x, other.var(1.0)], &[1.0, 1.0]);
    assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(mixed)).is_err());
    // On dual numbers the partial derivatives carry tangents, and so give second derivatives: of x³ at 2.
    let tape = Tape::<Dual<f64>>::new();
    let x = tape.var(Dual::new(2.0, 1.0));
    let y = Var::with_partials(x.value().powi(3), &[x], &[x.value().powi(2) * 3.0]);
    assert_eq!(y.backward().wrt(x).tangent, 12.0);
}

#[test]
fn clipped_and_reversed_gradients_can_be_differentiated_again() {
    let tape = Tape::new();
    let x = tape.tensor([0.5, 2.0]);
    let y = x.clip_gradient(-3.0, 3.0).powi(3).sum();
    let slope = tape.gradient(y, &[x])[0];
    assert_eq!(slope.value(), Tensor::from([0.75, 3.0]));
    // Where it is clipped, the slope no longer changes.
    assert_eq!(slope.sum().backward().wrt(x), Tensor::from([3.0, 0.0]));
    let y = x.reverse_gradient(2.0).powi(3).sum();
    let slope = tape.gradient(y, &[x])[0];
    // The slope is -2 · 3x² of the value behind a reversal, through which its own gradient goes.
    assert_eq!(slope.value(), Tensor::from([-1.5, -24.0]));
    let y = x.clip_gradient_norm(0.1).sum();
    let norm: f64 = y.backward().wrt(x).norm().item();
    assert!((norm - 0.1).abs() < 1e-15);
    assert_eq!((x.clip_gradient_norm(10.0) * 2.0).sum().backward().wrt(x), Tensor::from([2.0, 2.0]));
    assert_eq!((x.clip_gradient_norm(1.0) * 0.0).sum().backward().wrt(x), Tensor::from([0.0, 0.0]));
    assert_eq!((x * x.detach()).sum().backward().wrt(x), x.value());
}
