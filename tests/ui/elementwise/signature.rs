//! What stands around the formula.
use gradtape::prelude::*;

#[elementwise]
fn no_generic(x: f64, y: f64) -> f64 {
    x * y
}

#[elementwise]
fn two<T, U>(x: T, y: U) -> T {
    x * y
}

#[elementwise]
fn one_name<T>(x: T, y: T, x: T) -> T {
    x * y
}

#[elementwise]
fn types<T>(x: T, y: f32, n: usize, z: &T, v: Vec<T>) -> T {
    x * y
}

#[elementwise]
fn result<T>(x: T) -> f64 {
    x
}

#[elementwise]
fn nothing<T>(x: T) {
    x
}

#[elementwise]
const fn constant<T>(x: T) -> T {
    x
}

#[elementwise]
async unsafe extern "C" fn words<T>(x: T) -> T {
    x
}

#[elementwise]
fn bounds<T: Copy + Into<f64>>(x: T) -> T
where
    T: Clone,
{
    x
}

#[elementwise]
fn patterns<T>(mut x: T, (y, z): (T, T), _: T) -> T {
    x
}

#[elementwise]
fn sizes<'a, T, const N: usize>(x: T) -> T {
    x
}

#[elementwise(fast)]
fn arguments<T>(x: T) -> T {
    x
}

#[elementwise]
fn constants<T>(x: f64) -> T {
    x
}

#[elementwise]
struct Swish;

struct Own;

impl Own {
    #[elementwise]
    fn method<T>(&self, x: T) -> T {
        x
    }
}

fn main() {
    let tape = Tape::new();
    let x = tape.var(1.0);
    let _ = (no_generic(x, x), result(x), nothing(x), constant(x), bounds(x), arguments(x));
}
