//! `gradcheck!`: read ([`parse`], [`items`], [`arguments`]), check ([`check`]), write ([`expand`]).

mod arguments;
mod check;
mod expand;
mod items;
mod parse;

use crate::errors::Errors;
use crate::tokens::keep_expressions;
use proc_macro2::TokenStream;
use quote::quote;

/// The expansion of one call.
pub(crate) fn gradcheck(input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    let mut invocation = parse::parse(keep_expressions(input), &mut errors);
    check::check(&mut invocation, &mut errors);
    let broken = !errors.is_empty();
    let checks = expand::expand(&invocation, broken);
    let errors = errors.into_tokens();
    if invocation.is_items { quote!(#errors #checks) } else { quote!({ #errors #checks }) }
}

#[cfg(test)]
mod tests;
