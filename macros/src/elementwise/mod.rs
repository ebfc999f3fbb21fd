//! `#[elementwise]`: the signature ([`parse`]), the formula as a graph ([`check`], [`calls`], [`branches`], [`graph`]),
//! its slopes ([`differentiate`]), and both as Rust ([`write`], [`expand`]). The functions are rows of a table
//! ([`functions`]).

mod branches;
mod calls;
mod check;
mod differentiate;
mod expand;
mod functions;
mod graph;
mod parse;
mod write;

use crate::errors::Errors;
use proc_macro2::TokenStream;
use quote::quote;

/// The expansion of one function.
pub(crate) fn elementwise(attribute: TokenStream, input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    if !attribute.is_empty() {
        errors.at(attribute, "#[elementwise] takes no arguments");
    }
    let function = match parse::read(input.clone()) {
        Ok(function) => function,
        Err(error) => {
            errors.push(error);
            let errors = errors.into_tokens();
            return quote!(#errors);
        }
    };
    let declaration = parse::parse(&function, &mut errors);
    let formula = check::check(&declaration, &function.sig.ident, &function.block, &mut errors);
    if errors.is_empty() {
        return expand::function(&function, &declaration, formula);
    }
    let (errors, stub) = (errors.into_tokens(), expand::stub(&function, &declaration));
    quote!(#errors #stub)
}
