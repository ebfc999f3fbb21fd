//! Declarations of which something is missing, as while they are typed, for the tests of every macro: what a macro
//! makes of one is Rust, so that an editor knows the rest of the program.

use proc_macro2::{Group, TokenStream, TokenTree};

/// Every stream with one token less, at any depth; and every one that ends early.
pub(crate) fn shortened(text: &str) -> Vec<TokenStream> {
    of(&text.parse().expect("these are tokens"))
}

fn of(tokens: &TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut all = Vec::new();
    for (i, token) in tokens.iter().enumerate() {
        let (before, after) = (&tokens[..i], &tokens[i + 1..]);
        all.push(before.iter().cloned().collect());
        all.push(before.iter().chain(after).cloned().collect());
        if let TokenTree::Group(group) = token {
            for inner in of(&group.stream()) {
                let inner = TokenTree::Group(Group::new(group.delimiter(), inner));
                let around = before.iter().cloned().chain([inner]);
                all.push(around.chain(after.iter().cloned()).collect());
            }
        }
    }
    all
}

/// Expands the whole, which has no mistake, and everything that is shortened. The share of the latter, in percent,
/// whose expansion holds `word`. What a macro leaves to rustc as it is written, such as the body of a function, is one
/// word.
pub(crate) fn share(whole: &str, word: &str, expand: impl Fn(TokenStream) -> TokenStream) -> usize {
    let expansion = expand(whole.parse().expect("these are tokens"));
    let text = expansion.to_string();
    assert!(!text.contains("compile_error"), "{}", &text[..text.len().min(300)]);
    assert!(text.contains(word) && is_rust(expansion), "the whole");
    let shortened = shortened(whole);
    let mut with_word = 0;
    for tokens in &shortened {
        let expansion = expand(tokens.clone());
        let text = expansion.to_string();
        assert!(is_rust(expansion), "{tokens}");
        with_word += usize::from(text.contains(word));
    }
    100 * with_word / shortened.len()
}

/// Items, or a block.
fn is_rust(expansion: TokenStream) -> bool {
    syn::parse2::<syn::File>(expansion.clone()).is_ok() || syn::parse2::<syn::Block>(expansion).is_ok()
}
