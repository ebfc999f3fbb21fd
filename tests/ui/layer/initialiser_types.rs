//! What only rustc can find in an initialiser stands at the user's token.
use gradtape::prelude::*;

fn wrong(shape: &[usize]) -> Tensor<f32> {
    Tensor::zeros(shape)
}

layer! {
    pub struct Gate(features: usize) {
        weight: [features, features] = init::xavier_unifrm,
        bias: [features] = wrong,
        inner: nn::Dense<T> = nn::Dense::new(features, rng),
    }
    forward(x) { inner.forward(x * weight + bias) }
}

fn main() {
    println!("{}", Gate::<f32>::new(2, &mut Rng::new(7)));
}
