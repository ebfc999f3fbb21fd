//! The entries of a declaration, read, going on behind each mistake. What a layer's name means, and whether its
//! arguments make sense, is not known here; only that some layers have others inside.

use super::layers;
use super::row::{Around, Layer};
use super::text::tidy;
use crate::errors::Errors;
use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::ParseStream;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, Ident, Path, PathSegment, Result, Token, Visibility, token};

/// `#[doc] pub field: path(arguments)`
pub(crate) struct Entry {
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Option<Visibility>,
    pub(crate) name: Option<Ident>,
    pub(crate) path: Path,
    /// `None` when there are no parentheses.
    pub(crate) arguments: Option<Vec<Argument>>,
    /// The layers inside, of `residual(layer, layer)` and its like.
    pub(crate) layers: Vec<Entry>,
    /// `[layer, layer]` among branches, without a path of its own.
    pub(crate) is_sequence: bool,
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

/// Where entries stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// One after the other.
    Sequence,
    /// One after the other, up to a `>`.
    Bracketed,
    /// Beside each other.
    Branches,
}

/// Reads entries up to the end, or up to the `>` of the bracketed form.
pub(super) fn entries(input: ParseStream<'_>, list: &mut Vec<Entry>, errors: &mut Errors, place: Place) -> Result<()> {
    let at_end = |input: ParseStream<'_>| input.is_empty() || (place == Place::Bracketed && input.peek(Token![>]));
    while !at_end(input) {
        if let Some(entry) = entry(input, errors, place)? {
            list.push(entry);
        }
        if at_end(input) {
            break;
        }
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        } else if begins_entry(input, place) {
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
fn entry(input: ParseStream<'_>, errors: &mut Errors, place: Place) -> Result<Option<Entry>> {
    let attributes = super::parse::attributes(input, errors)?;
    let visibility = if input.peek(Token![pub]) { Some(input.parse()?) } else { None };
    let mut name = None;
    if input.peek(Ident::peek_any) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
        name = Some(input.parse()?);
        input.parse::<Token![:]>()?;
    } else if input.peek(Ident) && input.peek2(Token![=]) {
        let word: Ident = input.parse()?;
        let equals: Token![=] = input.parse()?;
        if place == Place::Branches && (word == "axis" || word == "dim") {
            errors.at(&word, "branches are joined along the last axis: remove this argument");
            skip_to_comma(input)?;
            return Ok(None);
        }
        if !begins_entry(input, place) {
            errors.at(&word, format!("expected a layer, found `{word} = ..`, which is an argument of one"));
            skip_to_comma(input)?;
            return Ok(None);
        }
        errors.at(equals, "the name of a layer is followed by `:`, as in `hidden: dense(784, 128)`");
        name = Some(word);
    }
    if input.peek(token::Bracket) {
        return sequence(input, errors, place, attributes, visibility, name).map(Some);
    }
    if !input.peek(Ident) && !input.peek(Token![::]) && !is_path_keyword(input) {
        let found = if input.is_empty() { String::new() } else { format!(", found `{}`", next(input)) };
        errors.push(input.error(format!("expected a layer, such as `dense(784, 128, relu)`{found}")));
        skip_to_comma(input)?;
        return Ok(unreadable(attributes, visibility, name));
    }
    let begins = input.fork();
    let path = path(input)?;
    let mut tokens = path.to_token_stream();
    let found_before = errors.len();
    if input.peek(Token![::]) && !input.peek3(Token![<]) {
        let word = tidy(tokens);
        errors.push(begins.error(format!("expected a layer of your own behind `{word}::`, as in `{word}::Gate(128)`")));
        skip_to_comma(input)?;
        return Ok(unreadable(attributes, visibility, name));
    }
    if input.peek(Token![<]) || input.peek(Token![::]) {
        errors.push(input.error("a layer is written without type arguments: `Gate(128)` makes a `Gate<T>`"));
        while !input.is_empty() && !input.peek(Token![,]) && !input.peek(token::Paren) {
            input.parse::<TokenTree>()?;
        }
    }
    let (mut list, mut layers) = (None, Vec::new());
    let row = path.get_ident().and_then(|word| layers::find(&word.to_string()));
    if input.peek(token::Paren) {
        let group = input.fork().parse::<TokenTree>()?;
        tokens.extend(quote!(#group));
        let inside;
        syn::parenthesized!(inside in input);
        match row.filter(|row| row.around().is_some()) {
            Some(row) => list = Some(around(row, &inside, &mut layers, errors)?),
            None => list = Some(arguments(&inside, errors)?),
        }
    } else if input.peek(token::Brace) || input.peek(token::Bracket) {
        let word = path.to_token_stream();
        errors.push(input.error(format!("the arguments of a layer stand in parentheses: `{word}(..)`")));
        input.parse::<TokenTree>()?;
    }
    let broken = errors.len() > found_before;
    let is_sequence = false;
    Ok(Some(Entry { attributes, visibility, name, path, arguments: list, layers, is_sequence, tokens, broken }))
}

/// An entry of which nothing is known but the name, if it has one: its field is there all the same.
fn unreadable(attributes: Vec<Attribute>, visibility: Option<Visibility>, name: Option<Ident>) -> Option<Entry> {
    let (tokens, span) = (name.to_token_stream(), name.as_ref()?.span());
    let path = Path::from(Ident::new("_", span));
    let (arguments, layers, is_sequence, broken) = (None, Vec::new(), false, true);
    Some(Entry { attributes, visibility, name, path, arguments, layers, is_sequence, tokens, broken })
}

/// `[layer, layer]`, one branch of several.
fn sequence(
    input: ParseStream<'_>,
    errors: &mut Errors,
    place: Place,
    attributes: Vec<Attribute>,
    visibility: Option<Visibility>,
    name: Option<Ident>,
) -> Result<Entry> {
    if place != Place::Branches {
        errors.push(input.error("brackets hold a branch of `sum` or `concat`; here, layers stand without them"));
    }
    let group = input.fork().parse::<TokenTree>()?;
    let inside;
    let bracket = syn::bracketed!(inside in input);
    let (found_before, mut layers) = (errors.len(), Vec::new());
    entries(&inside, &mut layers, errors, Place::Sequence)?;
    let broken = errors.len() > found_before || place != Place::Branches;
    let path = Path::from(Ident::new("branch", bracket.span.open().resolved_at(Span::call_site())));
    let tokens = group.to_token_stream();
    Ok(Entry { attributes, visibility, name, path, arguments: None, layers, is_sequence: true, tokens, broken })
}

/// The own arguments of a layer that has others inside, and these.
fn around(row: &Layer, input: ParseStream<'_>, layers: &mut Vec<Entry>, errors: &mut Errors) -> Result<Vec<Argument>> {
    let mut list = Vec::new();
    if let Some((count, layers)) = count_behind(input).filter(|_| row.around() == Some(Around::Repeat)) {
        input.parse::<TokenStream>()?;
        let written = tidy(layers.clone());
        errors.at(&count, format!("the count stands first: write `{}({count}, {written})`", row.name));
        return Ok(list);
    }
    for parameter in row.positional {
        let named = input.peek(Ident) && input.peek2(Token![=]);
        if input.is_empty() || (!named && is_layer(input)) {
            // What is missing is found when arguments are matched with parameters.
            break;
        }
        list.extend(argument(input, errors)?);
        if !input.is_empty() {
            let comma = input.parse::<Option<Token![,]>>()?;
            if comma.is_none() {
                let message = format!("expected `,` behind `{}`, found `{}`", parameter.name, next(input));
                errors.push(input.error(message));
            }
        }
    }
    let branches = row.around().is_some_and(|around| around.has_branches());
    entries(input, layers, errors, if branches { Place::Branches } else { Place::Sequence })?;
    Ok(list)
}

/// The number that stands behind layers, and these.
fn count_behind(input: ParseStream<'_>) -> Option<(TokenTree, TokenStream)> {
    let tokens: Vec<TokenTree> = input.cursor().token_stream().into_iter().collect();
    let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(mark) if mark.as_char() == ',');
    let tokens = if tokens.last().is_some_and(is_comma) { &tokens[..tokens.len() - 1] } else { &tokens[..] };
    match tokens {
        [layers @ .., comma, TokenTree::Literal(count)] if is_comma(comma) && is_layer(input) => {
            Some((count.clone().into(), layers.iter().cloned().collect()))
        }
        _ => None,
    }
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
        list.extend(argument(input, errors)?);
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

/// One argument; `None` when it could not be read. Behind a mistake, the next token is the comma.
fn argument(input: ParseStream<'_>, errors: &mut Errors) -> Result<Option<Argument>> {
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
        return Ok(None);
    }
    match input.parse() {
        Ok(value) => Ok(Some(Argument { name, value })),
        Err(error) => {
            errors.push(error);
            skip_to_comma(input)?;
            Ok(None)
        }
    }
}

/// A layer, and no constant: a word of the table, or a type.
fn is_layer(input: ParseStream<'_>) -> bool {
    let Ok(path) = input.fork().call(path) else { return false };
    let is_type = path.segments.last().is_some_and(|last| {
        let word = last.ident.to_string();
        word.starts_with(|c: char| c.is_uppercase()) && word.contains(|c: char| c.is_lowercase())
    });
    is_type || path.get_ident().is_some_and(|word| layers::entry_names().iter().any(|known| word == known))
}

fn begins_entry(input: ParseStream<'_>, place: Place) -> bool {
    input.peek(Ident)
        || (place == Place::Branches && input.peek(token::Bracket))
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
