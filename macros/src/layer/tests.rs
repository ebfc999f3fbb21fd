//! Declarations with something missing: they expand, and to Rust.

use super::layer;
use crate::half_typed::share;

const WHOLE: &str = "
    /// A layer.
    #[derive(Clone)]
    pub struct Gate(features: usize, slope: f64 = 0.1, path: Vec<usize> = vec![1, 2]) {
        /// The first.
        weight: [features, 2 * features] = init::xavier_uniform,
        pub(crate) bias: [features] = |shape, rng| init::zeros(shape, rng),
        buffer mean: [features, SIZE] = normal(0.0, 0.1),
        inner: nn::Dense<T> = nn::Dense::new(features, 2, rng),
    }
    shape [rows @ _, features] -> [rows, features * 2 - 1]
    forward(x) { weight }

    struct Pair() {}
    forward(x, mut mask: &Tensor<bool>) -> (TensorVar<'t, T>, usize) { x }
";

#[test]
fn what_is_half_typed_expands_to_items() {
    let with_word = share(WHOLE, "struct Gate", layer);
    assert!(with_word > 93, "{with_word}");
    let with_word = share(WHOLE, "struct Pair", layer);
    assert!(with_word > 80, "{with_word}");
}
