//! The same mistake in the two other spellings.
use gradtape::prelude::*;

const HIDDEN: usize = 64;

fn main() {
    let rng = &mut Rng::new(7);
    let one = network!(dense(784, 128, relu), dropout(0.2), dense(100, 10, softmax)).init(rng);
    let two = network! { < input(28, 28), dense(HIDDEN, 10), softmax > }.init_as::<f64>(rng);
    println!("{one} {two}");
}
