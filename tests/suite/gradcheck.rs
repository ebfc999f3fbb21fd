//! The check itself: what it reports, and what it says where it cannot check. That it finds mistakes is in `planted`.

use gradtape::{Tensor, gradcheck, gradcheck::GradCheck};
use std::cell::Cell;

fn message(result: gradtape::Result<gradtape::gradcheck::Report>) -> String {
    match result {
        Ok(report) => panic!("the check passed:\n{report}"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn report_counts_and_names_the_worst_element() {
    let (x, w) = (Tensor::from([[0.5, -1.0, 0.2], [2.0, 0.1, -0.4]]), Tensor::from([[1.0], [0.3], [-2.0]]));
    let report = GradCheck::new().order(2).check(|x| x[0].matmul(x[1]).tanh(), &[x, w]).unwrap();
    let [first, second] = &report.orders[..] else { panic!("two orders") };
    assert_eq!((first.checked, first.elements, first.kinks), (9, 9, 0));
    // The second order is in the inputs and in the cotangent of shape [2, 1].
    assert_eq!((second.checked, second.elements), (11, 11));
    for order in &report.orders {
        assert!(order.worst.relative < 1e-8, "{report}");
        assert!(order.taylor_rate.is_some_and(|rate| (1.9..3.5).contains(&rate)), "{report}");
    }
    let text = report.to_string();
    assert!(text.lines().count() == 3 && text.starts_with("order  elements"), "{text}");
    assert!(text.contains("input 0 [") || text.contains("input 1 ["), "{text}");
}

#[test]
fn a_linear_function_has_no_remainder() {
    let report = GradCheck::new().order(2).check(|x| x[0] * 3.0, &[Tensor::from([1.0, -2.0])]).unwrap();
    assert_eq!(report.orders[0].taylor_rate, None);
    assert!(report.to_string().contains("exact"));
}

#[test]
fn third_order() {
    let x = [Tensor::from([0.5, -1.2]), Tensor::from([0.3, 0.8])];
    let report = GradCheck::new().order(3).check(|x| (x[0] * x[1]).sin() / x[1].exp(), &x).unwrap();
    assert_eq!(report.orders.len(), 3);
    assert!(report.worst().relative < 1e-6, "{report}");
}

#[test]
fn scalars() {
    let report = GradCheck::new()
        .order(2)
        .check_scalars(|x| 100.0 * (x[1] - x[0].powi(2)).powi(2) + (1.0 - x[0]).powi(2), &[-1.2, 1.0])
        .unwrap();
    assert_eq!(report.orders.len(), 1);
    assert!(report.note.as_ref().unwrap().contains("passes through scalars"), "{report}");
    assert!(report.worst().name.starts_with("x["), "{report}");
    // A constant function of scalars has gradient 0.
    GradCheck::new().check_scalars(|_| 2.0.into(), &[1.0]).unwrap();
}

#[test]
fn a_closure_is_checked_to_first_order() {
    let report = GradCheck::new()
        .order(2)
        .check(
            |x| {
                let slope = x[0].value().map(|x| 3.0 * x * x);
                x[0].tape().custom([x[0]], x[0].value().map(|x| x * x * x), move |g| [g * &slope])
            },
            &[Tensor::from([1.0, 2.0])],
        )
        .unwrap();
    assert_eq!(report.orders.len(), 1);
    assert!(report.to_string().contains("no derivative of order 2"), "{report}");
}

#[test]
fn a_constant_result_has_gradient_zero() {
    GradCheck::new().order(2).check(|x| x[0].tape().constant([1.0, 2.0]), &[Tensor::from([1.0])]).unwrap();
}

#[test]
fn a_cut_path_is_missing() {
    let text = message(GradCheck::new().check(|x| x[0].detach().square(), &[Tensor::from([1.0, 2.0])]));
    assert!(text.contains("2 of 2 elements of input 0") && text.contains("missing"), "{text}");
}

#[test]
fn a_function_that_changes_is_found() {
    let calls = Cell::new(0.0);
    let changing = GradCheck::new().check(
        |x| {
            calls.set(calls.get() + 1.0);
            x[0] * calls.get()
        },
        &[Tensor::from([1.0])],
    );
    assert!(message(changing).starts_with("the function is not deterministic"));
}

#[test]
fn what_is_not_finite_is_named() {
    let at = |x: [f64; 3]| [Tensor::from(x)];
    let text = message(GradCheck::new().check(|x| x[0].ln(), &at([1.0, 0.0, 2.0])));
    assert_eq!(text, "the value is -inf at the result [1]");
    let text = message(GradCheck::new().check(|x| x[0].sqrt(), &at([1.0, 4.0, 0.0])));
    assert_eq!(text, "the derivative of order 1 is inf at input 0 [2]".replace("inf", &text_sign(&text)));
    let text = message(GradCheck::new().check(|x| x[0].exp(), &at([f64::NAN, 4.0, 0.0])));
    assert_eq!(text, "gradcheck: input 0 holds NaN");
    let text = message(GradCheck::new().check(|x| x[0].powf(1.5), &at([0.0, 4.0, 1.0])));
    assert!(text.contains("no finite value on one side of input 0 [0]"), "{text}");
}

/// An infinite slope has the sign of the random cotangent.
fn text_sign(text: &str) -> String {
    if text.contains("-inf") { "-inf".into() } else { "inf".into() }
}

#[test]
fn kinks_are_an_error_of_their_own() {
    for x in [0.0, 1e-13, -1e-13] {
        let text = message(GradCheck::new().check(|x| x[0].relu(), &[Tensor::from([1.0, x])]));
        assert!(text.starts_with("the gradient could not be checked"), "{text}");
        assert!(text.contains("a kink lies within the step of input 0 [1]: slopes"), "{text}");
    }
    // Also where the central difference happens to agree with the choice at the kink.
    let text = message(GradCheck::new().check(|x| x[0].abs(), &[Tensor::from([0.0])]));
    assert!(text.contains("a kink lies within the step of a random direction"), "{text}");
    let report = GradCheck::new().order(2).allow_kinks().check(|x| x[0].relu(), &[Tensor::from([0.0, 1.0])]).unwrap();
    assert_eq!(report.orders[0].kinks, 1);
    assert!(report.to_string().contains("1 kink accepted"), "{report}");
}

#[test]
fn kinks_away_from_the_point_do_not_matter() {
    for distance in [1e-3, 1e-5, 3e-6, 1e-6] {
        let x = [Tensor::from([distance, -distance, 2.0])];
        for report in [
            GradCheck::new().order(2).check(|x| x[0].relu() * x[0], &x),
            GradCheck::new().order(2).check(|x| x[0].abs().exp(), &x),
            GradCheck::new().order(2).check(|x| x[0].maximum(0.0) + x[0].sin(), &x),
        ] {
            report.unwrap_or_else(|error| panic!("at {distance:e}: {error}"));
        }
    }
}

#[test]
fn a_jump_is_named() {
    let text = message(GradCheck::new().check(|x| x[0].floor() + x[0], &[Tensor::from([2.0])]));
    assert!(text.contains("a jump of the function lies within the step of input 0 [0]"), "{text}");
}

#[test]
fn large_inputs_are_sampled() {
    let x = [Tensor::<f64>::randn([300], &mut gradtape::Rng::new(1))];
    let report = GradCheck::new().elements(20).check(|x| x[0].tanh(), &x).unwrap();
    assert_eq!((report.orders[0].checked, report.orders[0].elements), (20, 300));
    assert!(report.to_string().contains("20 of 300"), "{report}");
}

#[test]
fn infinite_inputs_stay_where_they_are() {
    let x = [Tensor::from([0.5, f64::NEG_INFINITY, -1.0])];
    let report = GradCheck::new().order(2).check(|x| x[0].exp(), &x).unwrap();
    assert_eq!((report.orders[0].checked, report.orders[0].elements), (2, 3));
}

#[test]
fn no_inputs() {
    let result = GradCheck::new().check(|_| unreachable!("there is nothing to check"), &[]);
    assert_eq!(message(result), "gradcheck: there is no input to differentiate with respect to");
}

#[test]
fn nothing_to_check_is_an_error() {
    let nothing = "a size of 0 leaves nothing to check";
    // The macro sees a size of 0 only where it is written out.
    const NONE: usize = 0;
    let panic = std::panic::catch_unwind(|| gradcheck!(|x: [NONE]| x.detach()));
    assert_eq!(*panic.unwrap_err().downcast::<String>().unwrap(), format!("gradcheck: the inputs: {nothing}"));
    let panic = std::panic::catch_unwind(|| gradcheck!(|x: [2]| x.slice(0, 0, 0, 1)));
    assert_eq!(*panic.unwrap_err().downcast::<String>().unwrap(), format!("gradcheck: the result: {nothing}"));
    // One input among others may be empty.
    GradCheck::new().check(|x| x[0].sum() + x[1].sin(), &[Tensor::zeros([0]), Tensor::from([1.0])]).unwrap();
}

#[test]
fn tolerances_that_let_everything_pass_are_refused() {
    let refused = |set: fn(GradCheck) -> GradCheck| {
        let panic = std::panic::catch_unwind(move || set(GradCheck::new())).unwrap_err();
        *panic.downcast::<String>().unwrap()
    };
    for text in [refused(|c| c.rtol(1.0)), refused(|c| c.rtol(-1e-6)), refused(|c| c.rtol(f64::NAN))] {
        assert!(text.starts_with("rtol: ") && text.contains("below 1"), "{text}");
    }
    for text in [refused(|c| c.atol(f64::INFINITY)), refused(|c| c.atol(-1.0)), refused(|c| c.atol(f64::NAN))] {
        assert!(text.starts_with("atol: "), "{text}");
    }
}

#[test]
fn the_macro() {
    gradcheck!(|x: [3, 4], w: [4, 2]| x.matmul(w).tanh().sum());
    gradcheck!(|x: [5] in 0.1..2.0| x.ln());
    gradcheck!(|x: [] in -1.0..1.0, z: [2, 1]| x / (1.0 + z.square()));
    gradcheck!(order = 3, seeds = 1; |x: [3]| x.sin());
    gradcheck!(order = 1, rtol = 1e-5, seed = 4; |x: [2, 3], z: [3] in 0.5..2.0,| {
        let ratio = x / z;
        ratio.softplus()
    });
}

#[test]
fn the_macro_panics_at_its_own_line() {
    let line = std::sync::Arc::new(std::sync::Mutex::new(0));
    let previous = std::panic::take_hook();
    let seen = line.clone();
    std::panic::set_hook(Box::new(move |info| {
        let Some(location) = info.location() else { return };
        if location.file().ends_with("gradcheck.rs") && location.file().starts_with("tests") {
            *seen.lock().unwrap() = location.line();
        } else {
            previous(info);
        }
    }));
    let expected = line!() + 2;
    let result = std::panic::catch_unwind(|| {
        gradcheck!(|x: [2]| x.detach().square());
    });
    let _ = std::panic::take_hook();
    let text = *result.unwrap_err().downcast::<String>().unwrap();
    assert!(text.starts_with("gradcheck: the gradient is wrong: 2 of 2 elements of x\n"), "{text}");
    assert_eq!(*line.lock().unwrap(), expected);
}

gradcheck! {
    seeds = 2;

    /// Kept.
    fn an_item_is_a_test(x: [3, 4] in -2.0..2.0, w: [4, 2]) {
        x.matmul(w).tanh().sum()
    }

    #[test]
    #[gradcheck(order = 1, allow_kinks)]
    fn its_settings_stand_in_an_attribute(x: [3] in -1..1) {
        let y = x * 0.0;
        y.relu()
    }

    #[should_panic = "elements of x\n  x[0]: analytic 0"]
    fn attributes_are_kept(x: [2]) { x.detach().exp() }
}

#[test]
fn every_case_of_the_macro_is_checked_at_its_own_line() {
    let check = |wrong: usize| {
        let cut = move |i: usize| i == wrong;
        std::panic::catch_unwind(move || {
            gradcheck!(
                |x: [2]| if cut(0) { x.detach() } else { x };
                |w: [3]| if cut(1) { w.detach() } else { w };
            );
        })
    };
    let text = |wrong| *check(wrong).unwrap_err().downcast::<String>().unwrap();
    assert!(check(2).is_ok());
    assert!(text(0).contains("2 of 2 elements of x\n"), "{}", text(0));
    assert!(text(1).contains("3 of 3 elements of w\n"), "{}", text(1));
}

#[test]
fn numbers_are_drawn_from_their_range() {
    // The point itself comes first.
    let first = std::cell::OnceCell::new();
    gradcheck!(order = 1; |x: [50] in 5.0..6.0, y: [50] in -1..=1| {
        first.get_or_init(|| (x.value(), y.value()));
        x.ln() * y
    });
    let (x, y) = first.get().unwrap();
    assert!(x.iter().all(|x| (5.0..6.0).contains(x)) && y.iter().all(|y| (-1.0..1.0).contains(y)), "{x}\n{y}");
    let empty = std::panic::catch_unwind(|| {
        let (low, high) = (2.0, 1.0);
        gradcheck!(|x: [2] in low..high| x);
    });
    assert_eq!(*empty.unwrap_err().downcast::<String>().unwrap(), "gradcheck: x: the range 2.0..1.0 is empty");
}
