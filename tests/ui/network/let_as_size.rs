//! A variable where a size is expected.
use gradtape::prelude::*;

fn main() {
    let hidden = 128;
    let _ = network!(dense(784, hidden, relu), dense(hidden, 10, softmax));
    let _ = network!(dense(784, hidden));
    let _ = network!(dense(784, 2 * hidden), dropout(rate));
}
