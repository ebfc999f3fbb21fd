//! What is called is no formula, or wants a constant where something varies.
use gradtape::prelude::*;

#[elementwise]
fn leaky<T>(x: T, slope: f64) -> T {
    if x > 0.0 { x } else { slope * x }
}

fn cube(x: f64) -> f64 {
    x * x * x
}

fn double<N: num_traits::Float>(x: N) -> N {
    x + x
}

#[elementwise]
fn f<T>(x: T, y: T) -> T {
    leaky(x, y)
}

#[elementwise]
fn g<T>(x: T) -> T {
    cube(x)
}

#[elementwise]
fn h<T>(x: T) -> T {
    double(x)
}

#[elementwise]
fn i<T>(x: T) -> T {
    0.5 * i(x - 1.0)
}

fn main() {
    let _ = (f(1.0, 2.0), g(1.0), h(1.0), i(1.0));
}
