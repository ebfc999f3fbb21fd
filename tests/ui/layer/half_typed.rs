// Declarations of which the rest is still to be typed: what is there keeps its types.
use gradtape::prelude::*;

layer! {
    pub struct Initialiser(features: usize) { weight: [features] = init:: }
    forward(x) { x * weight }
}

layer! {
    pub struct Size(features: usize) { weight: [features, ] = init::zeros, bias: }
    forward(x) { x * weight }
}

layer! {
    pub struct Forward(features: usize) { weight: [features] = init::zeros }
    forward()
}

layer! {
    pub struct Bare(features: usize)
}

layer! {
    pub struct
}

fn main() {
    let rng = &mut Rng::new(7);
    let layer = Initialiser::<f32>::new(3, rng);
    println!("{} {:?}", layer.features, layer.weight.shape());
    println!("{:?}", Bare::<f32>::new(3, rng).features);
}
