//! Scalars on the tape, as their users meet them: operators, the functions of `num_traits`, the edges, the tails.

#[path = "../common/mod.rs"]
mod common;

mod edges;
mod float;
mod fused;
mod kinds;
mod lists;
mod multi_dual;
mod operators;
mod points;
mod record;
mod several;
mod tails;

use gradtape::Tape;

/// The derivative of a function of one number by differences.
fn difference(f: impl Fn(f64) -> f64, x: f64) -> f64 {
    let h = 1e-4 * (1.0 + x.abs());
    (8.0 * (f(x + h) - f(x - h)) - (f(x + 2.0 * h) - f(x - 2.0 * h))) / (12.0 * h)
}

#[track_caller]
fn assert_near(what: &str, found: f64, expected: f64, tolerance: f64) {
    let near = (found - expected).abs() <= tolerance * (1.0 + expected.abs());
    assert!(near || found == expected, "{what}: {found} is not near {expected}");
}

/// How many nodes a piece of code records.
fn nodes<R>(tape: &Tape<f64>, f: impl FnOnce() -> R) -> (usize, R) {
    let before = tape.len();
    let result = f();
    (tape.len() - before, result)
}
