//! Declarations with something missing: they expand, and to Rust.

use super::network;
use crate::half_typed::share;

const WHOLE: &str = "
    /// A network.
    #[derive(Clone)]
    pub struct Digits<const H: usize, T = f32> {
        input(1, 28, 28), flatten,
        /// The first.
        pub first: dense(H * 2, leaky_relu(0.1), bias = false, init = my::init(2.0)),
        residual(dense(H, tanh), my::Gate(H, slope = 0.5)), repeat(3, dense(H), dropout(RATE)),
        sum([dense(4, relu), dense(2)], two: dense(2)), joined: concat(linear, [softmax]), last: dense(10, softmax)
    }
    struct Second { dense(2, 2) }
";

#[test]
fn what_is_half_typed_expands_to_items() {
    // Nearly all have the type, and most the last of its fields.
    let with_word = share(WHOLE, "struct Digits", network);
    assert!(with_word > 95, "{with_word}");
    let with_word = share(WHOLE, "pub last :", network);
    assert!(with_word > 69, "{with_word}");
}

#[test]
fn what_is_half_typed_expands_to_an_expression() {
    let whole =
        "< dense(2, N, relu), residual(first: dense(N)), repeat(2, relu), Gate(N, k = 2), sum(dense(1), [relu]) >";
    let with_word = share(whole, "NetworkBuilder", network);
    assert!(with_word > 90, "{with_word}");
}
