//! Functions with something missing: they expand, and to Rust, and where the signature can be read it is kept.

use super::elementwise;
use crate::half_typed::share;
use proc_macro2::TokenStream;

#[test]
fn what_is_half_typed_expands_to_the_function() {
    let whole = "
        /// A formula.
        #[inline]
        pub(crate) fn huber<T>(x: T, y: T, delta: f64) -> T {
            const HALF: f64 = 0.5;
            let d: T = (x - y).abs();
            let e = { let z = -exp(2.0 * d); z.powi(-3) };
            if d < delta && !(x >= 1.0) { HALF * d * d } else { delta * my::swish(d, e) + clamp(x, -1.0, SIZE as f64) }
        }
    ";
    let formula = |input| elementwise(TokenStream::new(), input);
    let with_word = share(whole, "fn huber", formula);
    assert!(with_word > 74, "{with_word}");
    // The arguments, so that what calls the function is understood.
    let with_word = share(whole, "delta : f64) -> T :: Output", formula);
    assert!(with_word > 74, "{with_word}");
}

#[test]
fn a_half_typed_option_leaves_the_function() {
    let formula = "fn double<T>(x: T) -> T { 2.0 * x }".parse::<TokenStream>().expect("these are tokens");
    let with = |option| elementwise(option, formula.clone());
    let with_word = share("crate = ad::inner", "fn double", with);
    assert!(with_word > 99, "{with_word}");
}
