//! Names that are no argument, and constants of other types.
use gradtape::prelude::*;

const COUNT: usize = 3;
const HALF: f32 = 0.5;

#[elementwise]
fn f<T>(x: T, beta: T) -> T {
    let scale = 2.0 * betta;
    x * scale + alpha + exp
}

#[elementwise]
fn g<T>(x: T) -> T {
    x * COUNT + x * HALF + x * MISSING
}

#[elementwise]
fn h<T>(x: T) -> T {
    x * T::one() + std::f32::consts::PI + 2.0f32 + 3i32 + "four" + true
}

#[elementwise]
fn i<T>(x: T) -> T {
    T::from(2.0) * x + T::from(2) + T::zero() + T::from(COUNT as f64) + T::epsilon()
}

fn main() {
    let _ = (f(1.0, 2.0), g(1.0), h(1.0), i(1.0));
}
