//! Commas that are missing between layers and between arguments.
use gradtape::prelude::*;

network! {
    pub struct Digits {
        hidden: dense(784 128, relu)
        output: dense(128, 10 softmax),
    }
}

fn main() {
    let net = Digits::new(&mut Rng::new(7));
    println!("{:?}", net.hidden);
}
