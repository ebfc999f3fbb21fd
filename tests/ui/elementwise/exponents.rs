//! Exponents and other parameters that vary, and whole ones that are none.
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

fn main() {
    let _ = (f(1.0, 2.0, 3.0), g(1.0));
}
