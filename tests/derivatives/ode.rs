//! Differential equations with solutions in closed form.

use gradtape::{Tape, Tensor, TensorVar, ode::Solver};

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
