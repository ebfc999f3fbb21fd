//! Whether the names, sizes and initialisers of a `layer!` make sense, and its shape rule as data. What rustc says at
//! the user's token as well as we could is left to it.

use super::parse::{Field, Item, Kind};
use super::rule::{Rule, rule};
use crate::errors::{Errors, nearest};
use crate::foreign;
use crate::network::{INITIALIZERS, wrong_form};
use crate::text::tidy;
use crate::tokens::mentions;
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Expr, Lit, Type};

/// Reports what is wrong with a declaration; its shape rule, if it has one.
pub(crate) fn check(item: &Item, errors: &mut Errors) -> Option<Rule> {
    names(item, errors);
    arguments(item, errors);
    fields(item, errors);
    forward(item, errors);
    let rule = item.shape.as_ref().and_then(|shape| rule(item, shape, errors));
    rule.filter(|_| !item.broken)
}

/// A name is used for one thing.
fn names(item: &Item, errors: &mut Errors) {
    let mut known: Vec<(&Ident, &str)> = Vec::new();
    let arguments = item.arguments.iter().map(|argument| (&argument.name, "an argument"));
    let fields = item.fields.iter().map(|field| (&field.name, what(&field.kind)));
    let inputs = item.forward.iter().flat_map(|forward| &forward.inputs).map(|input| (&input.name, "the input"));
    for (name, what) in arguments.chain(fields).chain(inputs) {
        match known.iter().find(|(other, _)| *other == name) {
            Some((_, other)) if *other == what => {
                errors.at(name, format!("`{name}` is {what} already: give this one another name"));
            }
            Some((_, other)) => {
                errors.at(name, format!("`{name}` is the name of {other} already: give {what} another one"));
            }
            None if name == "rng" && what != "the input" => {
                errors.at(name, "`rng` is the generator of random numbers in initialisers: give this another name");
            }
            None => known.push((name, what)),
        }
    }
}

fn what(kind: &Kind) -> &'static str {
    match kind {
        Kind::Tensor { buffer: true, .. } => "a buffer",
        Kind::Tensor { .. } => "a parameter",
        Kind::Layer(_) => "a layer inside",
    }
}

fn arguments(item: &Item, errors: &mut Errors) {
    let mut optional: Option<&Ident> = None;
    for argument in &item.arguments {
        let name = &argument.name;
        docs_only(&argument.attributes, errors);
        if argument.default.is_some() {
            if name == "init" {
                errors.at(name, "`init` is the function that makes the layer from its options: give this another name");
            }
            optional = Some(name);
        } else if let Some(optional) = optional {
            errors.at(
                name,
                format!(
                    "an argument without a default stands before those with one: move `{name}` before `{optional}`"
                ),
            );
        }
        match &argument.of {
            Some(Type::ImplTrait(of)) => {
                let such = "such as `usize`, `f64` or `fn(f64) -> f64`";
                errors.at(of, format!("an argument is kept as a field: it needs a type of its own, {such}"));
            }
            Some(of) if mentions(of, "T") => {
                let instead = format!("take an `f64`, or make `{name}` a parameter or a buffer");
                errors.at(of, format!("an argument is the same for every number type `T`: {instead}"));
            }
            _ => {}
        }
    }
}

fn fields(item: &Item, errors: &mut Errors) {
    for field in &item.fields {
        docs_only(&field.attributes, errors);
        if let Kind::Tensor { sizes, .. } = &field.kind {
            for size in sizes {
                self::size(item, size, errors);
            }
            if let Some(init) = &field.init {
                initialiser(&field.name, init, errors);
            }
        } else if let Kind::Layer(of) = &field.kind {
            layer_inside(item, field, of, errors);
        }
    }
}

