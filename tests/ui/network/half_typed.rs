//! Half-typed declarations: what could be read is there, and its use gives no further error.
use gradtape::nn::Dense;
use gradtape::{Rng, Tensor, network};

network! {
    pub struct Arguments { hidden: dense(784, ), output: dense(128, 10, ) }
    pub struct Argument { hidden: dense(, 128), middle: dense(128, 64, relu, bias =), output: dense(64, 10) }
    pub struct NoLayer { hidden: dense(784, 128, relu), middle: , output: dense(128, 10) }
    pub struct LastNoLayer { hidden: dense(784, 128, relu), output: }
    pub struct Word { hidden: dense(784, 128, relu), mid, output: dense(128, 10) }
    pub struct NamedWord { hidden: dense(784, 128, relu), middle: fourier, output: dense(128, 10) }
    pub struct Path { hidden: dense(784, 128, relu), middle: my::, output: dense(128, 10) }
    pub struct Inside { block: residual(dense(8, 8, ), tail: den), output: dense(8, 2) }
    pub struct Branch { block: sum([dense(8, 4), ], [dense(, 4)], dense), output: dense(4, 2) }
    pub struct Parameters<const H: usize, T => { hidden: dense(8, H), output: dense(H, 2) }
    #[derive(Clone)] # pub struct Attribute { #[] hidden: dense(8, 4), # output: dense(4, 2) }
    pub struct Sign { hidden: dense(784, 128 +), output: dense(128, 10) }
}

fn main() {
    let rng = &mut Rng::new(7);
    let _: Tensor<f32> = Arguments::new(rng).output.weight.value();
    let _: &Dense<f64> = &Argument::<f64>::init(rng).hidden;
    let NoLayer { hidden, middle: _, output } = NoLayer::new(rng);
    println!("{hidden:?} {output:?} {}", LastNoLayer::new(rng));
    let _ = (LastNoLayer::new(rng).output, Word::new(rng).output, NamedWord::new(rng).middle, Path::new(rng).output);
    let _ = (Inside::new(rng).block.inner.dense1, Branch::new(rng).output, Sign::new(rng).hidden);
    let _ = (Parameters::<3>::new(rng).output, Attribute::new(rng).output);
    // The network itself is a layer and a module in spite of its mistake.
    fn takes<M: gradtape::Module<f32> + gradtape::Layer<f32> + Clone>(_: M) {}
    takes(Inside::new(rng));
    let net = network!(dense(784, 128, relu), dens(128, 10)).init(rng);
    takes(net.clone());
    let _ = net.dense1.weight.len();
}
