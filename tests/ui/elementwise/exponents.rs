//! Exponents and other parameters that vary, whole ones that are none, and powers as other languages write them.
use gradtape::prelude::*;

const THIRD: f64 = 1.0 / 3.0;

#[elementwise]
fn f<T>(x: T, y: T, slope: f64) -> T {
    x.powf(y) + powi(x, 2.0) + x.powi(slope) + x.powi(-y) + x.leaky_relu(y + 1.0) + clamp(x, y, 1.0) + x.powf(slope)
}

#[elementwise]
fn g<T>(x: T) -> T {
    x.powi(THIRD)
}

#[elementwise]
fn h<T>(x: T, y: T) -> T {
    1.0 - x ** 2 * y + x ** -0.5 + (2.0 * x ^ y) + clamp(x, 1.0, 0.0) + y.clamp(0.0, 1.0)
}

fn main() {
    let _ = (f(1.0, 2.0, 3.0), g(1.0), h(1.0, 2.0));
}
