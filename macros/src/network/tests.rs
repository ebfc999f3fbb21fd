//! Declarations with something missing: they expand, and to Rust.

use super::network;
use proc_macro2::{Group, TokenStream, TokenTree};

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

/// Every stream with one token less, at any depth; and every one that ends early, as while it is typed.
fn shortened(tokens: &TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut all = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let (before, after) = (&tokens[..i], &tokens[i + 1..]);
        all.push(before.iter().cloned().collect());
        all.push(before.iter().chain(after).cloned().collect());
        if let TokenTree::Group(group) = token {
            for inner in shortened(&group.stream()) {
                let inner = TokenTree::Group(Group::new(group.delimiter(), inner));
                let around = before.iter().cloned().chain([inner]);
                all.push(around.chain(after.iter().cloned()).collect());
            }
        }
    }
    all
}

#[test]
fn what_is_half_typed_expands_to_items() {
    let whole: TokenStream = WHOLE.parse().expect("these are tokens");
    let expansion = network(whole.clone()).to_string();
    assert!(!expansion.contains("compile_error"), "{expansion}");
    assert!(syn::parse_str::<syn::File>(&expansion).is_ok());
    let shortened = shortened(&whole);
    assert!(shortened.len() > 200);
    let (mut with_struct, mut with_last) = (0, 0);
    for tokens in &shortened {
        let expansion = network(tokens.clone());
        let text = expansion.to_string();
        let is_item = syn::parse2::<syn::File>(expansion.clone()).is_ok();
        assert!(is_item || syn::parse2::<syn::Block>(expansion).is_ok(), "{tokens}\n{text}");
        with_struct += usize::from(text.contains("struct Digits"));
        with_last += usize::from(text.contains("pub last :"));
    }
    // Nearly all have the type, and most the last of its fields.
    assert!(with_struct * 100 > shortened.len() * 96, "{with_struct} of {}", shortened.len());
    assert!(with_last * 100 > shortened.len() * 70, "{with_last} of {}", shortened.len());
}

#[test]
fn what_is_half_typed_expands_to_an_expression() {
    let whole =
        "< dense(2, N, relu), residual(first: dense(N)), repeat(2, [relu]), Gate(N, k = 2), sum(dense(1), [relu]) >";
    for tokens in shortened(&whole.parse().expect("these are tokens")) {
        let expansion = network(tokens.clone());
        let text = expansion.to_string();
        let is_item = syn::parse2::<syn::File>(expansion.clone()).is_ok();
        assert!(is_item || syn::parse2::<syn::Block>(expansion).is_ok(), "{tokens}\n{text}");
    }
}
