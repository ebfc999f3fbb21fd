//! A width that differs from the one before it, both written as numbers.
use gradtape::prelude::*;

network! {
    pub struct Digits {
        hidden: dense(784, 128, relu),
        middle: dense(100, 64, relu),
        output: dense(64, 10, softmax),
    }
}

fn main() {
    let net = Digits::new(&mut Rng::new(7));
    println!("{net}");
}
