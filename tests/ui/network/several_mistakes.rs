//! Mistakes of every kind in one program: each is reported, and nothing that follows from it.
use gradtape::prelude::*;

const WIDTH: usize = 20;

network! {
    /// Recognises digits.
    #[derive(Clone, Debug)]
    pub struct Digits {
        hidden: dens(784, 128, relu),
        middle: dense(100, 64, rellu),
        inner: dense(60, 30, relu),
        dropout(1.5),
        dense(WIDTH, 10),
        output: sofmax,
    }
}

fn train(net: &mut (impl Layer<f32> + Module<f32> + Clone + core::fmt::Debug)) {
    println!("{net:?}");
}

fn main() {
    let mut net = Digits::new(&mut Rng::new(7));
    train(&mut net);
    println!("{net} {:?}", net.middle.weight);
    let _other: Digits<f64> = Digits::<f64>::init(&mut Rng::new(7));
}
