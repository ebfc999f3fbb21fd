//! `network!` read into a list of declarations, going on behind each mistake. How their entries are read stands in
//! [`entries`](super::entries).

pub(crate) use super::entries::{Argument, Entry};
use super::entries::{Place, entries};
use super::generics::Generics;
use crate::errors::Errors;
use proc_macro2::{TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Ident, Result, Token, Visibility, token};

/// One call of the macro.
pub(crate) enum Invocation {
    /// `pub struct Name { .. }`, any number of times.
    Items(Vec<Item>),
    /// `layer, layer` or `< layer, layer >`, perhaps behind the const parameters that stand in it.
    Expression(Option<Generics>, Vec<Entry>),
}

/// `#[attributes] pub struct Name { entries }`
pub(crate) struct Item {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) generics: Generics,
    pub(crate) entries: Vec<Entry>,
}

/// Reads one call. Mistakes go to `errors`; what could be read is returned all the same.
pub(crate) fn parse(input: TokenStream, errors: &mut Errors) -> Invocation {
    let mut invocation = Invocation::Expression(None, Vec::new());
    let mut found = Errors::default();
    let read = |input: ParseStream<'_>| {
        if begins_item(input) {
            let mut list = Vec::new();
            let read = items(input, &mut list, &mut found);
            // What was read before a mistake stays, so that the rest of the program finds its types.
            invocation = Invocation::Items(list);
            read
        } else {
            let (mut generics, mut list) = (None, Vec::new());
            let read = expression(input, &mut generics, &mut list, &mut found);
            invocation = Invocation::Expression(generics, list);
            read
        }
    };
    let end = read.parse2(input);
    errors.append(found);
    if let Err(error) = end {
        errors.push(error);
    }
    invocation
}

/// An item begins with `struct`, a visibility, or (the word forgotten) a name before braces.
fn begins_item(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    ahead.call(Attribute::parse_outer).is_ok()
        && (ahead.peek(Token![struct]) || ahead.peek(Token![pub]) || (ahead.peek(Ident) && ahead.peek2(token::Brace)))
}

fn items(input: ParseStream<'_>, list: &mut Vec<Item>, errors: &mut Errors) -> Result<()> {
    while !input.is_empty() {
        list.push(item(input, errors)?);
        while input.peek(Token![,]) || input.peek(Token![;]) {
            let separator: TokenTree = input.parse()?;
            errors.at(&separator, "nothing stands between two networks: remove this");
        }
    }
    Ok(())
}

fn item(input: ParseStream<'_>, errors: &mut Errors) -> Result<Item> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility: Visibility = input.parse()?;
    if input.peek(Token![struct]) {
        input.parse::<Token![struct]>()?;
    } else {
        errors.push(input.error("expected `struct`: a network is declared as `pub struct Name { layer, layer }`"));
    }
    let name: Ident = input.parse()?;
    let mut written: syn::Generics = input.parse()?;
    written.where_clause = input.parse()?;
    let generics = Generics::read(&written, &name.to_string(), errors);
    if !input.peek(token::Brace) {
        let form = format!("expected the layers in braces: `struct {name} {{ field: layer, field: layer }}`");
        let found = if input.is_empty() { syn::Error::new(name.span(), form) } else { input.error(form) };
        // Nothing behind this can be read, but the name is known: the rest of the program still finds its type.
        errors.push(found);
        input.parse::<TokenStream>()?;
        return Ok(Item { attributes, visibility, name, generics, entries: Vec::new() });
    }
    let body;
    syn::braced!(body in input);
    let mut list = Vec::new();
    if let Err(error) = entries(&body, &mut list, errors, Place::Sequence) {
        errors.push(error);
        body.parse::<TokenStream>()?;
    }
    Ok(Item { attributes, visibility, name, generics, entries: list })
}

fn expression(
    input: ParseStream<'_>,
    generics: &mut Option<Generics>,
    list: &mut Vec<Entry>,
    errors: &mut Errors,
) -> Result<()> {
    if input.peek(Token![<]) && input.peek2(Token![const]) {
        let written: syn::Generics = input.parse()?;
        *generics = Some(Generics::read(&written, "Network", errors));
    }
    let opened: Option<Token![<]> = input.parse()?;
    entries(input, list, errors, if opened.is_some() { Place::Bracketed } else { Place::Sequence })?;
    if let Some(opened) = opened {
        if input.peek(Token![>]) {
            input.parse::<Token![>]>()?;
            if !input.is_empty() {
                errors.push(input.error("nothing stands behind the closing `>`"));
                input.parse::<TokenStream>()?;
            }
        } else {
            errors.at(opened, "this `<` is never closed: write `< layer, layer >`");
        }
    }
    Ok(())
}
