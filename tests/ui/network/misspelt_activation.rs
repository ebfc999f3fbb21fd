//! An activation that does not exist, nearly and entirely, and one that wants its parameter.
use gradtape::prelude::*;

fn main() {
    let _ = network!(
        dense(784, 128, rellu),
        dense(128, 64, leaky_relu),
        dense(64, 32, elu(slope = 0.1)),
        dense(32, 32, ReLU),
        dense(32, 16, sine),
        dense(16, 10),
        sofmax
    );
}
