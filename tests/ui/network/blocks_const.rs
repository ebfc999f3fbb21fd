//! The same where only rustc knows the sizes.
use gradtape::network;

const WIDE: usize = 16;
const NARROW: usize = 4;
const NONE: usize = 0;

network! {
    struct Residual { input(8), residual(dense(WIDE, relu), dense(NARROW)), dense(8, 2) }
    struct Sum { input(8), sum([dense(WIDE, relu), dense(NARROW)], dense(NARROW + 1)) }
    struct Concat { input(3, 8), concat(dense(NARROW), [flatten, dense(WIDE)]), dense(WIDE + NARROW, 1) }
    struct Repeat { repeat(3, dense(WIDE, NARROW)), repeat(NONE, dense(WIDE, WIDE)) }
}

fn main() {
    let _ = network!(input(NARROW, 8), concat(dense(NARROW), dense(WIDE)), dense(21, 2));
}
