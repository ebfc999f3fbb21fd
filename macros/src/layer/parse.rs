//! `layer!` read into declarations, going on behind each mistake. Whether names, sizes and initialisers make sense is
//! not known here.

use super::entries::{argument, axis, field, forward_input, list};
use crate::errors::{Errors, nearest};
use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use syn::parse::{ParseStream, Parser};
use syn::{Attribute, Expr, Ident, Result, Token, Type, Visibility, token};

/// `pub struct Name(arguments) { fields } shape [..] -> [..] forward(x) { .. }`
pub(crate) struct Item {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) arguments: Vec<Argument>,
    pub(crate) fields: Vec<Field>,
    pub(crate) shape: Option<Shape>,
    pub(crate) forward: Option<Forward>,
    /// Something in it could not be read; this has been reported.
    pub(crate) broken: bool,
}

/// `name: Type`, `name: Type = default`
pub(crate) struct Argument {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) name: Ident,
    /// `None` where it could not be read.
    pub(crate) of: Option<Type>,
    pub(crate) default: Option<Expr>,
}

impl Argument {
    /// Its type, where a field can have it.
    pub(crate) fn field_type(&self) -> Option<&Type> {
        self.of.as_ref().filter(|of| !matches!(of, Type::ImplTrait(_)))
    }
}

/// A parameter, a buffer or a layer inside.
pub(crate) struct Field {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Option<Visibility>,
    pub(crate) name: Ident,
    pub(crate) kind: Kind,
    /// How it starts; `None` where that could not be read.
    pub(crate) init: Option<Expr>,
}

pub(crate) enum Kind {
    /// `name: [sizes]` or `buffer name: [sizes]`
    Tensor { buffer: bool, sizes: Vec<Expr> },
    /// `name: Type`
    Layer(Type),
}

/// `shape [input] -> [output]`
pub(crate) struct Shape {
    pub(crate) keyword: Ident,
    pub(crate) input: Vec<Axis>,
    pub(crate) output: Vec<Axis>,
}

/// One size of a shape rule.
pub(crate) enum Axis {
    /// `name @ _`: any size, which is called by this name behind the arrow.
    Bound(Ident),
    Size(Expr),
}

/// `forward(x) { .. }`
pub(crate) struct Forward {
    pub(crate) keyword: Ident,
    pub(crate) parentheses: Group,
    pub(crate) inputs: Vec<Input>,
    pub(crate) output: Option<Type>,
    /// Left to rustc as it is.
    pub(crate) body: Group,
}

/// `x`, `mut x`, `mask: &Tensor<bool>`
pub(crate) struct Input {
    pub(crate) mutability: Option<Token![mut]>,
    pub(crate) name: Ident,
    pub(crate) of: Option<Type>,
}

impl Forward {
    /// One tensor in, one out: what the trait `Layer` is.
    pub(crate) fn is_layer(&self) -> bool {
        self.inputs.len() == 1 && self.output.is_none()
    }
}

const FORM: &str =
    "a layer is written `pub struct Name(n: usize) { weight: [n] = init::zeros } forward(x) { x * weight }`";
const SECTIONS: [&str; 2] = ["shape", "forward"];

/// Reads one call. Mistakes go to `errors`; what could be read is returned all the same.
pub(crate) fn parse(input: TokenStream, errors: &mut Errors) -> Vec<Item> {
    let mut list = Vec::new();
    let mut found = Errors::default();
    let read = |input: ParseStream<'_>| {
        if input.is_empty() {
            found.push(syn::Error::new(Span::call_site(), format!("no layer is declared here: {FORM}")));
        }
        while !input.is_empty() {
            list.push(item(input, &mut found)?);
        }
        Ok(())
    };
    let end = read.parse2(input);
    errors.append(found);
    if let Err(error) = end {
        errors.push(error);
    }
    list
}

fn item(input: ParseStream<'_>, errors: &mut Errors) -> Result<Item> {
    let found_before = errors.len();
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility: Visibility = input.parse()?;
    if input.peek(Token![struct]) {
        let keyword: Token![struct] = input.parse()?;
        if input.is_empty() {
            return Err(syn::Error::new(keyword.span, format!("which layer? {FORM}")));
        }
    } else {
        errors.push(input.error(format!("expected `struct`: {FORM}")));
        if !input.peek(Ident) {
            input.parse::<TokenStream>()?;
        }
    }
    let name: Ident = input.parse()?;
    if input.peek(Token![<]) {
        let generics: syn::Generics = input.parse()?;
        errors.at(
            &generics,
            format!(
                "a layer has one type parameter, `T` for its numbers, and the macro writes it: `struct {name}(..)`"
            ),
        );
    }
    let mut item = Item {
        attributes,
        visibility,
        name,
        arguments: Vec::new(),
        fields: Vec::new(),
        shape: None,
        forward: None,
        broken: false,
    };
    if input.peek(token::Paren) {
        let inside;
        syn::parenthesized!(inside in input);
        list(&inside, &mut item.arguments, errors, argument)?;
    }
    if input.peek(token::Brace) {
        let inside;
        syn::braced!(inside in input);
        list(&inside, &mut item.fields, errors, field)?;
    } else {
        let form =
            format!("expected the parameters in braces: `struct {}(..) {{ weight: [n] = init::zeros }}`", item.name);
        let found = if input.is_empty() { syn::Error::new(item.name.span(), form) } else { input.error(form) };
        errors.push(found);
    }
    sections(input, &mut item, errors)?;
    item.broken = errors.len() > found_before;
    Ok(item)
}

