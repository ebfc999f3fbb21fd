//! The entries of the lists in a `layer!`: arguments, parameters, axes of a shape rule, inputs. Behind a mistake, the
//! next token is a comma. How the lists stand together is not known here.

use super::parse::{Argument, Axis, Field, Input, Kind};
use crate::errors::{Errors, nearest};
use crate::text::tidy;
use proc_macro2::TokenStream;
use proc_macro2::{Delimiter, TokenTree};
use quote::ToTokens;
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::{Attribute, Expr, Ident, Result, Token, Type, Visibility, token};

/// Entries and the commas between them.
pub(super) fn list<E>(
    input: ParseStream<'_>,
    entries: &mut Vec<E>,
    errors: &mut Errors,
    entry: fn(ParseStream<'_>, &mut Errors) -> Result<Option<E>>,
) -> Result<()> {
    while !input.is_empty() {
        match entry(input, errors) {
            Ok(entry) => entries.extend(entry),
            Err(error) => {
                errors.push(error);
                skip_to_comma(input)?;
            }
        }
        if input.is_empty() {
            break;
        }
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        } else if input.peek(Token![;]) {
            errors.push(input.error("entries are separated by `,`"));
            input.parse::<Token![;]>()?;
        } else {
            errors.push(input.error(format!("missing `,` before `{}`", next(input))));
            if !input.peek(Ident) && !input.peek(Token![#]) && !input.peek(Token![pub]) {
                skip_to_comma(input)?;
                input.parse::<Option<Token![,]>>()?;
            }
        }
    }
    Ok(())
}

pub(super) fn argument(input: ParseStream<'_>, errors: &mut Errors) -> Result<Option<Argument>> {
    let attributes = input.call(Attribute::parse_outer)?;
    if input.peek(Token![pub]) {
        let visibility: Visibility = input.parse()?;
        errors.at(visibility, "an argument is a public field as it is: remove this");
    }
    let name = name(input, "an argument", "features: usize")?;
    if !input.peek(Token![:]) {
        let default = input.fork();
        let number = default.parse::<Token![=]>().and_then(|_| default.parse::<syn::LitFloat>());
        let of = if number.is_ok() { "f64" } else { "usize" };
        errors.at(&name, format!("the argument `{name}` has no type: write `{name}: {of}`"));
        if !input.peek(Token![=]) {
            skip_to_comma(input)?;
            return Ok(Some(Argument { attributes, name, of: None, default: None }));
        }
    }
    let mut of = None;
    if input.parse::<Option<Token![:]>>()?.is_some() {
        let ahead = input.fork();
        match ahead.parse::<Type>() {
            Ok(_) => of = Some(input.parse()?),
            Err(_) => {
                let found = if input.is_empty() { String::new() } else { format!(", found `{}`", next(input)) };
                let form = format!("`{name}` needs a type, such as `usize` or `f64`{found}");
                errors.push(if input.is_empty() { syn::Error::new(name.span(), form) } else { input.error(form) });
                while !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![=]) {
                    input.parse::<TokenTree>()?;
                }
            }
        }
    }
    let default = if input.parse::<Option<Token![=]>>()?.is_some() { Some(input.parse()?) } else { None };
    Ok(Some(Argument { attributes, name, of, default }))
}

pub(super) fn field(input: ParseStream<'_>, errors: &mut Errors) -> Result<Option<Field>> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility = if input.peek(Token![pub]) { Some(input.parse()?) } else { None };
    if input.peek(Token![fn]) {
        errors
            .push(input.error("functions stand behind the braces: `forward(x) { .. }`, or in an `impl` of their own"));
        input.parse::<TokenStream>()?;
        return Ok(None);
    }
    let mut name = name(input, "a parameter", "weight: [n, n] = init::zeros")?;
    let buffer = input.peek(Ident);
    if buffer {
        if name != "buffer" {
            let hint = if nearest(&name.to_string(), ["buffer"]).is_some() { "; did you mean `buffer`?" } else { "" };
            errors.at(&name, format!("only `buffer` may stand before a name, found `{name}`{hint}"));
        }
        name = input.parse()?;
    }
    if !input.peek(Token![:]) {
        errors.at(
            &name,
            format!("`{name}` needs sizes or a type: `{name}: [n, n] = init::zeros`, `{name}: Dense<T> = ..`"),
        );
        skip_to_comma(input)?;
        return Ok(None);
    }
    input.parse::<Token![:]>()?;
    let kind = if input.peek(token::Bracket) && !is_array_type(input) {
        let inside;
        syn::bracketed!(inside in input);
        let mut sizes = Vec::new();
        list(&inside, &mut sizes, errors, |input, _| input.parse().map(Some))?;
        Kind::Tensor { buffer, sizes }
    } else {
        let at = input.fork().parse::<TokenTree>().map(TokenTree::into_token_stream).unwrap_or_default();
        let of = input.parse::<Type>().map_err(|_| {
            let form = format!("expected sizes, as in `{name}: [n, n] = init::zeros`, or the type of a layer inside");
            if at.is_empty() { syn::Error::new(name.span(), form) } else { syn::Error::new_spanned(&at, form) }
        })?;
        if input.peek(token::Paren) {
            // The words of `network!`.
            let arguments: TokenTree = input.parse()?;
            let word = of.to_token_stream();
            let kind = crate::tokens::snake(&tidy(word.clone()));
            let (layer, arguments) = match (kind.as_str(), &arguments) {
                ("dense", TokenTree::Group(group)) => ("nn::Dense", format!("{}, ", tidy(group.stream()))),
                _ => ("Type", ".., ".to_string()),
            };
            let message = format!("a layer inside is a type: `{name}: {layer}<T> = {layer}::new({arguments}rng)`");
            errors.at(word, message);
            skip_to_comma(input)?;
            return Ok(None);
        }
        if let Some(sizes) = sizes_of(&of) {
            let written = sizes.iter().map(|size| tidy(size.to_token_stream())).collect::<Vec<_>>().join(", ");
            errors.at(&of, format!("sizes stand in brackets: `{name}: [{written}]`"));
            skip_to_comma(input)?;
            return Ok(Some(Field { attributes, visibility, name, kind: Kind::Tensor { buffer, sizes }, init: None }));
        }
        if buffer {
            errors.at(&of, format!("a buffer has sizes in brackets: `buffer {name}: [n] = init::zeros`"));
        }
        Kind::Layer(of)
    };
    let mut init = None;
    if input.parse::<Option<Token![=]>>()?.is_some() {
        if input.is_empty() || input.peek(Token![,]) {
            errors.at(&name, format!("nothing stands behind the `=` of `{name}`: say how it starts"));
        } else if input.fork().parse::<Expr>().is_ok() {
            init = Some(input.parse()?);
        } else {
            errors.push(unfinished(input, &name)?);
        }
    } else {
        let form = match &kind {
            Kind::Tensor { .. } => "`= init::zeros` behind its sizes".to_string(),
            Kind::Layer(of) => format!("`= {}::new(.., rng)` behind its type", head(of)),
        };
        errors.at(&name, format!("how does `{name}` start? write {form}"));
    }
    Ok(Some(Field { attributes, visibility, name, kind, init }))
}

