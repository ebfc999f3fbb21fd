//! Too few arguments and too many.
use gradtape::prelude::*;

network! {
    pub struct Digits {
        first: dense,
        second: dense(784, 128, relu, 0.1),
        third: dense(128, 64, 32),
        dropout(),
        noise: dropout(0.1, 0.2),
        relu(0.1),
        fourth: dense(64, 10, softmax),
    }
}

fn main() {
    let net = Digits::new(&mut Rng::new(7));
    println!("{:?}", net.third);
}
