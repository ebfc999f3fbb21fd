//! A default of another type than its argument, and a type of a layer inside without its numbers.
use gradtape::prelude::*;

layer! {
    struct Gate(n: usize, k: f64 = 1) { w: [n] = zeros }
    forward(x) { x * w + k }
}

layer! {
    struct Around(n: usize) { d: nn::Dense = nn::Dense::new(n, n, rng) }
    forward(x) { d.forward(x) }
}

fn main() {
    let rng = &mut Rng::new(7);
    println!("{} {}", Gate::<f64>::new(2, rng), Around::<f64>::new(2, rng));
}
