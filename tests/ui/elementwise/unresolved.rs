//! What could be a formula of the user's own and is none: rustc says so, and proposes.
use gradtape::prelude::*;

#[elementwise]
fn f<T>(x: T) -> T {
    expp(x) * my::swish(x) - sigmoidal(2.0) + gamma(x)
}

#[elementwise]
fn g<T>(x: T) -> T {
    x * MISSING
}

fn main() {
    let _ = (f(1.0), g(1.0));
}
