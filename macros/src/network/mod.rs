//! `network!`: read ([`parse`]), check ([`check`]), write ([`expand`]). The layers are rows of a table ([`layers`]).

mod arguments;
mod check;
mod expand;
mod layers;
mod parse;
mod shape;
mod text;
mod values;

use crate::errors::Errors;
use parse::Invocation;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

/// The expansion of one call.
pub(crate) fn network(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match parse::parse(input, &mut errors) {
        Invocation::Items(items) => {
            let plans: Vec<_> = items
                .iter()
                .map(|item| check::check(&item.entries, &item.name.to_token_stream(), &mut errors))
                .collect();
            let broken = !errors.is_empty();
            let items = items.iter().zip(&plans).map(|(item, plan)| expand::item(item, plan, broken));
            let items: TokenStream = items.collect();
            let errors = errors.into_tokens();
            quote!(#errors #items)
        }
        Invocation::Expression(entries) => {
            let plan = check::check(&entries, &TokenStream::new(), &mut errors);
            let network = expand::expression(&plan, !errors.is_empty());
            let errors = errors.into_tokens();
            quote!({ #errors #network })
        }
    }
}

/// Where the generated code finds the library: the only place that names it.
fn crate_path() -> TokenStream {
    quote!(::gradtape::__private)
}

/// The generator of random numbers in generated code, invisible to what the user wrote.
fn rng() -> Ident {
    Ident::new("rng", Span::mixed_site())
}

/// `shape_rule::function(arguments)`, a call of which rustc underlines exactly `at`: it joins the spans of the first
/// and of the last token, so these two carry the user's (`Span::join` is not stable).
fn call_at(at: impl ToTokens, function: TokenStream, arguments: TokenStream) -> TokenStream {
    let tokens: Vec<TokenTree> = at.into_token_stream().into_iter().collect();
    let span = |token: Option<&TokenTree>| token.map_or_else(Span::call_site, TokenTree::span);
    let (first, last) = (span(tokens.first()), span(tokens.last()));
    let p = crate_path();
    let path: TokenStream = quote!(#p::shape_rule::#function)
        .into_iter()
        .map(|mut token| {
            token.set_span(first);
            token
        })
        .collect();
    let mut arguments = Group::new(Delimiter::Parenthesis, arguments);
    arguments.set_span(last);
    quote!(#path #arguments)
}

/// The same tokens, shown at `location` in errors; their names mean what they meant.
fn relocate(tokens: TokenStream, location: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| {
            let mut token = match token {
                TokenTree::Group(group) => {
                    let inner = Group::new(group.delimiter(), relocate(group.stream(), location));
                    let mut outer = TokenTree::Group(inner);
                    outer.set_span(group.span());
                    outer
                }
                other => other,
            };
            token.set_span(location.resolved_at(token.span()));
            token
        })
        .collect()
}

/// `LeakyRelu` and `LeakyReLU` as `leaky_relu` and `leaky_re_lu`.
fn snake(name: &str) -> String {
    let characters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (i, c) in characters.iter().enumerate() {
        let after_small = i > 0 && !characters[i - 1].is_uppercase() && characters[i - 1] != '_';
        let before_small = i > 0 && characters.get(i + 1).is_some_and(|next| next.is_lowercase());
        if c.is_uppercase() && (after_small || (before_small && characters[i - 1] != '_')) {
            text.push('_');
        }
        text.extend(c.to_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_become_field_names() {
        for (name, field) in
            [("Gate", "gate"), ("LeakyRelu", "leaky_relu"), ("MLPBlock", "mlp_block"), ("My_Own", "my_own")]
        {
            assert_eq!(snake(name), field);
        }
    }
}
