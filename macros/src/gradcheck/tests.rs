//! Checks with something missing: they expand, and to Rust.

use super::gradcheck;
use crate::half_typed::share;

#[test]
fn what_is_half_typed_expands_to_items() {
    let whole = "
        order = 1, rtol = 1e-5;
        /// A check.
        #[test]
        #[gradcheck(seeds = 2, allow_kinks)]
        pub fn first(x: [3, N], w: [N] in 0.5..2.0) { x }
        fn second(net = Net::new(rng), x: [4, 3]) { net }
        fn third(model: Net::new(rng), x: [3]);
    ";
    let with_word = share(whole, "fn second", gradcheck);
    assert!(with_word > 84, "{with_word}");
}

#[test]
fn what_is_half_typed_expands_to_an_expression() {
    let whole = "order = 1; |x: [3], w: [3, 2] in -1.0..1.0| x; net, x: [2, 3], |y| y; \
                 |m = Net::new(rng), z: []| { m }";
    let with_word = share(whole, "check_drawn", gradcheck);
    assert!(with_word > 60, "{with_word}");
}