/// An initializer that is no expression, or not yet.
fn unfinished(input: ParseStream<'_>, name: &Ident) -> Result<syn::Error> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    let found = tidy(tokens.clone());
    let message = format!("`{found}` is not a whole expression: `{name}` starts with a function such as `init::zeros`");
    Ok(syn::Error::new_spanned(tokens, message))
}

/// `(n, n)` and `n`: sizes without brackets, read as a type.
fn sizes_of(of: &Type) -> Option<Vec<Expr>> {
    let size = |of: &Type| {
        let Type::Path(path) = of else { return None };
        let word = path.path.get_ident()?.to_string();
        let is_size = !super::check::PLAIN.contains(&word.as_str()) && !word.contains(char::is_uppercase);
        is_size.then(|| syn::parse2(of.to_token_stream()).ok()).flatten()
    };
    match of {
        Type::Tuple(tuple) => tuple.elems.iter().map(size).collect(),
        Type::Paren(paren) => Some(vec![size(&paren.elem)?]),
        of => Some(vec![size(of)?]),
    }
}

/// `[Dense<T>; 2]`, not `[n, 2]`.
fn is_array_type(input: ParseStream<'_>) -> bool {
    let Ok(TokenTree::Group(group)) = input.fork().parse::<TokenTree>() else { return false };
    group.stream().into_iter().any(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ';'))
}

/// `Dense` of `nn::Dense<T>`.
fn head(of: &Type) -> String {
    match of {
        Type::Path(path) => path.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default(),
        _ => "Type".to_string(),
    }
}

pub(super) fn axis(input: ParseStream<'_>, errors: &mut Errors) -> Result<Option<Axis>> {
    if input.peek(Ident) && input.peek2(Token![@]) {
        let name: Ident = input.parse()?;
        input.parse::<Token![@]>()?;
        if input.parse::<Option<Token![_]>>()?.is_none() {
            errors.at(&name, format!("a name for the size of an axis is written `{name} @ _`"));
            skip_to_comma(input)?;
        }
        return Ok(Some(Axis::Bound(name)));
    }
    input.parse().map(|size| Some(Axis::Size(size)))
}

pub(super) fn forward_input(input: ParseStream<'_>, errors: &mut Errors) -> Result<Option<Input>> {
    if input.peek(Token![&]) || input.peek(Token![self]) {
        errors.push(
            input.error("`forward` takes the input alone, as in `forward(x)`; parameters are there by their names"),
        );
        skip_to_comma(input)?;
        return Ok(None);
    }
    let mutability = input.parse()?;
    let name = name(input, "an input", "x")?;
    let of = if input.parse::<Option<Token![:]>>()?.is_some() { Some(input.parse()?) } else { None };
    Ok(Some(Input { mutability, name, of }))
}

/// A name that is no keyword.
fn name(input: ParseStream<'_>, what: &str, example: &str) -> Result<Ident> {
    if input.peek(Ident) {
        return input.parse();
    }
    let found = next(input);
    let keyword = input.peek(Ident::peek_any) && found != "_";
    let message = if keyword {
        format!("`{found}` is a keyword of Rust: give {what} another name")
    } else {
        format!("expected {what}, such as `{example}`, found `{found}`")
    };
    Err(input.error(message))
}

/// The next token as text, for a message.
fn next(input: ParseStream<'_>) -> String {
    match input.fork().parse::<TokenTree>() {
        Ok(TokenTree::Group(group)) => match group.delimiter() {
            Delimiter::Brace => "{".to_string(),
            Delimiter::Bracket => "[".to_string(),
            _ => "(".to_string(),
        },
        Ok(token) => token.to_string(),
        Err(_) => String::new(),
    }
}

fn skip_to_comma(input: ParseStream<'_>) -> Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}
