//! Formulas in a crate that denies every warning, with names that meet those of the generated code.
#![deny(warnings, missing_docs, unused, unreachable_pub, clippy::all, rust_2018_idioms)]
#![allow(clippy::float_cmp)]

use gradtape::elementwise;

/// The slope at negative numbers.
pub const SLOPE: f64 = 0.25;
const N: i32 = 3;

/// In a module.
pub mod activations {
    use gradtape::elementwise;

    /// x sigmoid(beta x).
    #[elementwise]
    #[must_use]
    #[inline]
    pub fn swish<T>(x: T, beta: T) -> T {
        x / (1.0 + (-beta * x).exp())
    }

    #[elementwise]
    pub(super) fn hidden<A>(x0: A, v1: A) -> A {
        swish(x0, v1)
    }
}

/// Arguments that are called like everything.
#[elementwise]
pub fn collisions<T>(x0: T, y: T, self_: T, t: T, v3: T, a0: T, value: T, slopes: T, number: f64, x: f64) -> T {
    let f64 = x0 + number;
    let y = y * f64;
    let v3 = activations::hidden(y, v3) + x;
    y + self_ * t + v3 * a0 + value / slopes
}

#[elementwise]
fn leaky<R>(x: R, slope: f64) -> R {
    if x > 0.0 { x } else { slope * x }
}

/// The type of the numbers has another name.
#[elementwise]
pub fn other_names<Number>(x: Number) -> Number {
    leaky(x, SLOPE) + x.powi(N) + crate::activations::swish(x, self::SLOPE)
}

struct Family;

impl Family {
    #[elementwise]
    fn associated<T>(x: T, _unused: T) -> T {
        x * std::f64::consts::PI
    }
}

/// A stack of everything.
#[deprecated]
#[allow(unused_parens)]
#[elementwise]
pub fn old<T>(x: T) -> T {
    (2 * x)
}

fn main() {
    #[elementwise]
    fn local<T>(x: T) -> T {
        const HALF: f64 = 0.5;
        use std::f64::consts::E;
        leaky(x, HALF) * E
    }
    assert_eq!(local(-2.0), -std::f64::consts::E);
    assert_eq!(Family::associated(2.0, 0.0), std::f64::consts::TAU);
    assert_eq!(other_names(0.0), 0.0);
    assert!(collisions(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0) > 0.0);
    #[allow(deprecated)]
    let two = old(1.0);
    assert_eq!(two, 2.0);
}
