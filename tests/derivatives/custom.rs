//! Rules of the user's own, and gradients that are changed on their way.

use gradtape::gradcheck::GradCheck;
use gradtape::{Tape, Tensor, TensorVar, Var};

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
    assert!(report.note.unwrap().contains("implement gradtape::ops::Op"));
}

#[test]
fn a_wrong_rule_is_found() {
    let wrong = |x: &[Var<'_, f64>]| -> Tensor<f64> { Tensor::from([x[0].value()]) };
    let error = GradCheck::new().check_scalars(
        |x| match x[0].tape() {
            Some(tape) => tape.custom_scalar([x[0]], wrong(x).item().powi(2), [x[0].value()]),
            None => x[0],
        },
        &[3.0],
    );
    assert!(error.unwrap_err().to_string().contains("a factor of 2 too small"));
}

#[test]
fn scalars_with_their_partial_derivatives() {
    let product = |x: &[Var<'_, f64>]| x.iter().map(|x| x.value()).product::<f64>();
    fn of_three<'t>(x: &[Var<'t, f64>], value: f64) -> Var<'t, f64> {
        let partial = |i: usize| value / x[i].value();
        x[0].tape().unwrap().custom_scalar([x[0], x[1], x[2]], value, [partial(0), partial(1), partial(2)])
    }
    GradCheck::new().check_scalars(|x| of_three(x, product(x)).sin(), &[1.0, 2.0, 3.0]).unwrap();
    let (tape, other) = (Tape::new(), Tape::new());
    let x = tape.var(2.0);
    let y = tape.custom_scalar([x, 5.0.into()], 10.0, [5.0, 2.0]);
    assert_eq!(y.backward().wrt(x), 5.0);
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| other.custom_scalar([x], 1.0, [1.0])));
    assert!(panic.is_err());
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
}
