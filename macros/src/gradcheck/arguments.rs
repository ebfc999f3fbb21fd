//! What a list of `gradcheck!` holds: inputs with their shapes and ranges, models, settings.

use super::parse::Setting;
use crate::errors::Errors;
use crate::text::tidy;
use proc_macro2::{Delimiter, Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::spanned::Spanned;
use syn::{Expr, ExprRange, Token};

/// An input, or a model.
pub(super) struct Argument {
    /// A model in the short form, and its input, may have none.
    pub(super) name: Option<Ident>,
    /// Of a model: `net = Net::new(rng)`.
    pub(super) value: Option<Expr>,
    /// Of an input.
    pub(super) sizes: Vec<Expr>,
    /// Where the numbers are drawn: `in 0.5..2.0`.
    pub(super) range: Option<ExprRange>,
    place: Span,
}

impl Argument {
    pub(super) fn model(name: Option<Ident>, value: Expr) -> Self {
        let place = name.as_ref().map_or_else(|| value.span(), Ident::span);
        Argument { name, value: Some(value), sizes: Vec::new(), range: None, place }
    }

    pub(super) fn is_model(&self) -> bool {
        self.value.is_some()
    }

    pub(super) fn place(&self) -> Span {
        self.place
    }
}

/// The arguments that could be read.
pub(super) fn arguments(tokens: TokenStream, errors: &mut Errors) -> Vec<Argument> {
    let mut list = Vec::new();
    let read = |input: ParseStream<'_>| -> syn::Result<()> {
        while !input.is_empty() {
            match argument(input) {
                Ok(argument) => list.push(argument),
                Err(error) => {
                    errors.push(error);
                    skip(input)?;
                }
            }
            if input.is_empty() {
                break;
            }
            if input.peek(Token![,]) {
                input.parse::<Token![,]>()?;
                continue;
            }
            let next: TokenTree = input.fork().parse()?;
            if matches!(next, TokenTree::Ident(_)) {
                errors.at(&next, format!("missing `,` before `{next}`"));
            } else {
                errors.at(&next, format!("expected `,`, found `{}`", tidy(next.to_token_stream())));
                skip(input)?;
            }
        }
        Ok(())
    };
    if let Err(error) = read.parse2(tokens) {
        errors.push(error);
    }
    list
}

/// To the next comma.
fn skip(input: ParseStream<'_>) -> syn::Result<()> {
    while !input.is_empty() && !input.peek(Token![,]) {
        input.parse::<TokenTree>()?;
    }
    Ok(())
}

fn argument(input: ParseStream<'_>) -> syn::Result<Argument> {
    if input.peek(syn::token::Bracket) {
        return shape(input, None);
    }
    if input.peek(Token![mut]) {
        return Err(input.error("an input is a `TensorVar` by its name: remove `mut`"));
    }
    if !input.peek(syn::Ident) {
        let found: TokenTree = input.parse()?;
        let message =
            format!("an input is a name with its shape, `x: [3, 4]`; found `{}`", tidy(found.to_token_stream()));
        return Err(syn::Error::new(found.span(), message));
    }
    let name: Ident = input.parse()?;
    if input.peek(Token![=]) {
        input.parse::<Token![=]>()?;
        if input.is_empty() || input.peek(Token![,]) {
            return Err(syn::Error::new(
                name.span(),
                format!("which model is `{name}`? write `{name} = ` and a value"),
            ));
        }
        return Ok(Argument::model(Some(name), input.parse()?));
    }
    if input.peek(Token![::]) {
        let mut path = name.to_token_stream();
        while !input.is_empty() && !input.peek(Token![,]) {
            path.extend([input.parse::<TokenTree>()?]);
        }
        let text = tidy(path.clone());
        let message = format!("a loss of the output is a closure: `|y| {text}(y, &target)`");
        return Err(syn::Error::new_spanned(path, message));
    }
    if !input.peek(Token![:]) {
        return Err(syn::Error::new(
            name.span(),
            format!("the shape of `{name}` is missing: write `{name}: [3, 4]`, or `{name}: []` for a single number"),
        ));
    }
    input.parse::<Token![:]>()?;
    if name == "model" && !input.peek(syn::token::Bracket) && !input.is_empty() {
        return Ok(Argument::model(Some(name), input.parse()?));
    }
    if !input.peek(syn::token::Bracket) {
        return Err(no_shape(input, &name));
    }
    shape(input, Some(name))
}

