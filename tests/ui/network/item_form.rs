//! The form around the layers.
use gradtape::prelude::*;

network! { pub Digits { dense(784, 10) } }
network! { pub struct Generic<T, U> { dense(784, 10) } }
network! { pub struct Tuple(dense(784, 10)); }
network! { pub struct Empty {} }
network! { pub struct Late { dense(784, 10), input(10) } }
network! { pub struct Assigned { hidden = dense(784, 10), dense::<3>(10, 10), #[inline] last: dense(10, 2) } }

fn main() {
    let rng = &mut Rng::new(7);
    let _ = (Digits::new(rng), Generic::new(rng), Tuple::new(rng), Empty::new(rng), Late::new(rng));
    let _ = network!(< dense(784, 10), relu);
    let _ = network!();
    let _ = network!(dense[784, 10]);
}
