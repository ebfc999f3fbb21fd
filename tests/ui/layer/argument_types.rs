//! Arguments without a type, with something that is none, and with one that cannot be kept.
use gradtape::prelude::*;

layer! {
    pub struct Gate(features, hidden: 3, act: impl Fn(f64) -> f64, start: Tensor<T>, slope = 0.1) {
        weight: [features, hidden] = init::xavier_uniform,
    }
    forward(x) { x.matmul(weight) }
}

layer! {
    pub struct Late(slope: f64 = 0.1, features: usize) { weight: [features] = init::zeros }
    forward(x) { x * weight * slope }
}

fn main() {
    let rng = &mut Rng::new(7);
    println!("{}", Gate::<f32>::new(2, 3, |x| x, Tensor::scalar(1.0), rng));
    println!("{}", Late::<f32>::new(2, rng));
}