/// What stands behind the braces, up to the next declaration.
fn sections(input: ParseStream<'_>, item: &mut Item, errors: &mut Errors) -> Result<()> {
    while !input.is_empty() && !begins_item(input) {
        let section = if input.peek(Ident) { input.fork().parse::<Ident>()?.to_string() } else { String::new() };
        let found_before = errors.len();
        match section.as_str() {
            "shape" => {
                let keyword: Ident = input.parse()?;
                let shape = shape(input, keyword, errors)?;
                twice(item.shape.as_ref().zip(shape.as_ref()).map(|(_, second)| &second.keyword), errors);
                item.shape = item.shape.take().or(shape);
            }
            "forward" => {
                let keyword: Ident = input.parse()?;
                let forward = forward(input, keyword, errors)?;
                twice(item.forward.as_ref().zip(forward.as_ref()).map(|(_, second)| &second.keyword), errors);
                item.forward = item.forward.take().or(forward);
            }
            _ => {
                let token: TokenTree = input.parse()?;
                errors.at(&token, unknown_section(&token, &section));
                // What is superfluous alone is followed by what was meant.
                if matches!(&token, TokenTree::Punct(_)) || token.to_string() == "fn" {
                    continue;
                }
            }
        }
        // Behind a mistake, the next section that is known goes on.
        while errors.len() > found_before && !input.is_empty() && !begins_section(input) && !begins_item(input) {
            input.parse::<TokenTree>()?;
        }
    }
    Ok(())
}

fn twice(second: Option<&Ident>, errors: &mut Errors) {
    if let Some(keyword) = second {
        errors.at(keyword, format!("`{keyword}` stands here twice: a layer has one"));
    }
}

fn unknown_section(token: &TokenTree, section: &str) -> String {
    let known = "behind the braces stand `shape [..] -> [..]`, which may be left out, and `forward(x) { .. }`";
    let meant = nearest(section, SECTIONS);
    match token {
        TokenTree::Punct(mark) if matches!(mark.as_char(), ',' | ';') => {
            "nothing stands between the parts of a layer: remove this".to_string()
        }
        TokenTree::Ident(word) if word == "fn" => {
            "a forward pass is written without `fn`: `forward(x) { .. }`; other functions stand in an `impl`"
                .to_string()
        }
        TokenTree::Ident(word) => match meant {
            Some(meant) => format!("unknown section `{word}`; did you mean `{meant}`?"),
            None => format!("unknown section `{word}`: {known}"),
        },
        _ => format!("expected `forward(x) {{ .. }}`: {known}"),
    }
}

fn begins_section(input: ParseStream<'_>) -> bool {
    let word = input.fork().parse::<Ident>().map(|word| word.to_string()).unwrap_or_default();
    (word == "shape" && input.peek2(token::Bracket)) || (word == "forward" && input.peek2(token::Paren))
}

fn begins_item(input: ParseStream<'_>) -> bool {
    input.peek(Token![struct]) || input.peek(Token![pub]) || input.peek(Token![#])
}

fn shape(input: ParseStream<'_>, keyword: Ident, errors: &mut Errors) -> Result<Option<Shape>> {
    let form = "a shape rule is written `shape [features] -> [features]`: the last axes before the layer and behind it";
    let mut axes = |input: ParseStream<'_>| -> Result<Vec<Axis>> {
        let inside;
        syn::bracketed!(inside in input);
        let mut axes = Vec::new();
        list(&inside, &mut axes, errors, axis)?;
        Ok(axes)
    };
    if !input.peek(token::Bracket) {
        errors.push(if input.is_empty() { syn::Error::new(keyword.span(), form) } else { input.error(form) });
        return Ok(None);
    }
    let before = axes(input)?;
    if !input.peek(Token![->]) {
        errors.push(if input.is_empty() { syn::Error::new(keyword.span(), form) } else { input.error(form) });
        return Ok(None);
    }
    input.parse::<Token![->]>()?;
    if !input.peek(token::Bracket) {
        errors.push(if input.is_empty() { syn::Error::new(keyword.span(), form) } else { input.error(form) });
        return Ok(None);
    }
    let output = axes(input)?;
    Ok(Some(Shape { keyword, input: before, output }))
}

fn forward(input: ParseStream<'_>, keyword: Ident, errors: &mut Errors) -> Result<Option<Forward>> {
    let form = "the forward pass is written `forward(x) { .. }`";
    let at = |span: Span| syn::Error::new(span, form);
    if !input.peek(token::Paren) {
        errors.push(if input.is_empty() { at(keyword.span()) } else { input.error(form) });
        return Ok(None);
    }
    let parentheses: Group = group(input, Delimiter::Parenthesis)?;
    let mut inputs = Vec::new();
    let read = |inside: ParseStream<'_>| list(inside, &mut inputs, errors, forward_input);
    read.parse2(parentheses.stream())?;
    let output = if input.parse::<Option<Token![->]>>()?.is_some() { Some(input.parse()?) } else { None };
    if !input.peek(token::Brace) {
        let form = "the body of `forward` stands in braces: `forward(x) { .. }`";
        errors.push(if input.is_empty() { syn::Error::new(keyword.span(), form) } else { input.error(form) });
        return Ok(None);
    }
    let body = group(input, Delimiter::Brace)?;
    Ok(Some(Forward { keyword, parentheses, inputs, output, body }))
}

fn group(input: ParseStream<'_>, delimiter: Delimiter) -> Result<Group> {
    match input.parse::<TokenTree>()? {
        TokenTree::Group(group) if group.delimiter() == delimiter => Ok(group),
        other => Err(syn::Error::new(other.span(), "expected a group")),
    }
}
