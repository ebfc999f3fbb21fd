//! The function that the attribute stands on: its name, its arguments and what is allowed there. The formula itself is
//! not looked at.

use crate::errors::Errors;
use crate::text::tidy;
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, format_ident};
use syn::parse::{ParseStream, Parser};
use syn::spanned::Spanned;
use syn::{Attribute, FnArg, GenericParam, ItemFn, Pat, ReturnType, Signature, Type};

/// What is known from the signature.
pub(crate) struct Declaration {
    /// The type parameter, called `T` where there is none.
    pub(crate) generic: Ident,
    pub(crate) arguments: Vec<Argument>,
}

pub(crate) struct Argument {
    pub(crate) name: Ident,
    /// It is differentiated; if not, it is a constant of the operation.
    pub(crate) varies: bool,
}

/// Nothing else has this form: what to write.
const FORM: &str = "`fn name<T>(x: T, y: T) -> T`";

pub(crate) fn parse(function: &ItemFn, errors: &mut Errors) -> Declaration {
    let signature = &function.sig;
    qualifiers(signature, errors);
    let generic = generic(signature, errors);
    let name = generic.clone().unwrap_or_else(|| Ident::new("T", signature.ident.span()));
    let arguments = arguments(signature, generic.as_ref(), errors);
    result(signature, generic.as_ref(), errors);
    Declaration { generic: name, arguments }
}

fn qualifiers(signature: &Signature, errors: &mut Errors) {
    if let Some(token) = &signature.constness {
        errors.at(token, "a formula runs on a tape, which no constant can: remove `const`");
    }
    if let Some(token) = &signature.asyncness {
        errors.at(token, "a formula has nothing to wait for: remove `async`");
    }
    if let Some(token) = &signature.unsafety {
        errors.at(token, "a formula is safe: remove `unsafe`");
    }
    if let Some(abi) = &signature.abi {
        errors.at(abi, "a formula is generic and cannot be called from other languages: remove `extern`");
    }
}

/// The one type parameter.
fn generic(signature: &Signature, errors: &mut Errors) -> Option<Ident> {
    let generics = &signature.generics;
    let mut found = None;
    for parameter in &generics.params {
        match parameter {
            GenericParam::Type(parameter) if found.is_none() => {
                if !parameter.bounds.is_empty() {
                    let name = &parameter.ident;
                    errors.at(&parameter.bounds, format!("`{name}` takes no bound here: #[elementwise] adds its own"));
                }
                found = Some(parameter.ident.clone());
            }
            GenericParam::Type(parameter) => {
                errors.at(&parameter.ident, "all arguments have the same type: a formula has one type parameter");
            }
            GenericParam::Lifetime(_) | GenericParam::Const(_) => {
                errors.at(parameter, format!("a formula has one type parameter and no other: {FORM}"));
            }
        }
    }
    if let Some(clause) = &generics.where_clause {
        errors.at(clause, "a formula takes no `where` clause: #[elementwise] adds its own bound");
    }
    if found.is_none() {
        let has_others = !generics.params.is_empty();
        if !has_others {
            errors.at(
                &signature.ident,
                format!("a formula is generic, so that it runs on numbers, tapes and tensors alike: {FORM}"),
            );
        }
    }
    found
}

