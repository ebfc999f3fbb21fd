//! Differential equations with solutions in closed form.

use gradtape::{Dual, Tape, Tensor, TensorVar, ode::Solver};

/// The harmonic oscillator of frequency ω with state (position, velocity).
fn oscillator<'s>(_: f64, y: TensorVar<'s, f64>, p: &[TensorVar<'s, f64>]) -> TensorVar<'s, f64> {
    let position = y.slice(0, 0, 1, 1);
    let velocity = y.slice(0, 1, 2, 1);
    TensorVar::concat(&[velocity, -position * p[0].square()], 0)
}

/// Position, and its derivatives by the initial position, the initial velocity and ω, at time t.
fn exact(x: f64, v: f64, w: f64, t: f64) -> [f64; 4] {
    let (s, c) = (w * t).sin_cos();
    [x * c + v / w * s, c, s / w, -x * t * s + v / w * t * c - v / (w * w) * s]
}

#[test]
fn the_oscillator_by_both_ways() {
    let (t, w) = (2.0, 1.5);
    let expected = exact(1.0, 0.5, w, t);
    let check = |solver: Solver, adjoint: bool, tolerance: f64| {
        let tape = Tape::new();
        let (y0, w) = (tape.tensor([1.0, 0.5]), tape.tensor(w));
        let y = match adjoint {
            true => solver.solve_adjoint(oscillator, y0, (0.0, t), &[w]),
            false => solver.solve(oscillator, y0, (0.0, t), &[w]),
        };
        let gradients = y.at(&[0]).backward();
        let by_start = gradients.wrt(y0);
        let found = [y.value().as_slice()[0], by_start.as_slice()[0], by_start.as_slice()[1], gradients.wrt(w).item()];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < tolerance, "{solver:?} {adjoint}: {found} {expected}");
        }
    };
    check(Solver::dormand_prince(1e-12, 1e-12), false, 1e-10);
    check(Solver::dormand_prince(1e-12, 1e-12), true, 1e-10);
    check(Solver::rk4(1000), false, 1e-10);
    check(Solver::rk4(1000), true, 1e-10);
}

#[test]
fn orders_of_the_methods() {
    let error = |steps: usize| {
        let tape = Tape::new();
        let y0 = tape.tensor(1.0);
        let y = Solver::rk4(steps).solve(|t, y, _| y * t.cos(), y0, (0.0, 2.0), &[]);
        f64::abs(y.item() - 2f64.sin().exp())
    };
    let ratio = error(20) / error(40);
    assert!((14.0..18.0).contains(&ratio), "{ratio}");
}

#[test]
fn adaptive_steps_follow_the_tolerance() {
    let mut before = f64::INFINITY;
    for tolerance in [1e-4, 1e-7, 1e-10] {
        let tape = Tape::new();
        let y0 = tape.tensor([1.0, 0.0]);
        let w = tape.tensor(3.0);
        let y = Solver::dormand_prince(tolerance, tolerance).solve(oscillator, y0, (0.0, 5.0), &[w]);
        let error = (y.value().as_slice()[0] - 15f64.cos()).abs();
        assert!(error < 100.0 * tolerance && error < before, "{tolerance}: {error}");
        before = error;
    }
}

#[test]
fn second_derivatives_go_through_the_steps() {
    // y = e^(a t): ∂²/∂a² = t² e^(a t).
    let tape = Tape::new();
    let (y0, a) = (tape.tensor(1.0), tape.tensor(0.7));
    let y = Solver::dormand_prince(1e-12, 1e-12).solve(|_, y, p| y * p[0], y0, (0.0, 1.5), &[a]);
    let first = tape.gradient(y, &[a])[0];
    let second: f64 = first.backward().wrt(a).item();
    assert!((second - 2.25 * 1.05f64.exp()).abs() < 1e-9, "{second}");
}

