//! Too few arguments and too many.
use gradtape::prelude::*;

#[elementwise]
fn swish<T>(x: T, beta: T) -> T {
    x / (1.0 + exp(-beta * x))
}

#[elementwise]
fn f<T>(x: T, y: T) -> T {
    exp() + x.exp(y) + leaky_relu(x) + x.clamp(0.0) + pow(x) + x.y() + x(2.0)
}

#[elementwise]
fn g<T>(x: T) -> T {
    swish(x) + swish() + f
}

#[elementwise]
fn h<T>(x: T) -> T {
    swish(x)
}

fn main() {
    let _ = (f(1.0, 2.0), g(1.0), h(1.0));
}
