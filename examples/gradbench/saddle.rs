//! A saddle point: an optimisation inside another, whose steps are differentiated as they were taken.

use super::descent::minimise;
use super::input::{Answer, Input, Result, no_function};
use super::real::Real;
use gradtape::{MultiDual, Scalar, Tape, Var, fuse};
use serde_json::json;
use std::cell::RefCell;

/// A bowl along x, and a hill along y.
fn surface<T: Real>(x: [T; 2], y: [T; 2]) -> T {
    (x[0] * x[0] + x[1] * x[1]) - (y[0] * y[0] + y[1] * y[1])
}

/// Where the hill beside `x` has its top, by the slopes along y.
fn top<T: Real>(x: [T; 2], start: [f64; 2], slope: impl Fn([T; 2], [T; 2]) -> [T; 2]) -> [T; 2] {
    minimise(|y| -surface(x, y), |y| slope(x, y).map(|slope| -slope), start.map(T::of))
}

/// How high that top is.
fn height<T: Real>(x: [T; 2], start: [f64; 2], slope: impl Fn([T; 2], [T; 2]) -> [T; 2]) -> T {
    surface(x, top(x, start, slope))
}

/// The slopes along y by forward mode.
fn forward<T: Scalar>(x: [T; 2], y: [T; 2]) -> [T; 2] {
    surface(x.map(MultiDual::constant), MultiDual::variables(y)).tangents
}

/// The slopes along y by reverse mode.
fn reverse<T: Scalar>(tape: &RefCell<Tape<T>>) -> impl Fn([T; 2], [T; 2]) -> [T; 2] {
    |x, y| {
        let tape = &mut *tape.borrow_mut();
        tape.reset();
        let y = y.map(|y| tape.var(y));
        let gradients = surface(x.map(Var::from), y).backward();
        gradients.wrt(y)
    }
}

/// The slopes of the height along x by forward mode through the descent.
fn along_forward(x: [f64; 2], start: [f64; 2], slope: impl Fn([Dual2; 2], [Dual2; 2]) -> [Dual2; 2]) -> [f64; 2] {
    height(MultiDual::variables(x), start, slope).tangents
}

type Dual2 = MultiDual<f64, 2>;

/// The same by reverse mode; a step's slopes, by whatever mode, are one node each.
fn along_reverse(
    tape: &RefCell<Tape<f64>>,
    x: [f64; 2],
    start: [f64; 2],
    slope: impl Fn([Dual4; 2], [Dual4; 2]) -> [Dual4; 2],
) -> [f64; 2] {
    let tape = &mut *tape.borrow_mut();
    tape.reset();
    let x = x.map(|x| tape.var(x));
    let slope =
        |[x1, x2]: [_; 2], [y1, y2]: [_; 2]| fuse([x1, x2, y1, y2], |[x1, x2, y1, y2]| slope([x1, x2], [y1, y2]));
    let gradients = height(x, start, slope).backward();
    gradients.wrt(x)
}

type Dual4 = MultiDual<f64, 4>;

pub(crate) fn evaluate(function: &str, input: Input<'_>) -> Result<Answer> {
    let start = input.array::<2>("start")?;
    let outer = RefCell::new(Tape::new());
    let (plain, dual, fused) = (RefCell::default(), RefCell::default(), RefCell::default());
    let (plain, dual, fused) = (reverse(&plain), reverse(&dual), reverse(&fused));
    let by_forward = |along: &dyn Fn([f64; 2]) -> [f64; 2]| {
        let x = minimise(|x| height(x, start, forward), along, start);
        (x, top(x, start, forward))
    };
    let by_reverse = |along: &dyn Fn([f64; 2]) -> [f64; 2]| {
        let x = minimise(|x| height(x, start, &plain), along, start);
        (x, top(x, start, &plain))
    };
    let ((x, y), runs) = match function {
        "ff" => input.run(|| by_forward(&|x| along_forward(x, start, forward))),
        "fr" => input.run(|| by_reverse(&|x| along_forward(x, start, &dual))),
        "rf" => input.run(|| by_forward(&|x| along_reverse(&outer, x, start, forward))),
        "rr" => input.run(|| by_reverse(&|x| along_reverse(&outer, x, start, &fused))),
        _ => return no_function(function),
    };
    Ok(Answer::new(json!([x, y].as_flattened()), runs))
}
