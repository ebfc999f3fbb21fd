//! The tokens of a `gradcheck!` as settings and cases. It goes on behind a mistake; cases that are functions with a
//! name are read in [`items`](super::items), and what the parts may be is checked in [`check`](super::check).

use super::arguments::{Argument, arguments, settings};
use super::check::kind_of;
use super::items::{Item, items};
use crate::errors::Errors;
use crate::text::tidy;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{ParseStream, Parser};
use syn::{Expr, Token};

/// How a case is written.
pub(super) const FORM: &str = "`|x: [3, 4], w: [4, 2]| x.matmul(w).tanh()`";

/// One call of the macro.
pub(super) struct Invocation {
    /// Its cases are functions with the attribute `#[test]`.
    pub(super) is_items: bool,
    /// Those in front, for all cases.
    pub(super) settings: Vec<Setting>,
    pub(super) cases: Vec<Case>,
}

/// `rtol = 1e-5`
pub(super) struct Setting {
    pub(super) name: Ident,
    pub(super) value: Option<Expr>,
}

/// One function, or model, that is checked.
pub(super) struct Case {
    /// Where a failure is reported.
    pub(super) place: Span,
    /// What stands around it where it is an item.
    pub(super) item: Option<Item>,
    pub(super) arguments: Vec<Argument>,
    /// The function's result; of a model without a name the loss of its output, a closure.
    pub(super) body: Option<TokenStream>,
    /// It has a mistake, and is left out; what an editor can know of the others stays.
    pub(super) broken: bool,
}

pub(super) fn parse(input: TokenStream, errors: &mut Errors) -> Invocation {
    let words: Vec<TokenTree> = input.clone().into_iter().take(2).collect();
    // `test name(..) { .. }`, without its `fn`, is one all the same.
    let two_words = matches!(words[..], [TokenTree::Ident(_), TokenTree::Ident(_)]) && !is_word(&words[0], "move");
    let is_items = two_words || input.clone().into_iter().any(|token| is_word(&token, "fn"));
    let mut invocation = Invocation { is_items, settings: Vec::new(), cases: Vec::new() };
    let read = |input: ParseStream<'_>| {
        if is_items { items(input, &mut invocation, errors) } else { cases(input, &mut invocation, errors) }
    };
    if let Err(error) = read.parse2(input) {
        errors.push(error);
    }
    invocation
}

fn is_word(token: &TokenTree, text: &str) -> bool {
    matches!(token, TokenTree::Ident(word) if word == text)
}

/// The tokens before `end`, which is taken as well.
fn until(input: ParseStream<'_>, end: impl Fn(&TokenTree) -> bool) -> syn::Result<(TokenStream, bool)> {
    let mut before = TokenStream::new();
    while !input.is_empty() {
        let token: TokenTree = input.parse()?;
        if end(&token) {
            return Ok((before, true));
        }
        before.extend([token]);
    }
    Ok((before, false))
}

fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}

/// Settings stand in front: a name, and behind it an `=`, a comma or a semicolon.
pub(super) fn begins_with_settings(input: ParseStream<'_>) -> bool {
    input.peek(syn::Ident) && input.peek2(Token![=]) && !input.peek2(Token![==])
        || input.peek(syn::Ident) && input.peek2(Token![;]) && !input.peek2(Token![::])
}

fn cases(input: ParseStream<'_>, invocation: &mut Invocation, errors: &mut Errors) -> syn::Result<()> {
    if begins_with_settings(input) {
        front(input, invocation, errors)?;
    }
    while !input.is_empty() {
        if input.peek(Token![;]) {
            input.parse::<Token![;]>()?;
            continue;
        }
        let found = errors.len();
        let case = if input.peek(Token![|]) || input.peek(Token![||]) {
            function(input, errors)?
        } else if input.peek(Token![move]) && input.peek2(Token![|]) {
            errors.at(input.parse::<Token![move]>()?, "remove `move`: what the check names is borrowed");
            function(input, errors)?
        } else {
            model(input, errors)?
        };
        invocation.cases.extend(case.map(|case| Case { broken: errors.len() > found, ..case }));
    }
    Ok(())
}

/// The settings in front, up to their `;`.
fn front(input: ParseStream<'_>, invocation: &mut Invocation, errors: &mut Errors) -> syn::Result<()> {
    let fork = input.fork();
    let (_, ends) = until(&fork, |token| is_punct(token, ';') || is_punct(token, '|'))?;
    let mut tokens = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![;]) && !input.peek(Token![|]) {
        tokens.extend([input.parse::<TokenTree>()?]);
    }
    let last = tokens.clone().into_iter().last();
    invocation.settings = settings(tokens, errors);
    if input.peek(Token![;]) {
        let semicolon: Token![;] = input.parse()?;
        if input.is_empty() {
            errors.at(semicolon, format!("what is checked? behind the settings stands a case, such as {FORM}"));
        }
    } else if ends {
        errors.at(last, "the settings end with `;`, and the inputs follow: `order = 1; |x: [3]| x.tanh()`");
    } else if errors.is_empty() {
        errors.at(last, format!("what is checked? behind the settings stand `;` and a case, such as {FORM}"));
    }
    Ok(())
}

