//! A layer that does not exist, nearly and entirely.
use gradtape::prelude::*;

network! {
    pub struct Digits { hidden: dens(784, 128, relu), transform: fourier(3), output: dense(128, 10, softmax) }
}

fn main() {
    let net = Digits::new(&mut Rng::new(7));
    println!("{:?} {net}", net.hidden);
}
