//! Kinks, ties, poles and NaN: the chosen slopes, and that nothing infinite spoils what it has no part in.

use super::assert_near;
use gradtape::{Dual, Tape, Var};
use num_traits::Float;

/// The slope of a function of one number by the tape; forward mode must agree with it.
#[track_caller]
fn slope(x: f64, f: impl Fn(Var<'_, f64>) -> Var<'_, f64>, dual: impl Fn(Dual<f64>) -> Dual<f64>) -> f64 {
    let tape = Tape::new();
    let variable = tape.var(x);
    let slope = f(variable).backward().wrt(variable);
    let tangent = dual(Dual::new(x, 1.0)).tangent;
    assert!(slope == tangent || slope.is_nan() && tangent.is_nan(), "reverse {slope}, forward {tangent}");
    slope
}

macro_rules! slope {
    (|$x:ident| $result:expr, at $at:expr) => {
        slope($at, |$x| $result, |$x| $result)
    };
}

#[test]
fn powers_at_zero() {
    assert_eq!(slope!(|x| x.powi(0), at 0.0), 0.0);
    assert_eq!(slope!(|x| x.powi(1), at 0.0), 1.0);
    assert_eq!(slope!(|x| x.powi(2), at 0.0), 0.0);
    assert_eq!(slope!(|x| x.powi(3), at - 2.0), 12.0);
    assert_eq!(slope!(|x| x.powi(-1), at 2.0), -0.25);
    assert_eq!(slope!(|x| x.powi(-1), at 0.0), f64::NEG_INFINITY);
    assert_eq!(slope!(|x| x.powf(0.0), at 0.0), 0.0);
    assert_eq!(slope!(|x| x.powf(1.0), at 0.0), 1.0);
    assert_eq!(slope!(|x| x.powf(2.0), at 0.0), 0.0);
    assert_eq!(slope!(|x| x.powf(0.5), at 0.0), f64::INFINITY);
    assert_eq!(slope!(|x| x.powf(3.0), at - 2.0), 12.0);
    assert!(slope!(|x| x.powf(0.5), at - 2.0).is_nan());
    // The same through num_traits, with a constant as the exponent.
    assert_eq!(slope!(|x| Float::powf(x, 0.0.into()), at 0.0), 0.0);
    assert_eq!(slope!(|x| Float::powf(x, 1.0.into()), at 0.0), 1.0);
    assert_eq!(slope!(|x| Float::powf(x, 2.0.into()), at 0.0), 0.0);
    assert_eq!(slope!(|x| Float::powf(x, 3.0.into()), at - 2.0), 12.0);
}

#[test]
fn a_power_with_a_variable_exponent() {
    let both = |x: f64, p: f64| {
        let tape = Tape::new();
        let (x, p) = (tape.var(x), tape.var(p));
        let gradients = x.pow(p).backward();
        [gradients.wrt(x), gradients.wrt(p)]
    };
    let [by_base, by_exponent] = both(2.0, 3.0);
    assert_eq!(by_base, 12.0);
    assert_near("x^p ln x", by_exponent, 8.0 * 2f64.ln(), 1e-15);
    // At 0 the logarithm contributes nothing.
    assert_eq!(both(0.0, 2.0), [0.0, 0.0]);
    assert_eq!(both(0.0, 1.0), [1.0, 0.0]);
}

#[test]
fn a_zero_cotangent_contributes_zero_against_an_infinite_slope() {
    let tape = Tape::new();
    let x = tape.var(0.0);
    let y = x.sqrt();
    assert_eq!(y.backward().wrt(x), f64::INFINITY);
    assert_eq!((y * 0.0 + x).backward().wrt(x), 1.0);
    assert_eq!((x.ln() * 0.0 + x).backward().wrt(x), 1.0);
    // Forward mode: nothing comes from a constant.
    assert_eq!((Dual::new(0.0, 0.0).sqrt() + Dual::new(0.0, 1.0)).tangent, 1.0);
    // Not chosen by the larger: its cotangent is 0.
    assert_eq!(y.maximum(x + 1.0).backward().wrt(x), 1.0);
}

#[test]
fn ties_are_halved() {
    let tape = Tape::new();
    let (x, y) = (tape.var(2.0), tape.var(2.0));
    for z in [x.maximum(y), x.minimum(y), Float::max(x, y), Float::min(x, y)] {
        let gradients = z.backward();
        assert_eq!((gradients.wrt(x), gradients.wrt(y)), (0.5, 0.5));
    }
    assert_eq!(slope!(|x| x.maximum(x), at 2.0), 1.0);
    assert_eq!(slope!(|x| x.maximum(2.0), at 2.0), 0.5);
    assert_eq!(slope!(|x| x.maximum(2.0), at 3.0), 1.0);
    assert_eq!(slope!(|x| x.maximum(2.0), at 1.0), 0.0);
    assert_eq!(slope!(|x| Float::abs_sub(x, 2.0.into()), at 3.0), 1.0);
    assert_eq!(slope!(|x| Float::abs_sub(x, 2.0.into()), at 1.0), 0.0);
}

#[test]
fn kinks_have_the_slope_that_is_documented() {
    assert_eq!(slope!(|x| x.abs(), at 0.0), 0.0);
    assert_eq!([slope!(|x| x.abs(), at - 2.0), slope!(|x| x.abs(), at 2.0)], [-1.0, 1.0]);
    assert_eq!(slope!(|x| x.relu(), at 0.0), 0.0);
    assert_eq!(slope!(|x| x.leaky_relu(0.1), at 0.0), 0.1);
    assert_eq!(slope!(|x| x.elu(1.5), at 0.0), 1.5);
    assert_eq!([-1.0, 1.0].map(|at| slope!(|x| x.clamp(-1.0, 1.0), at at)), [1.0, 1.0]);
    assert_eq!([-1.1, 1.1].map(|at| slope!(|x| x.clamp(-1.0, 1.0), at at)), [0.0, 0.0]);
    assert_eq!(slope!(|x| x.sign(), at 3.0), 0.0);
    assert_eq!(slope!(|x| Float::signum(x), at 0.0), 0.0);
    assert_eq!([slope!(|x| x.floor(), at 1.0), slope!(|x| x.round(), at 0.5), slope!(|x| x.ceil(), at 1.0)], [0.0; 3]);
    let tape = Tape::new();
    let (x, y) = (tape.var(0.0), tape.var(0.0));
    for z in [x.hypot(y), x.atan2(y)] {
        let gradients = z.backward();
        assert_eq!((gradients.wrt(x), gradients.wrt(y)), (0.0, 0.0));
    }
}

#[test]
fn nan_goes_through_every_function() {
    let tape = Tape::new();
    let (x, y) = (tape.var(f64::NAN), tape.var(1.0));
    let results = [
        x + y,
        y - x,
        x * 0.0,
        y / x,
        -x,
        x.sqrt(),
        x.exp(),
        x.abs(),
        x.sign(),
        x.relu(),
        x.leaky_relu(0.1),
        x.elu(1.0),
        x.selu(),
        x.silu(),
        x.mish(),
        x.gelu(),
        x.gelu_tanh(),
        x.sigmoid(),
        x.softplus(),
        x.softsign(),
        x.erf(),
        x.erfc(),
        x.lgamma(),
        x.clamp(-1.0, 1.0),
        x.maximum(y),
        y.maximum(x),
        x.minimum(y),
        y.minimum(x),
        x.powi(2),
        x.powf(2.0),
        x.pow(y),
        x.hypot(y),
        Float::signum(x),
        Float::fract(x),
        Float::trunc(x),
    ];
    for (i, result) in results.iter().enumerate() {
        assert!(result.value().is_nan(), "function {i} of NaN is {result}");
    }
    // A gradient through a NaN is one.
    assert!((x * y).backward().wrt(y).is_nan());
    // num_traits' max and min ignore a NaN, as those of the primitive numbers do.
    assert_eq!([Float::max(x, y), Float::max(y, x), Float::min(x, y), Float::min(y, x)].map(Var::value), [1.0; 4]);
    assert_eq!(Float::max(x, y).backward().wrt(y), 1.0);
}
