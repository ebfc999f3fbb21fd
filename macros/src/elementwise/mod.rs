//! `#[elementwise]`: the signature ([`parse`]), the formula as a graph ([`check`], [`arithmetic`], [`names`],
//! [`calls`], [`branches`], [`graph`]), its slopes ([`differentiate`]), and both as Rust ([`write`], [`expand`]). The
//! functions are rows of a table ([`functions`]).

mod arithmetic;
mod branches;
mod calls;
mod check;
mod differentiate;
mod expand;
mod functions;
mod generated;
mod graph;
mod names;
mod parse;
mod write;

use crate::errors::Errors;
use crate::tokens::with_path;
use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Path, Token};

/// The expansion of one function.
pub(crate) fn elementwise(attribute: TokenStream, input: TokenStream) -> TokenStream {
    let mut errors = Errors::default();
    match library(attribute, &mut errors) {
        Some(path) => with_path(path.into_token_stream(), || expand(input, errors)),
        None => expand(input, errors),
    }
}

/// `crate = path`, the only option.
fn library(attribute: TokenStream, errors: &mut Errors) -> Option<Path> {
    if attribute.is_empty() {
        return None;
    }
    let words = attribute.to_string();
    let read = |input: ParseStream<'_>| -> syn::Result<Path> {
        input.parse::<Token![crate]>()?;
        input.parse::<Token![=]>()?;
        input.call(Path::parse_mod_style)
    };
    match read.parse2(attribute.clone()) {
        Ok(path) => Some(path),
        Err(error) if words.starts_with("crate") => {
            let message = format!("the library by the name it has here is written `crate = name`; {error}");
            errors.push(syn::Error::new(error.span(), message));
            None
        }
        Err(_) => {
            errors.at(
                attribute,
                "the only option of #[elementwise] is `crate = name`, where this library has another name; what is \
                 constant in a formula is an argument of type `f64`",
            );
            None
        }
    }
}

fn expand(input: TokenStream, mut errors: Errors) -> TokenStream {
    let Some((function, readable)) = parse::read(input, &mut errors) else { return errors.into_tokens() };
    let declaration = parse::parse(&function, &mut errors);
    let mut formula = None;
    if readable {
        let read = check::check(&declaration, &function.sig.ident, &function.block, &mut errors);
        if errors.is_empty() {
            return expand::function(&function, &declaration, read);
        }
        formula = Some(read);
    }
    let (errors, stub) = (errors.into_tokens(), expand::stub(&function, &declaration, formula.as_ref()));
    quote!(#errors #stub)
}

#[cfg(test)]
mod tests;