fn arguments(signature: &Signature, generic: Option<&Ident>, errors: &mut Errors) -> Vec<Argument> {
    let found_before = errors.len();
    let mut arguments: Vec<Argument> = Vec::new();
    // That there are others is said once.
    let is_other = |of: &Type| signature.generics.type_params().any(|other| is_word(of, &other.ident.to_string()));
    for argument in &signature.inputs {
        let typed = match argument {
            FnArg::Receiver(receiver) => {
                errors.at(receiver, "a formula is no method: it takes arguments of type `T` or `f64`");
                continue;
            }
            FnArg::Typed(typed) => typed,
        };
        let Pat::Ident(pattern) = &*typed.pat else {
            errors.at(&typed.pat, "an argument of a formula is a name");
            continue;
        };
        if let Some(token) = &pattern.mutability {
            errors.at(token, "a formula changes nothing: remove `mut`; a `let` may give the name another value");
        } else if pattern.by_ref.is_some() || pattern.subpat.is_some() {
            errors.at(pattern, "an argument of a formula is a name");
        }
        for attribute in &typed.attrs {
            errors.at(attribute, "an argument of a formula takes no attribute");
        }
        let varies = match generic {
            Some(generic) => is_word(&typed.ty, &generic.to_string()),
            // Said once: without a type parameter every number is probably meant to vary.
            None => ["f64", "f32", "T"].iter().any(|name| is_word(&typed.ty, name)),
        };
        let varies = varies || is_other(&typed.ty);
        if !varies && !is_word(&typed.ty, "f64") {
            let found = type_text(&typed.ty);
            let generic = generic.map_or("T".to_string(), Ident::to_string);
            let note = match found.as_str() {
                "f32" => "; a constant is an `f64`, whatever the numbers are",
                "i32" | "usize" | "u32" | "i64" | "u64" => "; a whole number can be a const or an `f64`",
                _ => "",
            };
            let takes = format!("an argument is a `{generic}`, or an `f64` that is a constant of the operation");
            errors.at(&typed.ty, format!("{takes}; found `{found}`{note}"));
        }
        let mut name = pattern.ident.clone();
        if arguments.iter().any(|other| other.name == name) {
            errors.at(&name, format!("`{name}` is the name of an argument already: give this one another name"));
            name = format_ident!("__argument_{}", arguments.len());
        }
        arguments.push(Argument { name, varies: varies || !is_word(&typed.ty, "f64") });
    }
    if errors.len() == found_before && generic.is_some() && !arguments.iter().any(|argument| argument.varies) {
        let generic = generic.map_or("T".to_string(), Ident::to_string);
        errors.at(
            &signature.ident,
            format!("there is nothing to differentiate: at least one argument has the type `{generic}`"),
        );
    }
    arguments
}

fn result(signature: &Signature, generic: Option<&Ident>, errors: &mut Errors) {
    let expected = generic.map_or("T".to_string(), Ident::to_string);
    match &signature.output {
        ReturnType::Default => {
            if generic.is_some() {
                errors.at(
                    &signature.ident,
                    format!("a formula gives a number: write `-> {expected}` behind the arguments"),
                );
            }
        }
        ReturnType::Type(_, found) => {
            let mut others = signature.generics.type_params();
            let is_other = others.any(|other| is_word(found, &other.ident.to_string()));
            if generic.is_some() && !is_other && !is_word(found, &expected) {
                let text = type_text(found);
                errors.at(
                    found,
                    format!("a formula gives a number of its arguments' type, `{expected}`; found `{text}`"),
                );
            }
        }
    }
}

/// `Vec<T>` from any spacing.
fn type_text(of: &Type) -> String {
    tidy(of.to_token_stream()).replace(" < ", "<").replace(" > ", ">").trim_end().to_string()
}

/// The type is this word and nothing else.
pub(crate) fn is_word(of: &Type, word: &str) -> bool {
    match of {
        Type::Path(path) => path.qself.is_none() && path.path.is_ident(word),
        Type::Group(group) => is_word(&group.elem, word),
        Type::Paren(paren) => is_word(&paren.elem, word),
        _ => false,
    }
}

/// The function, and whether it could be read: with an empty body where only that could not.
pub(crate) fn read(input: TokenStream, errors: &mut Errors) -> Option<(ItemFn, bool)> {
    let span = input.span();
    let error = match syn::parse2(input.clone()) {
        Ok(function) => return Some((function, true)),
        Err(error) => error,
    };
    let text = error.to_string();
    // rustc has read the function before, and has said this with what to write.
    let head = head.parse2(input).ok().map(|function| (function, false));
    if text == "comparison operators cannot be chained" && head.is_some() {
        return head;
    }
    errors.push(if text.starts_with("expected") && text.contains("`fn`") {
        syn::Error::new(span, format!("#[elementwise] stands on a function: {FORM}"))
    } else {
        error
    });
    head
}

/// What stands before the body.
fn head(input: ParseStream<'_>) -> syn::Result<ItemFn> {
    let attrs = input.call(Attribute::parse_outer)?;
    let (vis, sig) = (input.parse()?, input.parse()?);
    input.parse::<TokenStream>()?;
    Ok(ItemFn { attrs, vis, sig, block: syn::parse_quote!({}) })
}
