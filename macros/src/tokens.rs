//! Tokens that every macro writes: where the library is, spans that make rustc point at the user's words, attributes
//! that are kept. No grammar is known here.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::punctuated::Punctuated;
use syn::{Attribute, Path, Token};

/// Where the generated code finds the library: the only place that names it.
pub(crate) fn crate_path() -> TokenStream {
    quote!(::gradtape::__private)
}

/// The generator of random numbers in generated code, invisible to what the user wrote.
pub(crate) fn rng() -> Ident {
    Ident::new("rng", Span::mixed_site())
}

/// `shape_rule::function(arguments)`, a call of which rustc underlines exactly `at`: it joins the spans of the first
/// and of the last token, so these two carry the user's (`Span::join` is not stable).
pub(crate) fn call_at(at: impl ToTokens, function: TokenStream, arguments: TokenStream) -> TokenStream {
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
pub(crate) fn relocate(tokens: TokenStream, location: Span) -> TokenStream {
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

/// The same tokens with parentheses around what a macro of rules has put in as one expression: rustc reads the output of
/// this macro without the invisible group around it, so that `2 * $n` for `1 + 2` would be 4.
pub(crate) fn keep_expressions(tokens: TokenStream) -> TokenStream {
    parenthesized(&tokens).unwrap_or(tokens)
}

/// `None` where nothing changes: a group that is made anew no longer knows where it opens and closes.
fn parenthesized(tokens: &TokenStream) -> Option<TokenStream> {
    let mut changed = false;
    let mut one = |token: TokenTree| {
        let TokenTree::Group(group) = &token else { return token };
        let inner = parenthesized(&group.stream());
        let loose = group.delimiter() == Delimiter::None && binds_loosely(group.stream());
        if inner.is_none() && !loose {
            return token;
        }
        changed = true;
        let delimiter = if loose { Delimiter::Parenthesis } else { group.delimiter() };
        let mut kept = Group::new(delimiter, inner.unwrap_or_else(|| group.stream()));
        kept.set_span(group.span());
        TokenTree::Group(kept)
    };
    let kept: TokenStream = tokens.clone().into_iter().map(&mut one).collect();
    changed.then_some(kept)
}

/// Whether these tokens are an expression that would fall apart beside an operator or before a `.`.
fn binds_loosely(tokens: TokenStream) -> bool {
    use syn::Expr::{Assign, Binary, Cast, Closure, Range, Reference, Unary};
    let expression = syn::parse2(tokens);
    matches!(expression, Ok(Assign(_) | Binary(_) | Cast(_) | Closure(_) | Range(_) | Reference(_) | Unary(_)))
}

/// Whether the word stands anywhere in these tokens, or in a string, as `{word}` of a format.
pub(crate) fn mentions(tokens: impl ToTokens, word: &str) -> bool {
    tokens.into_token_stream().into_iter().any(|token| match token {
        TokenTree::Group(group) => mentions(group.stream(), word),
        TokenTree::Ident(ident) => ident == word,
        TokenTree::Literal(literal) => {
            let text = literal.to_string();
            text.contains('"') && text.contains(&format!("{{{word}"))
        }
        TokenTree::Punct(_) => false,
    })
}

/// `LeakyRelu` and `LeakyReLU` as `leaky_relu` and `leaky_re_lu`.
pub(crate) fn snake(name: &str) -> String {
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

/// The attributes of the struct without the derives of what the macro implements itself.
pub(crate) fn attributes(attributes: &[Attribute]) -> Vec<TokenStream> {
    let implemented = |path: &Path| {
        path.segments.last().is_some_and(|last| ["Clone", "Debug", "Display"].iter().any(|name| last.ident == name))
    };
    let kept = attributes.iter().filter_map(|attribute| {
        if !attribute.path().is_ident("derive") {
            return Some(attribute.to_token_stream());
        }
        let Ok(list) = attribute.parse_args_with(Punctuated::<Path, Token![,]>::parse_terminated) else {
            return Some(attribute.to_token_stream());
        };
        let others: Vec<Path> = list.into_iter().filter(|path| !implemented(path)).collect();
        (!others.is_empty()).then(|| quote!(#[derive(#(#others),*)]))
    });
    kept.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_of_a_macro_of_rules_stays_one() {
        let of = |text: &str| Group::new(Delimiter::None, text.parse().expect("these are tokens")).to_token_stream();
        let (sum, size, of_type) = (of("1 + 2"), of("3"), of("Dense<T>"));
        let kept = keep_expressions(quote!(f(2 * #sum, #size, <#of_type>::new)));
        assert_eq!(kept.to_string(), "f (2 * (1 + 2) , 3 , < Dense < T > > :: new)");
    }

    #[test]
    fn types_become_field_names() {
        for (name, field) in
            [("Gate", "gate"), ("LeakyRelu", "leaky_relu"), ("MLPBlock", "mlp_block"), ("My_Own", "my_own")]
        {
            assert_eq!(snake(name), field);
        }
    }
}
