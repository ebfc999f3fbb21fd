//! Activations and the error function where their arguments are large: value and slope finite, and right.

use gradtape::{Dual, Scalar, Tape};
use std::f64::consts::{FRAC_2_SQRT_PI, PI, SQRT_2};

/// 1/(1 + e^-x) without cancellation in either tail.
fn logistic(x: f64) -> f64 {
    if x < 0.0 { x.exp() / (1.0 + x.exp()) } else { 1.0 / (1.0 + (-x).exp()) }
}

fn softplus(x: f64) -> f64 {
    x.max(0.0) + (-x.abs()).exp().ln_1p()
}

/// The complementary error function: its continued fraction from 2 on, the series of erf below.
fn erfc(x: f64) -> f64 {
    if x < 0.0 {
        return 2.0 - erfc(-x);
    }
    if x == f64::INFINITY {
        return 0.0;
    }
    if x < 2.0 {
        return 1.0 - erf_series(x);
    }
    let fraction = (1..200).rev().fold(x, |tail, k| x + 0.5 * f64::from(k) / tail);
    (-x * x).exp() / (fraction * PI.sqrt())
}

fn erf_series(x: f64) -> f64 {
    let mut term = x;
    let mut sum = x;
    for n in 1..100 {
        term *= -x * x / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    sum * FRAC_2_SQRT_PI
}

/// What is expected where an infinity meets a decayed 0: 0.
fn decayed(x: f64, factor: f64) -> f64 {
    if factor == 0.0 { 0.0 } else { x * factor }
}

/// Value and slope of a function.
type Reference = fn(f64) -> (f64, f64);

fn reference(name: &str) -> Reference {
    match name {
        "sigmoid" => |x| (logistic(x), logistic(x) * logistic(-x)),
        "softplus" => |x| (softplus(x), logistic(x)),
        "silu" => |x| (decayed(x, logistic(x)), logistic(x) + decayed(x, logistic(x) * logistic(-x))),
        "mish" => |x| {
            let (s, decay) = (softplus(x), (-2.0 * softplus(x)).exp());
            let squared_sech = 4.0 * decay / ((1.0 + decay) * (1.0 + decay));
            (decayed(x, s.tanh()), s.tanh() + decayed(x, logistic(x) * squared_sech))
        },
        "erf" => |x| {
            let value = if x.abs() < 2.0 { erf_series(x) } else { (1.0 - erfc(x.abs())).copysign(x) };
            (value, FRAC_2_SQRT_PI * (-x * x).exp())
        },
        "erfc" => |x| (erfc(x), -FRAC_2_SQRT_PI * (-x * x).exp()),
        "gelu" => |x| {
            let cumulative = 0.5 * erfc(-x / SQRT_2);
            let density = (-0.5 * x * x).exp() / (2.0 * PI).sqrt();
            (decayed(x, cumulative), cumulative + decayed(x, density))
        },
        "softsign" => |x| {
            let value = if x.is_infinite() { x.signum() } else { x / (1.0 + x.abs()) };
            (value, (1.0 + x.abs()).powi(-2))
        },
        _ => unreachable!("no reference for {name}"),
    }
}

const POINTS: [f64; 27] = [
    f64::NEG_INFINITY,
    -1e300,
    -800.0,
    -745.0,
    -700.0,
    -100.0,
    -38.0,
    -20.0,
    -10.0,
    -5.0,
    -3.0,
    -1.0,
    -1e-3,
    0.0,
    1e-3,
    1.0,
    3.0,
    5.0,
    10.0,
    20.0,
    38.0,
    100.0,
    700.0,
    745.0,
    800.0,
    1e300,
    f64::INFINITY,
];

/// Both modes at all points. The tolerance is relative, down to the smallest normal numbers of the type.
fn check<T: Scalar>(tolerance: f64, smallest: f64, largest: f64) {
    macro_rules! check {
        ($($name:ident)*) => { $( for x in POINTS {
            if x.is_finite() && x.abs() > largest {
                continue;
            }
            let tape = Tape::<T>::new();
            let variable = tape.var(T::lit(x));
            let y = variable.$name();
            let dual = Dual::new(T::lit(x), T::one()).$name();
            let slope = y.backward().wrt(variable);
            let (value, derivative) = reference(stringify!($name))(x);
            for (found, expected, what) in [
                (y.value(), value, "value"),
                (slope, derivative, "slope"),
                (dual.value, value, "value of the dual number"),
                (dual.tangent, derivative, "tangent"),
            ] {
                let found = found.real();
                let near = (found - expected).abs() <= tolerance * expected.abs() + smallest;
                assert!(near || found == expected, "{} at {x}: {what} {found}, not {expected}", stringify!($name));
            }
        } )* };
    }
    check!(sigmoid softplus silu mish erf erfc gelu softsign);
}

#[test]
fn double_precision() {
    check::<f64>(1e-12, 1e-307, f64::MAX);
}

#[test]
fn single_precision() {
    check::<f32>(5e-5, 1e-37, 1e30);
}

#[test]
fn tails_are_not_flushed_to_zero() {
    let tape = Tape::new();
    let at = |x: f64| tape.var(x);
    // Where the decaying factor is still a number, so is the result.
    assert!(at(-700.0).sigmoid().value() > 0.0 && at(-700.0).softplus().value() > 0.0);
    assert!(at(-700.0).silu().value() < 0.0 && at(-700.0).mish().value() < 0.0);
    assert!(at(-37.0).gelu().value() < 0.0 && at(26.0).erfc().value() > 0.0);
    let x = at(40.0);
    assert!(x.sigmoid().backward().wrt(x) > 0.0, "1 - sigmoid(40) rounds to 0; its slope is e^-40");
}
