//! What is right, in another place: the count behind the layers, the activation between the sizes, an axis to join.
use gradtape::prelude::*;

const SIZE: usize = 8;

network! {
    pub struct Net {
        repeat(dense(SIZE, 8), relu, 3),
        dense(8, relu, 4),
        concat(dense(4, 2), dense(4, 2), axis = 1),
    }
}

network! {
    pub struct Sized<H: usize> { dense(2, H) }
}

network! {
    pub enum Variants { dense(2, 8) }
}

fn main() {
    let rng = &mut Rng::new(7);
    println!("{} {}", Net::new(rng), Variants::new(rng));
}
