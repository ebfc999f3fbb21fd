//! Comparisons that are numbers, numbers that are conditions, and branches with one way.
use gradtape::prelude::*;

#[elementwise]
fn f<T>(x: T, y: T) -> T {
    let positive = x > 0.0;
    let half = 1 / 2;
    if x { y } else if !(x < y) && y { -x } else { (x == y) * half }
}

#[elementwise]
fn g<T>(x: T) -> T {
    let y = if x > 0.0 { x };
    let z = if let 1.0 = x { 1.0 } else { 2.0 };
    if x.is_nan() || true { y + z } else { !x }
}

#[elementwise]
fn h<T>(x: T) -> T {
    if 0.0 < x < 1.0 { x } else { 0.0 }
}

fn main() {
    let _ = (f(1.0, 2.0), g(1.0), h(1.0));
}
