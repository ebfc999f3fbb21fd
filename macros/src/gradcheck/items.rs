//! The cases of a `gradcheck!` that are functions: attributes, a name, inputs in parentheses and a block. Those without
//! a name are read in [`parse`](super::parse).

use super::arguments::{Argument, arguments, settings};
use super::parse::{Case, Invocation, Setting, begins_with_settings};
use crate::errors::Errors;
use proc_macro2::{Delimiter, Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, Token, Visibility};

/// `#[test] fn name`
pub(super) struct Item {
    pub(super) attributes: Vec<Attribute>,
    pub(super) settings: Vec<Setting>,
    pub(super) visibility: Visibility,
    pub(super) name: Ident,
}

/// `#[test] fn name(x: [3, 4]) { .. }`, one after the other.
pub(super) fn items(input: ParseStream<'_>, invocation: &mut Invocation, errors: &mut Errors) -> syn::Result<()> {
    if begins_with_settings(input) {
        front_of_items(input, invocation, errors)?;
    }
    while !input.is_empty() {
        if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
            continue;
        }
        let found = errors.len();
        match item(input, errors) {
            Ok(case) => invocation.cases.push(Case { broken: errors.len() > found, ..case }),
            Err(error) => {
                errors.push(error);
                // From the next `fn` on.
                while !(input.is_empty() || input.peek(Token![fn]) || input.peek(Token![#])) {
                    input.parse::<TokenTree>()?;
                }
            }
        }
    }
    Ok(())
}

fn front_of_items(input: ParseStream<'_>, invocation: &mut Invocation, errors: &mut Errors) -> syn::Result<()> {
    let mut tokens = TokenStream::new();
    let ends = |input: ParseStream<'_>| {
        [input.peek(Token![;]), input.peek(Token![fn]), input.peek(Token![#]), input.peek(Token![pub])].contains(&true)
    };
    while !input.is_empty() && !ends(input) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    let last = tokens.clone().into_iter().last();
    invocation.settings = settings(tokens, errors);
    if input.peek(Token![;]) {
        input.parse::<Token![;]>()?;
    } else {
        errors
            .at(last, "the settings end with `;`, and the functions follow: `order = 1; fn name(x: [3]) { x.tanh() }`");
    }
    Ok(())
}

fn item(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Case> {
    let mut attributes = input.call(Attribute::parse_outer)?;
    let mut own = Vec::new();
    attributes.retain(|attribute| {
        let is_ours = attribute.path().is_ident("gradcheck");
        if is_ours {
            match attribute.meta.require_list() {
                Ok(list) => own.extend(settings(list.tokens.clone(), errors)),
                Err(_) => errors.at(attribute, "settings stand in parentheses: `#[gradcheck(order = 1)]`"),
            }
        }
        !is_ours
    });
    let visibility: Visibility = input.parse()?;
    let form = "a check is written `fn name(x: [3, 4]) { x.tanh().sum() }`";
    if !input.peek(Token![fn]) {
        return Err(input.error(format!("expected `fn`: {form}")));
    }
    let keyword: Token![fn] = input.parse()?;
    if !input.peek(syn::Ident) {
        return Err(syn::Error::new(keyword.span, format!("expected a name: {form}")));
    }
    let name: Ident = input.parse()?;
    if !input.peek(syn::token::Paren) {
        return Err(syn::Error::new(name.span(), format!("expected the inputs in parentheses: {form}")));
    }
    let parentheses: Group = input.parse()?;
    let found = errors.len();
    let arguments = arguments(parentheses.stream(), errors);
    if arguments.is_empty() && errors.len() == found {
        let message = format!("there is no input to differentiate with respect to: {form}");
        errors.push(syn::Error::new(parentheses.span(), message));
    }
    if input.peek(Token![->]) {
        let arrow: Token![->] = input.parse()?;
        let of: syn::Type = input.parse()?;
        errors.at(quote::quote!(#arrow #of), "a check has no type: remove it; the result may have any shape");
    }
    let has_model = arguments.iter().any(Argument::is_model);
    let body = if input.peek(syn::token::Brace) {
        let block: Group = input.parse()?;
        ends_in_a_number(&block, errors);
        Some(block.stream())
    } else {
        if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
        }
        if !has_model {
            let message = format!("what does `{name}` check? an expression of the inputs stands in braces: {form}");
            errors.push(syn::Error::new(name.span(), message));
        } else if arguments.iter().filter(|argument| !argument.is_model()).count() > 1 {
            errors.push(syn::Error::new(
                name.span(),
                "a model with several inputs is called in braces: `{ net.forward(x, z) }`",
            ));
        }
        None
    };
    let item = Item { attributes, settings: own, visibility, name };
    Ok(Case { place: item.name.span(), item: Some(item), arguments, body, broken: false })
}

/// A `;` behind the last expression throws away the result.
fn ends_in_a_number(block: &Group, errors: &mut Errors) {
    debug_assert_eq!(block.delimiter(), Delimiter::Brace);
    let Ok(block) = syn::parse2::<syn::Block>(block.to_token_stream()) else { return };
    match block.stmts.last() {
        Some(syn::Stmt::Expr(expression, Some(semicolon))) if !matches!(expression, Expr::Return(_)) => {
            errors.at(semicolon, "remove this `;`: the last line is the result");
        }
        None => errors.at(&block, "what is checked? the last line is an expression of the inputs"),
        _ => {}
    }
}
