//! Tokens that every macro writes: where the library is, spans that make rustc point at the user's words, attributes
//! that are kept. No grammar is known here.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use std::cell::RefCell;
use syn::punctuated::Punctuated;
use syn::{Attribute, Path, Token};

thread_local! {
    /// Where the library is, in the macro call that is being expanded, and a place of the user's own in it.
    static LIBRARY: RefCell<Option<Library>> = const { RefCell::new(None) };
}

struct Library {
    path: TokenStream,
    /// The path is the `$crate` of a wrapper.
    wrapped: bool,
    place: Span,
    end: Span,
}

/// Forgets the library at the end of an expansion, also where that panics.
struct Forget;

impl Drop for Forget {
    fn drop(&mut self) {
        LIBRARY.set(None);
    }
}

/// Expands a call behind whose `macro_rules!` wrapper stands `[$crate]`: what the program calls the library is found
/// whatever its name there is.
pub(crate) fn with_library(input: TokenStream, expand: impl FnOnce(TokenStream) -> TokenStream) -> TokenStream {
    let mut rest = input.clone().into_iter();
    match rest.next() {
        Some(TokenTree::Group(group)) if is_crate(&group) => {
            let rest: TokenStream = rest.collect();
            let span = |token: Option<TokenTree>| token.map_or_else(Span::call_site, |token| token.span());
            let [place, end] = [span(rest.clone().into_iter().next()), span(rest.clone().into_iter().last())];
            within(Library { path: group.stream(), wrapped: true, place, end }, || expand(rest))
        }
        _ => expand(input),
    }
}

/// Expands with the library at this path, as an option of an attribute names it.
pub(crate) fn with_path<R>(path: TokenStream, expand: impl FnOnce() -> R) -> R {
    within(Library { path, wrapped: false, place: Span::call_site(), end: Span::call_site() }, expand)
}

fn within<R>(library: Library, expand: impl FnOnce() -> R) -> R {
    LIBRARY.set(Some(library));
    let _forget = Forget;
    expand()
}

/// `[$crate]`
fn is_crate(group: &Group) -> bool {
    let mut tokens = group.stream().into_iter();
    let is_word = matches!(tokens.next(), Some(TokenTree::Ident(word)) if word == "$crate");
    group.delimiter() == Delimiter::Bracket && is_word && tokens.next().is_none()
}

/// Where the generated code finds the library: the only place that names it. Behind a wrapper it is an alias, which
/// [`import`] declares: `$crate` means the library at the wrapper's own place only, and generated code is shown at the
/// user's words.
pub(crate) fn crate_path() -> TokenStream {
    let named = LIBRARY.with_borrow(|library| {
        let (path, wrapped) = library.as_ref().map(|library| (&library.path, library.wrapped))?;
        Some(if wrapped { quote!(__gradtape) } else { quote!(#path::__private) })
    });
    named.unwrap_or_else(|| quote!(::gradtape::__private))
}

/// The alias of the library, for the beginning of a block of generated code.
pub(crate) fn import() -> Option<TokenStream> {
    LIBRARY.with_borrow(|library| {
        let path = library.as_ref().filter(|library| library.wrapped).map(|library| &library.path)?;
        Some(quote!(#[allow(unused_imports)] use #path::__private as __gradtape;))
    })
}

/// The same tokens for a place outside of such a block.
pub(crate) fn outside(tokens: impl ToTokens) -> TokenStream {
    let tokens = tokens.into_token_stream();
    let path = LIBRARY
        .with_borrow(|library| library.as_ref().filter(|library| library.wrapped).map(|library| library.path.clone()));
    match path {
        Some(path) => without_alias(tokens, &quote!(#path::__private)),
        None => tokens,
    }
}

fn without_alias(tokens: TokenStream, path: &TokenStream) -> TokenStream {
    let one = |token| match token {
        TokenTree::Ident(word) if word == "__gradtape" => path.clone(),
        TokenTree::Group(group) if mentions(group.stream(), "__gradtape") => {
            let mut outer = Group::new(group.delimiter(), without_alias(group.stream(), path));
            outer.set_span(group.span());
            outer.into_token_stream()
        }
        other => other.into_token_stream(),
    };
    tokens.into_iter().map(one).collect()
}

/// The context of what the user wrote: a local variable of this span and one of the user's are the same. That of
/// `Span::call_site` is the `macro_rules!` wrapper's, which is another.
pub(crate) fn user_site() -> Span {
    LIBRARY.with_borrow(|library| library.as_ref().map(|library| library.place)).unwrap_or_else(Span::call_site)
}

/// The first and the last token of what the user wrote: an item that begins at the one and ends at the other is shown
/// as all of it.
pub(crate) fn user_ends() -> [Span; 2] {
    LIBRARY.with_borrow(|library| {
        library.as_ref().map_or_else(|| [Span::call_site(); 2], |library| [library.place, library.end])
    })
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

/// The same tokens as if the user had written them at `location`: what rustc says of them it says without a word on
/// this macro. Local variables of generated code are none of these.
pub(crate) fn placed(tokens: TokenStream, location: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|mut token| {
            if let TokenTree::Group(group) = &token {
                token = TokenTree::Group(Group::new(group.delimiter(), placed(group.stream(), location)));
            }
            // `$crate` means something at its own place only.
            let keeps = matches!(&token, TokenTree::Ident(word) if word == "$crate");
            token.set_span(if keeps { location.resolved_at(token.span()) } else { location });
            token
        })
        .collect()
}

/// `function(receiver, arguments)`, shown at `location` where the receiver is not what the function takes.
pub(crate) fn call_on(
    location: Span,
    function: TokenStream,
    receiver: TokenStream,
    arguments: TokenStream,
) -> TokenStream {
    let (function, value) = (placed(function, location), Ident::new("value", location));
    let mut arguments = Group::new(Delimiter::Parenthesis, quote!(#value, #arguments));
    arguments.set_span(location);
    quote!({ let #value = #receiver; #function #arguments })
}

/// The same tokens with parentheses around what a macro of rules has put in as one expression: rustc reads the output
/// of this macro without the invisible group around it, so that `2 * $n` for `1 + 2` would be 4.
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
