//! A particle among charges: the force is a derivative, and where the flight ends is differentiated again.

use super::descent::minimise;
use super::input::{Answer, Input, Result, no_function};
use super::real::Real;
use gradtape::{Dual, MultiDual, Scalar, Tape, Var, fuse};
use serde_json::json;
use std::cell::RefCell;

/// Of charges at (10, 10 - w) and (10, 0).
fn potential<T: Real>([x, y]: [T; 2], w: T) -> T {
    let inverse_distance = |height: T| ((x - 10.0).powi(2) + (y - height).powi(2)).sqrt().recip();
    inverse_distance(-w + 10.0) + inverse_distance(T::zero())
}

/// How far along the ground the particle lands, squared.
fn energy<T: Real>(w: T, slope: impl Fn([T; 2], T) -> [T; 2]) -> T {
    let (dt, mut x, mut v) = (0.1, [0.0, 8.0].map(T::of), [0.75, 0.0].map(T::of));
    for _ in 0..100_000 {
        let a = slope(x, w).map(|slope| -slope);
        x = [0, 1].map(|i| x[i] + v[i] * dt);
        if x[1] <= T::zero() {
            let landed = x[0] - x[1] / v[1] * v[0];
            return landed * landed;
        }
        v = [0, 1].map(|i| v[i] + a[i] * dt);
    }
    panic!("the flight does not end");
}

/// The slope of the potential by forward mode.
fn forward<T: Scalar>(x: [T; 2], w: T) -> [T; 2] {
    potential(MultiDual::variables(x), MultiDual::constant(w)).tangents
}

/// The slope of the potential by reverse mode.
fn reverse<T: Scalar>(tape: &RefCell<Tape<T>>) -> impl Fn([T; 2], T) -> [T; 2] {
    |x, w| {
        let tape = &mut *tape.borrow_mut();
        tape.reset();
        let x = x.map(|x| tape.var(x));
        let gradients = potential(x, Var::from(w)).backward();
        gradients.wrt(x)
    }
}

/// The derivative of the energy by forward mode through the flight.
fn along_forward(w: f64, slope: impl Fn([Dual<f64>; 2], Dual<f64>) -> [Dual<f64>; 2]) -> f64 {
    energy(Dual::new(w, 1.0), slope).tangent
}

/// The same by reverse mode; the slopes at a place, by whatever mode, are one node each.
fn along_reverse(
    tape: &RefCell<Tape<f64>>,
    w: f64,
    slope: impl Fn([MultiDual<f64, 3>; 2], MultiDual<f64, 3>) -> [MultiDual<f64, 3>; 2],
) -> f64 {
    let tape = &mut *tape.borrow_mut();
    tape.reset();
    let w = tape.var(w);
    let slope = |[x, y]: [_; 2], w| fuse([x, y, w], |[x, y, w]| slope([x, y], w));
    energy(w, slope).backward().wrt(w)
}

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let start = [input.number("w")?];
    let outer = RefCell::new(Tape::new());
    let (plain, dual, fused) = (RefCell::default(), RefCell::default(), RefCell::default());
    let (plain, dual, fused) = (reverse(&plain), reverse(&dual), reverse(&fused));
    let by_forward = |along: &dyn Fn(f64) -> f64| minimise(|[w]| energy(w, forward), |[w]| [along(w)], start);
    let by_reverse = |along: &dyn Fn(f64) -> f64| minimise(|[w]| energy(w, &plain), |[w]| [along(w)], start);
    let ([w], runs) = match function {
        "ff" => input.run(|| by_forward(&|w| along_forward(w, forward))),
        "fr" => input.run(|| by_reverse(&|w| along_forward(w, &dual))),
        "rf" => input.run(|| by_forward(&|w| along_reverse(&outer, w, forward))),
        "rr" => input.run(|| by_reverse(&|w| along_reverse(&outer, w, &fused))),
        _ => return no_function(function),
    };
    Ok(Answer::new(json!(w), runs))
}
