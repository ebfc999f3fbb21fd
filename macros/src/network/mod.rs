//! `network!`: read ([`parse`]), check ([`check`]), write ([`expand`]). The layers are rows of a table ([`layers`]).

mod arguments;
mod blocks;
mod bodies;
mod check;
mod entries;
mod entry;
mod expand;
mod generics;
mod layers;
mod parse;
mod plan;
mod row;
mod shape;
mod values;

use crate::errors::Errors;
use crate::text;
use crate::tokens::{
    attributes, call_at, call_on, crate_path, import, keep_expressions, outside, placed, relocate, rng, snake,
    user_ends, user_site,
};
use generics::Generics;
pub(crate) use layers::INITIALIZERS;
use parse::Invocation;
use proc_macro2::TokenStream;
use quote::{ToTokens, format_ident, quote};
pub(crate) use values::wrong_form;

/// The expansion of one call.
pub(crate) fn network(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match parse::parse(keep_expressions(input), &mut errors) {
        Invocation::Items(items) => {
            let plans: Vec<_> = items
                .iter()
                .map(|item| {
                    let at = item.name.to_token_stream();
                    check::check(&item.entries, &item.name, &item.generics, &at, &mut errors)
                })
                .collect();
            let broken = !errors.is_empty();
            let items = items.iter().zip(&plans).map(|(item, plan)| expand::item(item, plan, broken));
            let items: TokenStream = items.collect();
            let errors = errors.into_tokens();
            quote!(#errors #items)
        }
        Invocation::Expression(generics, entries) => {
            let name = format_ident!("Network");
            let generics = generics.unwrap_or_else(|| Generics::with_consts(values::single_letters(&entries)));
            let plan = check::check(&entries, &name, &generics, &TokenStream::new(), &mut errors);
            let network = expand::expression(&name, &generics, &plan, !errors.is_empty());
            let errors = errors.into_tokens();
            quote!({ #errors #network })
        }
    }
}

#[cfg(test)]
mod tests;