/// A type that is no layer: a parameter in the words of a struct, or an argument.
fn layer_inside(item: &Item, field: &Field, of: &Type, errors: &mut Errors) {
    let Type::Path(path) = of else { return };
    let Some(last) = path.path.segments.last() else { return };
    let (name, word) = (&field.name, last.ident.to_string());
    let starts_as_tensor = field.init.as_ref().is_some_and(|init| {
        let text = tidy(init.to_token_stream());
        let function = text.split('(').next().unwrap_or_default();
        INITIALIZERS.iter().any(|known| function.rsplit("::").next() == Some(known)) || text.starts_with('|')
    });
    if matches!(word.as_str(), "Param" | "Tensor") && starts_as_tensor {
        let size = item.arguments.first().map_or_else(|| "n".to_string(), |argument| argument.name.to_string());
        errors.at(of, format!("a parameter is declared by its sizes: `{name}: [{size}] = init::zeros`"));
    } else if path.path.is_ident(&word) && PLAIN.contains(&word.as_str()) {
        let given = field.init.as_ref().map(|init| format!(" = {}", tidy(init.to_token_stream())));
        let mut arguments: Vec<String> = item
            .arguments
            .iter()
            .map(|argument| format!("{}: {}", argument.name, tidy(argument.of.to_token_stream())))
            .collect();
        arguments.push(format!("{name}: {word}{}", given.unwrap_or_default()));
        let instead = format!("`struct {}({})`", item.name, arguments.join(", "));
        errors.at(of, format!("a `{word}` is no layer: make `{name}` an argument, {instead}"));
    }
}

/// Types that are no layers.
pub(super) const PLAIN: [&str; 16] = [
    "usize", "u8", "u16", "u32", "u64", "u128", "isize", "i8", "i16", "i32", "i64", "i128", "f32", "f64", "bool",
    "String",
];

fn docs_only(attributes: &[syn::Attribute], errors: &mut Errors) {
    for attribute in attributes.iter().filter(|attribute| !attribute.path().is_ident("doc")) {
        errors.at(attribute, "only doc comments may stand here");
    }
}

/// An expression over arguments and constants.
fn size(item: &Item, size: &Expr, errors: &mut Errors) {
    match size {
        Expr::Lit(literal) if !matches!(literal.lit, Lit::Int(_)) => {
            errors.at(size, format!("a size is a whole number, found `{}`", tidy(size.to_token_stream())));
        }
        Expr::Infer(_) => errors.at(size, "a parameter has a size on every axis: write an argument or a number"),
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => errors.at(size, "a size is not negative"),
        _ => {
            for word in variables(size).into_iter().filter(|word| !is_argument(item, word)) {
                unknown_size(item, word, errors);
            }
        }
    }
}

pub(super) fn is_argument(item: &Item, word: &Ident) -> bool {
    item.arguments.iter().any(|argument| argument.name == *word)
}

fn unknown_size(item: &Item, word: &Ident, errors: &mut Errors) {
    let names: Vec<String> = item.arguments.iter().map(|argument| argument.name.to_string()).collect();
    let hint = match nearest(&word.to_string(), names.iter().map(String::as_str)) {
        Some(meant) => format!("did you mean `{meant}`?"),
        None => format!("declare it: `{}({word}: usize)`", item.name),
    };
    errors.at(word, format!("a size is made of arguments and constants, and `{word}` is neither; {hint}"));
}

/// The words of an expression that are written like variables. Calls, blocks and macros are left to rustc.
fn variables(expression: &Expr) -> Vec<&Ident> {
    match expression {
        Expr::Path(path) => {
            let word = path.path.get_ident().filter(|word| !word.to_string().chars().any(char::is_uppercase));
            word.into_iter().collect()
        }
        Expr::Binary(binary) => [variables(&binary.left), variables(&binary.right)].concat(),
        Expr::Unary(unary) => variables(&unary.expr),
        Expr::Paren(paren) => variables(&paren.expr),
        Expr::Group(group) => variables(&group.expr),
        Expr::Cast(cast) => variables(&cast.expr),
        Expr::Field(field) => variables(&field.base),
        Expr::MethodCall(call) => variables(&call.receiver),
        _ => Vec::new(),
    }
}

