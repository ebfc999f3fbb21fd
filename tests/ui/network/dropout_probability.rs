//! A probability that is none.
use gradtape::prelude::*;

const RATE: f64 = 50.0;

network! {
    pub struct Literal { dense(784, 128), dropout(1.5), dropout(-0.1), dropout("a") }
}

network! {
    pub struct Constant { dense(784, 128), dropout(RATE) }
}

fn main() {}
