//! The name of the type where the word of the macro is meant.
use gradtape::prelude::*;

network! {
    pub struct Digits { hidden: Dense(784, 128, relu), Dropout(0.2), LeakyReLU(0.1), output: dense(128, 10, softmax) }
}

fn main() {
    let net = Digits::new(&mut Rng::new(7));
    println!("{:?}", net.output);
}