/// `init::zeros`, `init::normal(0.0, 0.1)`, `|shape, rng| ..`, or another expression of such a function.
fn initialiser(name: &Ident, init: &Expr, errors: &mut Errors) {
    let found = || tidy(init.to_token_stream());
    match init {
        Expr::Lit(literal) if matches!(literal.lit, Lit::Int(_) | Lit::Float(_)) => {
            let number = found();
            let number = if matches!(literal.lit, Lit::Int(_)) { format!("{number}.0") } else { number };
            errors.at(
                init,
                format!(
                    "an initializer is a function such as `init::zeros`; for one value write `init::constant({number})`"
                ),
            );
        }
        Expr::Unary(unary) if matches!(unary.op, syn::UnOp::Neg(_)) => {
            errors.at(
                init,
                format!(
                    "an initializer is a function such as `init::zeros`; for one value write `init::constant({})`",
                    found()
                ),
            );
        }
        Expr::Lit(_)
        | Expr::Array(_)
        | Expr::Tuple(_)
        | Expr::Range(_)
        | Expr::Repeat(_)
        | Expr::Struct(_)
        | Expr::Binary(_) => {
            errors.at(
                init,
                format!("an initializer is a function such as `init::zeros` or `|shape, rng| ..`, found `{}`", found()),
            );
        }
        Expr::Closure(closure) if closure.inputs.len() != 2 => {
            errors.at(
                &closure.inputs,
                format!("the initializer of `{name}` takes its shape and a generator: `|shape, rng| ..`"),
            );
        }
        _ => {
            if let Some(message) = wrong_form(init) {
                errors.at(init, message);
                return;
            }
            let Some(word) = bare_function(init).filter(|word| !INITIALIZERS.iter().any(|known| word == known)) else {
                return;
            };
            if let Some(message) = foreign::unknown_initializer(&word.to_string(), INITIALIZERS) {
                errors.at(word, message);
            }
        }
    }
}

/// `zeros` of `zeros` and `normal` of `normal(0.0, 0.1)`; nothing of a path.
pub(crate) fn bare_function(init: &Expr) -> Option<&Ident> {
    match init {
        Expr::Path(path) => path.path.get_ident(),
        Expr::Call(call) => bare_function(&call.func),
        _ => None,
    }
}

/// `x * self.weight`, where `weight` is meant. A method of one, a reference to it and the arguments of a macro are
/// Rust.
fn parameters_of_self(item: &Item, tokens: TokenStream, errors: &mut Errors) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let is = |token: Option<&TokenTree>, mark| matches!(token, Some(TokenTree::Punct(p)) if p.as_char() == mark);
    let is_behind = |i: usize, mark| i > 0 && is(tokens.get(i - 1), mark);
    for (i, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) if !is_behind(i, '!') => parameters_of_self(item, group.stream(), errors),
            TokenTree::Ident(word) if *word == "self" => {
                let Some(TokenTree::Ident(name)) = tokens.get(i + 2).filter(|_| is(tokens.get(i + 1), '.')) else {
                    continue;
                };
                let mut fields = item.fields.iter().filter(|field| matches!(field.kind, Kind::Tensor { .. }));
                let behind = tokens.get(i + 3);
                let alone = !is(behind, '.') && !is_behind(i, '&');
                if alone && fields.any(|field| field.name == *name) {
                    let whole = quote!(#token . #name);
                    let x = item.forward.iter().flat_map(|forward| &forward.inputs).next();
                    let x = x.map_or_else(|| "x".to_string(), |input| input.name.to_string());
                    let by_hand = format!("`{x}.tape().param(&self.{name})`");
                    errors.at(whole, format!("write `{name}`, the parameter on the tape of the input, or {by_hand}"));
                }
            }
            _ => {}
        }
    }
}

fn forward(item: &Item, errors: &mut Errors) {
    let Some(forward) = &item.forward else {
        if !item.broken {
            let name = &item.name;
            errors.at(name, format!("`{name}` has no forward pass: write `forward(x) {{ .. }}` behind its braces"));
        }
        return;
    };
    match forward.inputs.first() {
        None if !item.broken => {
            let at = if forward.parentheses.stream().is_empty() { &forward.keyword } else { return };
            errors.at(at, "`forward` needs an input: write `forward(x) { .. }`");
        }
        Some(first) => {
            // Where `&self` was written, `self` is no second mistake.
            if !item.broken {
                parameters_of_self(item, forward.body.stream(), errors);
            }
            if let Some(of) = &first.of {
                errors.at(of, format!("the first input has no type: `{}` is a `TensorVar<'t, T>`", first.name));
            }
        }
        None => {}
    }
}