/// `|x: [3, 4]| expression`
fn function(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Case>> {
    let bar: TokenTree = input.parse()?;
    let place = bar.span();
    let (inside, closed) = until(input, |token| is_punct(token, '|'))?;
    if !closed {
        errors.at(bar, format!("the inputs end with a second `|`: {FORM}"));
        return Ok(None);
    }
    let found = errors.len();
    let arguments = arguments(inside.clone(), errors);
    if arguments.is_empty() && errors.len() == found {
        errors.at(bar, format!("there is no input to differentiate with respect to: {FORM}"));
    }
    let (body, _) = until(input, |token| is_punct(token, ';'))?;
    let body = (!body.is_empty()).then(|| one_expression(body, errors));
    if body.is_none() && errors.len() == found {
        let message = "what is checked? behind the `|` stands an expression of the inputs, such as `x.tanh().sum()`";
        errors.push(syn::Error::new(place, message));
    }
    Ok(Some(Case { place, item: None, arguments, body, broken: false }))
}

/// The expression at the beginning; what stands behind it is another case, without a `;` before it. Nothing where it
/// cannot be read.
fn one_expression(tokens: TokenStream, errors: &mut Errors) -> TokenStream {
    let read = |input: ParseStream<'_>| -> syn::Result<(Expr, TokenStream)> { Ok((input.parse()?, input.parse()?)) };
    match read.parse2(tokens.clone()) {
        Ok((expression, rest)) if !rest.is_empty() => {
            let rest: Vec<TokenTree> = rest.into_iter().collect();
            match &rest[..] {
                [comma, TokenTree::Ident(name), ..] if is_punct(comma, ',') && kind_of(name).is_some() => {
                    errors.at(name, settings_in_front(name));
                }
                [next, ..] => errors.at(next, format!("checks are separated by `;`, found `{next}`")),
                [] => {}
            }
            expression.into_token_stream()
        }
        Ok(_) => tokens,
        Err(error) => {
            errors.push(error);
            TokenStream::new()
        }
    }
}

fn settings_in_front(name: &Ident) -> String {
    format!("settings stand in front of the checks and end with `;`: `{name} = ..; |x: [3]| x.tanh()`")
}

/// What is missing behind the only part of a check.
fn missing_input(value: &Expr) -> String {
    let text = tidy(value.to_token_stream());
    let mut first = value;
    while let Expr::MethodCall(call) = first {
        first = &call.receiver;
    }
    match (value, first) {
        (Expr::MethodCall(_), Expr::Path(input)) => {
            let input = tidy(input.to_token_stream());
            format!(
                "the inputs with their shapes are missing: write `|{input}: [3]| {text}`, \
                 or behind a model `{text}, x: [8, 4]`"
            )
        }
        (Expr::Call(call), _) if is_setting(&call.func) => {
            let (name, value) = (tidy(call.func.to_token_stream()), tidy(call.args.to_token_stream()));
            format!("a setting is written `{name} = {value}`")
        }
        _ => format!("the shape of the model's input is missing: write `{text}, x: [8, 4]`"),
    }
}

fn is_setting(function: &Expr) -> bool {
    matches!(function, Expr::Path(path) if path.path.get_ident().is_some_and(|name| kind_of(name).is_some()))
}

/// `net, x: [8, 4], |y| y.square().mean()`
fn model(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Case>> {
    let (mut tokens, _) = until(input, |token| is_punct(token, ';'))?;
    let place = tokens.clone().into_iter().next().map_or_else(Span::call_site, |token| token.span());
    // The loss: what follows the first `|` outside of everything.
    let all: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let mut loss = None;
    if let Some(bar) = all.iter().position(|token| is_punct(token, '|')) {
        let before = all[..bar].iter().rposition(|token| !is_punct(token, ',')).map_or(0, |last| last + 1);
        loss = Some(one_expression(all[bar..].iter().cloned().collect(), errors));
        tokens = all[..before].iter().cloned().collect();
    }
    let found = errors.len();
    let read = |input: ParseStream<'_>| -> syn::Result<Vec<Argument>> {
        if input.peek(syn::Ident) && input.peek2(Token![:]) && !input.peek2(Token![::]) {
            let name: Ident = input.parse()?;
            if name != "model" {
                let rest: TokenStream = input.parse()?;
                errors.push(syn::Error::new(
                    name.span(),
                    format!("inputs stand between two `|`, and what is checked behind them: {FORM}"),
                ));
                drop(rest);
                return Ok(Vec::new());
            }
            input.parse::<Token![:]>()?;
        }
        let value: Expr = input.parse()?;
        if let Expr::Macro(call) = &value
            && call.mac.path.segments.last().is_some_and(|last| last.ident == "network")
        {
            let message = "this network has no parameters yet: write `network!(..).init(&mut Rng::new(7))`";
            errors.at(&call.mac.path, message);
        }
        let mut list = vec![Argument::model(None, value)];
        if input.peek(Token![,]) {
            input.parse::<Token![,]>()?;
        }
        for argument in arguments(input.parse()?, errors) {
            match argument.name.as_ref().filter(|name| argument.is_model() && kind_of(name).is_some()) {
                Some(name) => errors.at(name, settings_in_front(name)),
                None => list.push(argument),
            }
        }
        Ok(list)
    };
    let list = match read.parse2(tokens.clone()) {
        Ok(list) => list,
        Err(error) => {
            errors.push(error);
            return Ok(None);
        }
    };
    if errors.len() == found {
        match &list[..] {
            [model] => errors.at(&tokens, model.value.as_ref().map_or_else(String::new, missing_input)),
            [_, _] => {}
            [_, _, second, ..] => errors.push(syn::Error::new(
                second.place(),
                "a model in this form has one input; \
                 with several write `|net = model, x: [3, 4], z: [4]| net.forward(x, z)`",
            )),
            [] => {}
        }
    }
    if list.is_empty() {
        return Ok(None);
    }
    Ok(Some(Case { place, item: None, arguments: list, body: loss, broken: false }))
}
