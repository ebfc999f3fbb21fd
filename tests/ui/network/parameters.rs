//! What the parameters of a network are not.
use gradtape::network;

network! {
    struct Two<T, U> { dense(2, 2) }
    struct Bound<T: Copy> { dense(2, 2) }
    struct Borrowed<'a, T> { dense(2, 2) }
    struct Condition<T> where T: Copy { dense(2, 2) }
}

fn main() {
    let net = Two::<f64>::init(&mut gradtape::Rng::new(7));
    println!("{net}");
}
