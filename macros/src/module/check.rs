//! Whether a declaration makes sense: which type parameter is that of the numbers, and which others are modules. What
//! is written for it stands in [`expand`](super::expand).

use super::expand::{Role, Target};
use super::parse::{Declaration, Declared};
use crate::errors::Errors;
use crate::tokens::{crate_path, mentions};
use proc_macro2::Ident;
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, Generics};

/// What stands around the methods. After a mistake it is a module all the same, so that nothing else fails.
pub(super) fn check(declaration: &Declaration<'_>, errors: &mut Errors) -> Target {
    names(&declaration.fields, errors);
    let number = match &declaration.options.number {
        Some(word) => stated(declaration, word, errors),
        None => found(declaration, errors),
    };
    let number = number.unwrap_or_else(|| {
        let first = declaration.input.generics.type_params().next();
        first.map_or_else(|| format_ident!("__T"), |parameter| parameter.ident.clone())
    });
    for Declared { field, of, .. } in &declaration.fields {
        if field.role == Role::Kept && mentions(of, &number.to_string()) {
            errors.at(
                of,
                format!(
                    "a skipped field is cloned into a module of other numbers: its type cannot depend on `{number}`"
                ),
            );
        }
    }
    target(declaration, number)
}

/// Two fields are not visited by one name.
fn names(fields: &[Declared], errors: &mut Errors) {
    for (i, Declared { field, place, .. }) in fields.iter().enumerate() {
        let is_same = |other: &Declared| other.field.role == field.role && other.field.name == field.name;
        if field.role == Role::Module && fields[..i].iter().any(is_same) {
            errors.push(syn::Error::new(*place, format!("another field is visited as `{}` already", field.name)));
        }
    }
}

/// `#[module(number = T)]`
fn stated(declaration: &Declaration<'_>, word: &Ident, errors: &mut Errors) -> Option<Ident> {
    let input = declaration.input;
    if input.generics.type_params().any(|parameter| parameter.ident == *word) {
        return Some(word.clone());
    }
    errors.at(word, format!("`{word}` is no type parameter of `{}`", input.ident));
    None
}

/// The type parameter that stands in the types of the fields that are visited.
fn found(declaration: &Declaration<'_>, errors: &mut Errors) -> Option<Ident> {
    let input = declaration.input;
    let parameters: Vec<&Ident> = input.generics.type_params().map(|parameter| &parameter.ident).collect();
    let found: Vec<&Ident> =
        parameters.iter().copied().filter(|parameter| is_visited(&declaration.fields, parameter)).collect();
    let name = &input.ident;
    match found[..] {
        [only] => return Some(only.clone()),
        // Nothing but markers and skipped fields.
        [] if parameters.len() == 1 => return Some(parameters[0].clone()),
        _ if !errors.is_empty() => {}
        [] if parameters.is_empty() => errors.at(
            name,
            format!("a module is generic over the type of its numbers: `struct {name}<T> {{ weight: Param<T> }}`"),
        ),
        [] => errors.at(
            &input.generics,
            "no field has parameters: say which type is that of the numbers, `#[module(number = T)]` above the struct",
        ),
        [first, ..] => {
            let all: Vec<String> = found.iter().map(|parameter| format!("`{parameter}`")).collect();
            errors.at(
                &input.generics,
                format!(
                    "which of {} is the type of the numbers? write `#[module(number = {first})]` above the struct",
                    all.join(" and ")
                ),
            );
        }
    }
    None
}

/// Whether the parameter stands in the type of a field that is visited.
fn is_visited(fields: &[Declared], parameter: &Ident) -> bool {
    let word = parameter.to_string();
    fields.iter().any(|declared| declared.field.role == Role::Module && mentions(&declared.of, &word))
}

/// Parameters and bounds of the impl. A type parameter that is a module itself is converted with the struct.
fn target(declaration: &Declaration<'_>, number: Ident) -> Target {
    let p = crate_path();
    let (input, name) = (declaration.input, &declaration.input.ident);
    let taken = |word: &str| input.generics.type_params().any(|parameter| parameter.ident == word);
    let other = if taken("U") { format_ident!("__U") } else { format_ident!("U") };
    let modules: Vec<&Ident> = input
        .generics
        .type_params()
        .map(|parameter| &parameter.ident)
        .filter(|parameter| **parameter != number && is_visited(&declaration.fields, parameter))
        .collect();
    let mut generics: Generics = input.generics.clone();
    if !input.generics.type_params().any(|parameter| parameter.ident == number) {
        generics.params.push(syn::parse_quote!(#number));
    }
    let clause = generics.make_where_clause();
    clause.predicates.push(syn::parse_quote!(#number: #p::Scalar));
    for module in &modules {
        clause.predicates.push(syn::parse_quote!(#module: #p::nn::Module<#number>));
    }
    let (impl_generics, _, bounds) = generics.split_for_impl();
    let (_, type_generics, _) = input.generics.split_for_impl();
    let converted = input.generics.params.iter().map(|parameter| match parameter {
        GenericParam::Lifetime(lifetime) => lifetime.lifetime.to_token_stream(),
        GenericParam::Const(constant) => constant.ident.to_token_stream(),
        GenericParam::Type(parameter) if parameter.ident == number => other.to_token_stream(),
        GenericParam::Type(parameter) => {
            let parameter = &parameter.ident;
            if modules.contains(&parameter) {
                quote!(<#parameter as #p::nn::Module<#number>>::In<#other>)
            } else {
                parameter.to_token_stream()
            }
        }
    });
    Target {
        generics: impl_generics.to_token_stream(),
        of: quote!(#name #type_generics),
        converted: quote!(#name<#(#converted),*>),
        bounds: bounds.to_token_stream(),
        number,
        other,
    }
}
