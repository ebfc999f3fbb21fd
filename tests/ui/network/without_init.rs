//! A network without parameters: `.init(&mut rng)` was forgotten.
use gradtape::prelude::*;

fn main() {
    let net = network!(dense(2, 3, relu), dense(3, 1));
    let tape = Tape::<f32>::new();
    let y = net.forward(tape.constant([[1.0, 2.0]]));
    println!("{:?}", y.shape());
}
