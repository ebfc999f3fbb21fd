//! A shape rule lets `network!` check the widths around the layer.
use gradtape::prelude::*;

layer! {
    /// Twice as many features, unless it is said otherwise.
    pub struct Widen(features: usize, outputs: usize = 2 * features) {
        weight: [features, outputs] = init::xavier_uniform,
    }
    shape [features] -> [outputs]
    forward(x) { x.matmul(weight) }
}

network! {
    struct Before { hidden: dense(784, 128, relu), widen: Widen(100), output: dense(200, 10, softmax) }
    struct Behind { hidden: dense(784, 128, relu), widen: Widen(128), output: dense(128, 10, softmax) }
    struct Named { hidden: dense(784, 128, relu), widen: Widen(128, outputs = 64), output: dense(256, 10, softmax) }
}

fn main() {
    let rng = &mut Rng::new(7);
    println!("{} {} {}", Before::new(rng), Behind::new(rng), Named::new(rng));
}
