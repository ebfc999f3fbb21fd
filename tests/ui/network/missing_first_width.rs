//! The first layer does not say how many inputs it has.
use gradtape::prelude::*;

network! {
    pub struct Digits { hidden: dense(128, relu), output: dense(10, softmax) }
}

fn main() {
    let net = Digits::new(&mut Rng::new(7));
    println!("{:?}", net.hidden);
}
