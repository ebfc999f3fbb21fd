//! A width that differs, written as constants.
use gradtape::prelude::*;

const HIDDEN: usize = 64;

network! {
    pub struct Digits {
        hidden: dense(784, HIDDEN * 2, relu),
        output: dense(HIDDEN + 36, 10, softmax),
    }
}

fn main() {
    let net = Digits::new(&mut Rng::new(7));
    println!("{net}");
}
