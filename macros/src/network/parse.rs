//! `network!` read into a list of declarations, going on behind each mistake. What a layer's name means, and whether
//! its arguments make sense, is not known here.

use crate::errors::Errors;
use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Path, PathSegment, Result, Token, Visibility, token};

/// One call of the macro.
pub(crate) enum Invocation {
    /// `pub struct Name { .. }`, any number of times.
    Items(Vec<Item>),
    /// `layer, layer` or `< layer, layer >`.
    Expression(Vec<Entry>),
}

/// `#[attributes] pub struct Name { entries }`
pub(crate) struct Item {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) name: Ident,
    pub(crate) entries: Vec<Entry>,
}

/// `#[doc] pub field: path(arguments)`
pub(crate) struct Entry {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Option<Visibility>,
    pub(crate) name: Option<Ident>,
    pub(crate) path: Path,
    /// `None` when there are no parentheses.
    pub(crate) arguments: Option<Vec<Argument>>,
    /// The layer as it was written, without its name: where an error about the whole of it points.
    pub(crate) tokens: TokenStream,
    /// Something in it could not be read; this has been reported.
    pub(crate) broken: bool,
}

/// `value` or `name = value`
pub(crate) struct Argument {
    pub(crate) name: Option<Ident>,
    pub(crate) value: Expr,
}

/// Reads one call. Mistakes go to `errors`; what could be read is returned all the same.
pub(crate) fn parse(input: TokenStream, errors: &mut Errors) -> Invocation {
    let mut invocation = Invocation::Expression(Vec::new());
    let mut found = Errors::default();
    let read = |input: ParseStream<'_>| {
        if begins_item(input) {
            let mut list = Vec::new();
            let read = items(input, &mut list, &mut found);
            // What was read before a mistake stays, so that the rest of the program finds its types.
            invocation = Invocation::Items(list);
            read
        } else {
            invocation = Invocation::Expression(expression(input, &mut found)?);
            Ok(())
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
    if input.peek(Token![<]) {
        let generics: syn::Generics = input.parse()?;
        errors.at(
            &generics,
            format!(
                "a network has one type parameter, its number type, and the macro writes it: `struct {name} {{ .. }}`"
            ),
        );
    }
    if !input.peek(token::Brace) {
        let form = format!("expected the layers in braces: `struct {name} {{ field: layer, field: layer }}`");
        let found = if input.is_empty() { syn::Error::new(name.span(), form) } else { input.error(form) };
        // Nothing behind this can be read, but the name is known: the rest of the program still finds its type.
        errors.push(found);
        input.parse::<TokenStream>()?;
        return Ok(Item { attributes, visibility, name, entries: Vec::new() });
    }
    let body;
    syn::braced!(body in input);
    let mut list = Vec::new();
    if let Err(error) = entries(&body, &mut list, errors, false) {
        errors.push(error);
        body.parse::<TokenStream>()?;
    }
    Ok(Item { attributes, visibility, name, entries: list })
}

fn expression(input: ParseStream<'_>, errors: &mut Errors) -> Result<Vec<Entry>> {
    let opened: Option<Token![<]> = input.parse()?;
    let mut list = Vec::new();
    entries(input, &mut list, errors, opened.is_some())?;
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
    Ok(list)
}

/// Reads entries up to the end, or up to the `>` of the bracketed form.
fn entries(input: ParseStream<'_>, list: &mut Vec<Entry>, errors: &mut Errors, bracketed: bool) -> Result<()> {
    let at_end = |input: ParseStream<'_>| input.is_empty() || (bracketed && input.peek(Token![>]));
    while !at_end(input) {
        if let Some(entry) = entry(input, errors)? {
            list.push(entry);
        }
        if at_end(input) {
            break;
        }
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        } else if begins_entry(input) {
            errors.push(input.error(format!("missing `,` before `{}`: layers are separated by commas", next(input))));
        } else {
            errors.push(input.error(format!("expected `,` and the next layer, found `{}`", next(input))));
            skip_to_comma(input)?;
            input.parse::<Option<Token![,]>>()?;
        }
    }
    Ok(())
}

