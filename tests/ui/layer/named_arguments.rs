//! Arguments by name that a layer does not have.
use gradtape::prelude::*;

layer! {
    pub struct Gate(features: usize, slope: f64 = 0.1) { weight: [features, features] = init::xavier_uniform }
    forward(x) { x.matmul(weight) * slope }
}

layer! {
    pub struct Plain(features: usize) { weight: [features, features] = init::xavier_uniform }
    forward(x) { x.matmul(weight) }
}

network! {
    pub struct Net {
        dense(4, 4),
        Gate(4, slop = 0.2),
        Gate(4, 0.2),
        Gate(4, slope = 1, slope = 2),
        Plain(4, slope = 0.2),
    }
}

network! {
    pub struct Other { Gate(4, slop = 0.2), Gate(4, 0.2), Gate(4, slope = 1), Plain(4, slope = 0.2) }
}

network! {
    pub struct ByName { Gate(features = 4), Gate(4, features = 4) }
}

fn main() {
    let rng = &mut Rng::new(7);
    println!("{} {}", Net::new(rng), Other::new(rng));
}