#[test]
fn the_adjoint_equation_is_differentiated_again() {
    // y = y₀ e^(a t): the derivatives by a are tᵏ y, and ∂²/∂a∂y₀ is t e^(a t).
    let (start, rate, t) = (2.0, 0.7, 1.5);
    let solver = Solver::dormand_prince(1e-12, 1e-12);
    let tape = Tape::new();
    let (y0, a) = (tape.tensor(start), tape.tensor(rate));
    let y = solver.solve_adjoint(|_, y, p| y * p[0], y0, (0.0, t), &[a]);
    let first = tape.gradient(y, &[a, y0]);
    let second = tape.gradient(first[0], &[a, y0]);
    let exact = f64::exp(rate * t);
    let near = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-10 * expected, "{found} {expected}");
    near(first[0].item(), t * start * exact);
    near(first[1].item(), exact);
    near(second[0].item(), t * t * start * exact);
    near(second[1].item(), t * exact);
    near(second[0].backward().wrt(a).item(), t.powi(3) * start * exact);
    // Forward over reverse, on dual numbers.
    let tape = Tape::<Dual<f64>>::new();
    let (y0, a) = (tape.tensor(Dual::constant(start)), tape.tensor(Dual::new(rate, 1.0)));
    let y = solver.solve_adjoint(|_, y, p| y * p[0], y0, (0.0, t), &[a]);
    near(y.item().tangent, t * start * exact);
    near(y.backward().wrt(a).item().tangent, t * t * start * exact);
}

#[test]
fn second_derivatives_of_a_system_by_the_adjoint_equation_and_through_the_steps() {
    let of = |adjoint: bool| {
        let tape = Tape::new();
        let (y0, w) = (tape.tensor([1.0, 0.5]), tape.tensor(1.5));
        let solver = Solver::dormand_prince(1e-12, 1e-12);
        let y = match adjoint {
            true => solver.solve_adjoint(oscillator, y0, (0.0, 2.0), &[w]),
            false => solver.solve(oscillator, y0, (0.0, 2.0), &[w]),
        };
        let slope = tape.gradient(y.square().sum(), &[w, y0]);
        let gradients = (slope[0] + slope[1].sum()).backward();
        (gradients.wrt(w), gradients.wrt(y0))
    };
    let ((by_w, by_start), (w, start)) = (of(true), of(false));
    approx::assert_relative_eq!(by_w, w, max_relative = 1e-9);
    approx::assert_relative_eq!(by_start, start, max_relative = 1e-9);
    // Without parameters there is a gradient too: y = y₀ e^(sin t).
    let tape = Tape::new();
    let y0 = tape.tensor([1.0, 2.0]);
    let y = Solver::rk4(400).solve_adjoint(|t, y, _| y * t.cos(), y0, (0.0, 2.0), &[]);
    let slope = tape.gradient(y.powi(3).sum(), &[y0])[0];
    let exact = (3.0 * 2f64.sin()).exp() * 6.0;
    approx::assert_relative_eq!(slope.sum().backward().wrt(y0), y0.value() * exact, max_relative = 1e-8);
}

#[test]
fn backwards_in_time_an_empty_span_and_a_pole() {
    let tape = Tape::new();
    let y0 = tape.tensor([1.0, 2.0]);
    let solver = Solver::dormand_prince(1e-11, 1e-11);
    let y = solver.solve(|_, y, _| y * 0.5, y0, (2.0, 0.0), &[]);
    approx::assert_relative_eq!(y.value(), Tensor::from([1.0, 2.0]) * (-1f64).exp(), max_relative = 1e-10);
    assert_eq!(solver.solve(|_, y, _| y * 0.5, y0, (2.0, 2.0), &[]).value(), y0.value());
    let solve = || solver.solve(|_, y, _| y.square(), y0, (0.0, 2.0), &[]).value();
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(solve)).unwrap_err();
    assert!(panic.downcast_ref::<String>().unwrap().contains("the steps become too small at t = 0."));
}

#[test]
#[should_panic(expected = "both ends of the span must be finite")]
fn a_span_without_an_end_is_an_error() {
    let tape = Tape::new();
    let (y0, a) = (tape.tensor([1.0]), tape.tensor([0.5]));
    Solver::dormand_prince(1e-6, 1e-6).solve(|_, y, p| y * p[0], y0, (0.0, f64::INFINITY), &[a]);
}
