//! `network!`: read ([`parse`]), check ([`check`]), write ([`expand`]). The layers are rows of a table ([`layers`]).

mod arguments;
mod check;
mod expand;
mod layers;
mod parse;
mod shape;
mod values;

use crate::errors::Errors;
use crate::text;
use crate::tokens::{attributes, call_at, crate_path, keep_expressions, relocate, rng, snake};
pub(crate) use layers::INITIALIZERS;
use parse::Invocation;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// The expansion of one call.
pub(crate) fn network(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match parse::parse(keep_expressions(input), &mut errors) {
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
