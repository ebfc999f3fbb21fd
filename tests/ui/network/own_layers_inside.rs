//! Layers of one's own inside blocks: what they are not, and widths that their shape rules tell.
use gradtape::{layer, network};

#[derive(Clone, Debug)]
struct Other<T> {
    numbers: Vec<T>,
}

impl<T> Other<T> {
    fn new(_features: usize, _rng: &mut impl gradtape::rand::Rng) -> Self {
        Other { numbers: Vec::new() }
    }
}

layer! {
    struct Widen(features: usize) {}
    shape [features] -> [2 * features]
    forward(x) { gradtape::TensorVar::concat(&[x, x], -1) }
}

network! {
    struct First { residual(Widen(8)), dense(8, 2) }
    struct Behind { input(8), repeat(2, dense(4), Widen(4)), residual(dense(4), Widen(3)) }
    struct Branch { input(8), sum(Widen(8), dense(8)), concat(Widen(8), linear), dense(20, 1) }
}

mod not_a_layer {
    use super::Other;
    gradtape::network! { pub struct Digits { input(8), residual(dense(8), Other(8)), dense(2) } }
}

fn main() {
    let _ = First::new(&mut gradtape::Rng::new(7)).residual1.inner.widen1;
    let _ = not_a_layer::Digits::new(&mut gradtape::Rng::new(7));
}
