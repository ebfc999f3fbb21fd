//! A width behind `flatten`, known and not known.
use gradtape::network;

const SIDE: usize = 28;

network! {
    struct Known { input(1, 28, 28), flatten, dense(28, 10) }
    struct Constant { input(1, SIDE, SIDE), flatten, dense(28, 10) }
    struct Unknown { flatten, dense(10, softmax) }
    struct Open { dense(4, 8), flatten, dense(10) }
    struct Arguments { input(2, 2), flatten(1), flaten }
}

fn main() {}
