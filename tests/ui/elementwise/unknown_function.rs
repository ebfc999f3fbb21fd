//! Functions that do not exist, nearly and entirely, in both styles.
use gradtape::prelude::*;

#[elementwise]
fn calls<T>(x: T) -> T {
    log(x) + max(x, 1.0) + f64::sin(x) + clip(x, 0.0, 1.0) + erfinv(x) + tanhh(x)
}

#[elementwise]
fn methods<T>(x: T) -> T {
    x.sigmod() + x.log() + x.gamma() + x.mul(x) + x.clone() + x.clip(0.0, 1.0)
}

fn main() {
    let _ = (calls(1.0), methods(1.0));
}
