//! An entry that is a type of the user's own, and not a layer.
use gradtape::network;

#[derive(Clone, Debug)]
struct Other<T> {
    numbers: Vec<T>,
}

impl<T> Other<T> {
    fn new(_features: usize, _rng: &mut impl gradtape::rand::Rng) -> Self {
        Other { numbers: Vec::new() }
    }
}

network! {
    pub struct Digits { hidden: dense(784, 128, relu), other: Other(128), output: dense(128, 10, softmax) }
}

fn main() {
    println!("{}", Digits::new(&mut gradtape::Rng::new(7)).other.numbers.len());
}
