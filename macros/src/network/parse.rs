//! `network!` read into a list of declarations, going on behind each mistake. How their entries are read stands in
//! [`entries`](super::entries).

pub(crate) use super::entries::{Argument, Entry};
use super::entries::{Place, entries};
use super::generics::Generics;
use crate::errors::Errors;
use proc_macro2::{TokenStream, TokenTree};
use syn::parse::discouraged::Speculative;
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
    attributes(&ahead, &mut Errors::default()).is_ok()
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
    let attributes = attributes(input, errors)?;
    let visibility: Visibility = input.parse()?;
    if input.peek(Token![struct]) {
        input.parse::<Token![struct]>()?;
    } else {
        errors.push(input.error("expected `struct`: a network is declared as `pub struct Name { layer, layer }`"));
        // `enum Name`, `fn Name`
        if input.peek2(Ident) {
            input.parse::<TokenTree>()?;
        }
    }
    let name: Ident = input.parse()?;
    let generics = parameters(input, &name, errors)?;
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

/// The parameters of a network; where they cannot be read, the const parameters among them are still known.
fn parameters(input: ParseStream<'_>, name: &Ident, errors: &mut Errors) -> Result<Generics> {
    let ahead = input.fork();
    let read = ahead.parse::<syn::Generics>().and_then(|mut written| {
        written.where_clause = ahead.parse()?;
        Ok(written)
    });
    match read {
        Ok(written) => {
            input.advance_to(&ahead);
            Ok(Generics::read(&written, &name.to_string(), errors))
        }
        Err(error) => {
            let form = "the parameters of a network are written `<const H: usize, T = f32>`";
            errors.push(syn::Error::new(error.span(), form));
            let mut consts = Vec::new();
            while !input.is_empty() && !input.peek(token::Brace) {
                if input.peek(Token![const]) && input.peek2(Ident) {
                    input.parse::<Token![const]>()?;
                    consts.push(input.parse()?);
                } else {
                    input.parse::<TokenTree>()?;
                }
            }
            Ok(Generics::with_consts(consts))
        }
    }
}

/// Attributes; one that cannot be read is left out.
pub(super) fn attributes(input: ParseStream<'_>, errors: &mut Errors) -> Result<Vec<Attribute>> {
    let mut list = Vec::new();
    while input.peek(Token![#]) {
        let hash: TokenTree = input.parse()?;
        if !input.peek(token::Bracket) {
            errors.at(hash, "expected an attribute: `#[..]`");
            continue;
        }
        let group: TokenTree = input.parse()?;
        match Attribute::parse_outer.parse2(TokenStream::from_iter([hash, group.clone()])) {
            Ok(read) => list.extend(read),
            Err(error) => errors.at(group, format!("this is no attribute: {error}")),
        }
    }
    Ok(list)
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
