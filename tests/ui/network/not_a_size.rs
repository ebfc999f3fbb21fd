//! Something else where a size is expected.
use gradtape::prelude::*;

fn main() {
    let _ = network!(input(0), dense(784.0, 128, relu), dense(128, 6.5), dense(-1, 10), dense("ten", 3), dense(3u8, 2));
}
