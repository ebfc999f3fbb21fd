//! `#[derive(Module)]`: read ([`parse`]), check ([`check`]), write ([`expand`], which `layer!` uses too).

mod check;
pub(crate) mod expand;
mod parse;

use crate::errors::Errors;
use crate::tokens::with_path;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::DeriveInput;

/// The expansion of one derive.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let declaration = parse::parse(&input, &mut errors);
    match declaration.options.library.clone() {
        Some(path) => with_path(path.into_token_stream(), || implement(declaration, errors)),
        None => implement(declaration, errors),
    }
}

fn implement(declaration: parse::Declaration<'_>, mut errors: Errors) -> TokenStream {
    let target = check::check(&declaration, &mut errors);
    let broken = !errors.is_empty();
    let name = &declaration.input.ident;
    let fields: Vec<_> = declaration.fields.into_iter().map(|declared| declared.field).collect();
    let implementation = expand::implementation(&target, name, &fields, broken);
    let errors = errors.into_tokens();
    quote!(#errors const _: () = { #implementation };)
}

#[cfg(test)]
mod tests;