/// `[3, 4] in -1.0..1.0`
fn shape(input: ParseStream<'_>, name: Option<Ident>) -> syn::Result<Argument> {
    let content;
    let bracket = syn::bracketed!(content in input);
    let place = name.as_ref().map_or(bracket.span.join(), Ident::span);
    if content.peek(syn::Ident) && content.peek2(Token![;]) || content.peek(syn::LitInt) && content.peek2(Token![;]) {
        let tokens: TokenStream = content.parse()?;
        return Err(syn::Error::new_spanned(tokens, "the sizes of a shape are separated by `,`, as in `[3, 4]`"));
    }
    let sizes: Punctuated<Expr, Token![,]> = Punctuated::parse_terminated(&content)?;
    let mut range = None;
    if input.peek(Token![in]) {
        input.parse::<Token![in]>()?;
        range = Some(read_range(input)?);
    }
    Ok(Argument { name, value: None, sizes: sizes.into_iter().collect(), range, place })
}

fn read_range(input: ParseStream<'_>) -> syn::Result<ExprRange> {
    let form = "numbers are drawn from a range, as in `x: [3] in 0.5..2.0`";
    if input.is_empty() || input.peek(Token![,]) {
        return Err(input.error(form));
    }
    match input.parse()? {
        Expr::Range(range) if range.start.is_some() && range.end.is_some() => Ok(range),
        other => Err(syn::Error::new_spanned(&other, format!("{form}; found `{}`", tidy(other.to_token_stream())))),
    }
}

/// A type or a number where the shape has to stand.
fn no_shape(input: ParseStream<'_>, name: &Ident) -> syn::Error {
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) && !input.peek(Token![in]) {
        let Ok(token) = input.parse::<TokenTree>() else { break };
        tokens.extend([token]);
    }
    let found = tidy(tokens.clone()).replace(" < ", "<").replace(" >", ">");
    let is_group = |token: &TokenTree| matches!(token, TokenTree::Group(group) if group.delimiter() != Delimiter::None);
    let message = match tokens.clone().into_iter().next() {
        None => {
            return syn::Error::new(name.span(), format!("the shape of `{name}` is missing: write `{name}: [3, 4]`"));
        }
        Some(TokenTree::Literal(_)) => format!("the shape of `{name}` stands in brackets: `{name}: [{found}]`"),
        Some(token) if is_group(&token) => {
            let inside = found.trim_matches(|c| "(){} ".contains(c)).trim_end_matches(',');
            format!("the shape of `{name}` stands in brackets: `{name}: [{inside}]`")
        }
        Some(TokenTree::Ident(of)) if is_model(&of.to_string()) => {
            let of = found.split('<').next().unwrap_or_default().trim();
            format!(
                "behind `{name}:` stands its shape, as in `{name}: [3, 4]`; a model is written `{name} = {of}::new(..)`"
            )
        }
        _ => format!("behind `{name}:` stands its shape, as in `{name}: [3, 4]`, not a type; found `{}`", found.trim()),
    };
    syn::Error::new_spanned(tokens, message)
}

/// A type that stands for no input.
fn is_model(name: &str) -> bool {
    let inputs = ["Tensor", "TensorVar", "Var", "Vec", "Array", "Array1", "Array2", "ArrayD", "Dual"];
    name.starts_with(char::is_uppercase) && !inputs.contains(&name)
}

/// `order = 1, rtol = 1e-5, allow_kinks`
pub(super) fn settings(tokens: TokenStream, errors: &mut Errors) -> Vec<Setting> {
    let mut list = Vec::new();
    let read = |input: ParseStream<'_>| -> syn::Result<()> {
        while !input.is_empty() {
            let name: Ident = input.parse().map_err(|error| {
                syn::Error::new(error.span(), "a setting is written `name = value`, such as `rtol = 1e-5`")
            })?;
            let mut value = None;
            if input.peek(Token![=]) {
                input.parse::<Token![=]>()?;
                if input.is_empty() || input.peek(Token![,]) {
                    errors.at(&name, format!("what is `{name}`? write `{name} = ` and a number"));
                    input.parse::<Option<Token![,]>>()?;
                    continue;
                }
                value = Some(input.parse()?);
            } else if input.peek(Token![:]) {
                errors.at(input.parse::<Token![:]>()?, format!("a setting is written with `=`: `{name} = value`"));
                value = Some(input.parse()?);
            }
            list.push(Setting { name, value });
            if input.peek(Token![,]) {
                input.parse::<Token![,]>()?;
            } else if !input.is_empty() {
                let next: TokenTree = input.fork().parse()?;
                errors.at(&next, format!("missing `,` before `{}`", tidy(next.to_token_stream())));
                if !matches!(next, TokenTree::Ident(_)) {
                    skip(input)?;
                }
            }
        }
        Ok(())
    };
    if let Err(error) = read.parse2(tokens) {
        errors.push(error);
    }
    list
}
