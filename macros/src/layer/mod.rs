//! `layer!`: read ([`parse`], [`entries`]), check ([`check`], [`rule`]), write ([`expand`], [`forward`], [`traits`]).
//! Parameters are visited as `#[derive(Module)]` visits them; that stands in [`module`](crate::module).

mod check;
mod entries;
mod expand;
mod forward;
mod parse;
mod rule;
mod traits;

use crate::errors::Errors;
use crate::tokens::keep_expressions;
use proc_macro2::TokenStream;
use quote::quote;

/// The expansion of one call.
pub(crate) fn layer(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let items = parse::parse(keep_expressions(input), &mut errors);
    let rules: Vec<_> = items.iter().map(|item| check::check(item, &mut errors)).collect();
    let broken = !errors.is_empty();
    let items: TokenStream = items.iter().zip(rules).map(|(item, rule)| expand::item(item, rule, broken)).collect();
    let errors = errors.into_tokens();
    quote!(#errors #items)
}

#[cfg(test)]
mod tests;
