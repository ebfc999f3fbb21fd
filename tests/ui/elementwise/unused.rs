//! Names that nothing uses: rustc warns of them as in any function.
#![deny(unused_variables)]
use gradtape::prelude::*;

#[elementwise]
fn f<T>(x: T, y: T, slope: f64, _spare: T) -> T {
    let z = y;
    let w = 2.0 * x;
    let w = if w > 0.0 { let v = x; w } else { x };
    w
}

fn main() {
    let _ = f(1.0, 2.0, 3.0, 4.0);
}
