//! Named arguments that do not exist, are given twice, or have a value of another kind.
use gradtape::prelude::*;

network! {
    pub struct Digits {
        first: dense(784, 128, relu, bais = false),
        second: dense(128, 64, relu, bias = 0),
        third: dense(64, 32, seed = 7, bias = true, bias = false),
        fourth: dense(32, 16, init = he_norml),
        fifth: dense(16, 10, bias: false),
    }
}

fn main() {
    let net = Digits::new(&mut Rng::new(7));
    println!("{:?}", net.first);
}
