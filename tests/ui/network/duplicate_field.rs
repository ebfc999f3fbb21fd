//! One name for two layers, and a name that an unnamed layer has.
use gradtape::prelude::*;

network! {
    pub struct Digits { hidden: dense(784, 128, relu), hidden: dense(128, 10, softmax) }
}

network! {
    pub struct Other { dense(784, 128, relu), dense1: dense(128, 10, softmax) }
}

fn main() {
    let rng = &mut Rng::new(7);
    println!("{:?} {:?}", Digits::new(rng).hidden, Other::new(rng).dense1);
}
