//! Structs with something missing: the derive expands, and to Rust, and where a struct can be read it is a module.

use super::derive;
use crate::half_typed::share;
use proc_macro2::TokenStream;

/// Whether the expansion makes a module of a struct with a mistake, so that nothing else in the program fails.
fn is_module(text: &str) -> bool {
    let expansion = derive(text.parse::<TokenStream>().expect("these are tokens")).to_string();
    assert!(expansion.contains("compile_error"), "{expansion}");
    expansion.contains(":: nn :: Module <")
}

#[test]
fn what_is_half_typed_expands_to_an_impl() {
    // Most of these are no structs, and rustc hands on nothing but structs.
    let whole = "
        /// A module.
        #[module(number = T, crate = ad)]
        pub(crate) struct Encoder<'a, T: Clone, M, const N: usize = 2>
        where
            M: Clone,
        {
            #[module(rename = \"gain\")]
            pub scale: Param<T>,
            layers: Vec<[Dense<T>; N]>,
            inner: M,
            #[module(skip)]
            heads: &'a usize,
            marker: PhantomData<fn() -> T>,
        }
    ";
    let with_word = share(whole, ":: nn :: Module <", derive);
    assert!(with_word > 26, "{with_word}");
    let with_word = share("struct Pair<T>(Dense<T>, #[module(skip)] usize);", ":: nn :: Module <", derive);
    assert!(with_word > 26, "{with_word}");
}

#[test]
fn a_mistake_leaves_a_module() {
    for text in [
        "struct Gate { #[module(skip)] features: usize }",
        "struct Gate<T, U> { first: Param<T>, second: Param<U> }",
        "#[module(number = N)] struct Gate<T> { first: Param<T> }",
        "struct Gate<T> { #[module(skp)] first: Param<T> }",
        "enum Gate<T> { First(Param<T>) }",
    ] {
        assert!(is_module(text), "{text}");
    }
}

#[test]
fn a_name_in_the_paths_can_be_seen_and_typed() {
    let expand = |name: &str| {
        let text = format!("struct Gate<T> {{ #[module(rename = \"{name}\")] first: Param<T> }}");
        derive(text.parse::<TokenStream>().expect("these are tokens")).to_string()
    };
    for name in ["b ", " b", "a b", "\\t", "\\u{a0}", "\\0"] {
        let expansion = expand(name);
        assert!(expansion.contains("one step of a path: without spaces"), "{expansion}");
    }
    let raw = expand("r#w");
    assert!(raw.contains("write it without `r#`"), "{raw}");
    for name in ["", "a.b"] {
        assert!(expand(name).contains("not empty, and without `.`"), "{name}");
    }
    for name in ["b", "layer-1", "größe", "0", "r"] {
        assert!(!expand(name).contains("compile_error"), "{name}");
    }
}
