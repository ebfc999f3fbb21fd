//! What only rustc can find in a size stands at the user's token, once.
use gradtape::prelude::*;

const SIGNED: i32 = 128;

network! {
    pub struct Digits { dense(784, SIGNED), dense(HIDEN, 10), Gate(10) }
}

fn generic<const WIDTH: usize>() {
    let _ = network!(dense(4, WIDTH));
}

fn main() {
    generic::<3>();
}