/// One entry; `None` when not even its path could be read. Behind a mistake, the next token is the comma.
fn entry(input: ParseStream<'_>, errors: &mut Errors) -> Result<Option<Entry>> {
    let attributes = input.call(Attribute::parse_outer)?;
    let visibility = if input.peek(Token![pub]) { Some(input.parse()?) } else { None };
    let mut name = None;
    if input.peek(Ident::peek_any) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
        name = Some(input.parse()?);
        input.parse::<Token![:]>()?;
    } else if input.peek(Ident) && input.peek2(Token![=]) {
        name = Some(input.parse()?);
        errors.push(input.error("the name of a layer is followed by `:`, as in `hidden: dense(784, 128)`"));
        input.parse::<Token![=]>()?;
    }
    if !input.peek(Ident) && !input.peek(Token![::]) && !is_path_keyword(input) {
        let found = if input.is_empty() { String::new() } else { format!(", found `{}`", next(input)) };
        errors.push(input.error(format!("expected a layer, such as `dense(784, 128, relu)`{found}")));
        skip_to_comma(input)?;
        return Ok(None);
    }
    let path = path(input)?;
    let mut tokens = path.to_token_stream();
    let found_before = errors.len();
    if input.peek(Token![<]) || input.peek(Token![::]) {
        errors.push(input.error("a layer is written without type arguments: `Gate(128)` makes a `Gate<T>`"));
        while !input.is_empty() && !input.peek(Token![,]) && !input.peek(token::Paren) {
            input.parse::<TokenTree>()?;
        }
    }
    let mut list = None;
    if input.peek(token::Paren) {
        let group = input.fork().parse::<TokenTree>()?;
        tokens.extend(quote!(#group));
        let inside;
        syn::parenthesized!(inside in input);
        list = Some(arguments(&inside, errors)?);
    } else if input.peek(token::Brace) || input.peek(token::Bracket) {
        let word = path.to_token_stream();
        errors.push(input.error(format!("the arguments of a layer stand in parentheses: `{word}(..)`")));
        input.parse::<TokenTree>()?;
    }
    let broken = errors.len() > found_before;
    Ok(Some(Entry { attributes, visibility, name, path, arguments: list, tokens, broken }))
}

/// A path without type arguments; what stands behind a last `::` is left for a better error than "expected identifier".
fn path(input: ParseStream<'_>) -> Result<Path> {
    let leading_colon = input.parse()?;
    let mut path = Path { leading_colon, segments: Punctuated::new() };
    path.segments.push_value(PathSegment::from(input.call(Ident::parse_any)?));
    loop {
        let ahead = input.fork();
        if ahead.parse::<Token![::]>().is_err() || !ahead.peek(Ident::peek_any) {
            return Ok(path);
        }
        path.segments.push_punct(input.parse()?);
        path.segments.push_value(PathSegment::from(input.call(Ident::parse_any)?));
    }
}

fn arguments(input: ParseStream<'_>, errors: &mut Errors) -> Result<Vec<Argument>> {
    let mut list = Vec::new();
    while !input.is_empty() {
        let mut name = None;
        if input.peek(Ident) && input.peek2(Token![=]) && !input.peek2(Token![==]) {
            name = Some(input.parse()?);
            input.parse::<Token![=]>()?;
        } else if input.peek(Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
            let word: Ident = input.parse()?;
            errors.push(input.error(format!("a named argument is written with `=`: `{word} = value`")));
            input.parse::<Token![:]>()?;
            name = Some(word);
        }
        if input.peek(Token![,]) {
            errors.push(input.error("expected an argument, found `,`"));
        } else {
            match input.parse() {
                Ok(value) => list.push(Argument { name, value }),
                Err(error) => {
                    errors.push(error);
                    skip_to_comma(input)?;
                }
            }
        }
        if input.is_empty() {
            break;
        }
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        } else {
            errors
                .push(input.error(format!("missing `,` before `{}`: arguments are separated by commas", next(input))));
        }
    }
    Ok(list)
}

fn begins_entry(input: ParseStream<'_>) -> bool {
    input.peek(Ident)
        || input.peek(Token![::])
        || input.peek(Token![pub])
        || input.peek(Token![#])
        || is_path_keyword(input)
}

fn is_path_keyword(input: ParseStream<'_>) -> bool {
    input.peek(Token![crate]) || input.peek(Token![self]) || input.peek(Token![super])
}

/// The next token as text, for a message.
fn next(input: ParseStream<'_>) -> String {
    match input.fork().parse::<TokenTree>() {
        Ok(TokenTree::Group(group)) => match group.delimiter() {
            proc_macro2::Delimiter::Brace => "{".to_string(),
            proc_macro2::Delimiter::Bracket => "[".to_string(),
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
