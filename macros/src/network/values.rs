//! Single arguments: each checked for what it is (a size, a number, an activation, ...) and turned into tokens. To
//! which parameter an argument belongs is not known here.

use super::check::Checker;
use super::layers::{self, ACTIVATIONS, Activation, INITIALIZERS, activation_names};
use super::parse::Entry;
use super::row::{Layer, Parameter};
use super::shape::Size;
use super::text::tidy;
use super::{call_at, crate_path, snake};
use crate::errors::nearest;
use crate::foreign;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::{Expr, ExprLit, Lit, UnOp};

/// What a whole number is, in words for a message.
#[derive(Clone, Copy)]
pub(crate) enum Whole {
    /// A size of this type in `nn`.
    SizeOf(&'static str),
    /// How often.
    Count,
}

impl From<&Layer> for Whole {
    fn from(row: &Layer) -> Whole {
        Whole::SizeOf(row.field.as_ref().map_or("Dense", |field| field.of))
    }
}

impl Whole {
    fn noun(self) -> &'static str {
        if let Whole::Count = self { "a count" } else { "a size" }
    }

    /// Why a variable will not do.
    pub(crate) fn must_be_constant(self) -> String {
        match self {
            Whole::SizeOf(name) => {
                format!("a size must be a constant; for a size read at run time use `{name}::new`")
            }
            Whole::Count => {
                "a count must be a constant; for a count read at run time build a `Vec` of layers".to_string()
            }
        }
    }
}

impl Checker<'_> {
    /// A constant expression of type `usize`.
    pub(crate) fn size(&mut self, expression: &Expr, whole: Whole) -> Option<Size> {
        let noun = whole.noun();
        let message = match strip(expression) {
            Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) if matches!(literal.suffix(), "" | "usize") => {
                match literal.base10_parse::<usize>() {
                    Ok(0) => format!("{noun} is at least 1, found `0`"),
                    Ok(value) => return Some(Size::Literal(value, literal.to_token_stream())),
                    Err(error) => error.to_string(),
                }
            }
            Expr::Lit(ExprLit { lit: Lit::Float(literal), .. }) => match literal.base10_parse::<f64>() {
                Ok(value) if value.fract() == 0.0 => {
                    format!("{noun} is a whole number: write `{value:.0}` instead of `{literal}`")
                }
                _ => format!("{noun} is a whole number, found `{literal}`"),
            },
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => format!("{noun} is not negative"),
            Expr::Lit(literal) => {
                format!("{noun} is a whole number of type `usize`, found `{}`", literal.to_token_stream())
            }
            other => match variable(other) {
                Some(word) => {
                    self.errors.at(word, whole.must_be_constant());
                    return None;
                }
                None => return Some(Size::Const(self.constant("SIZE", quote!(usize), other.to_token_stream()))),
            },
        };
        self.errors.at(expression, message);
        None
    }

    /// How often a layer repeats what stands inside.
    pub(crate) fn count(&mut self, layer: &str, expression: &Expr) -> Option<Size> {
        let count = self.size(expression, Whole::Count)?;
        if !matches!(count, Size::Literal(..)) {
            let times = count.tokens();
            self.ask(call_at(expression, quote!(count), quote!(#layer, #times)));
        }
        Some(count)
    }

    /// A probability of dropping.
    pub(crate) fn fraction(&mut self, layer: &str, expression: &Expr) -> Option<TokenStream> {
        let tokens = self.number(expression)?;
        if let Some(value) = literal_number(expression) {
            if !(0.0..1.0).contains(&value) {
                let found = tidy(expression.to_token_stream());
                let message =
                    format!("`{layer}` takes a probability from 0.0 up to, not including, 1.0; found `{found}`");
                self.errors.at(expression, message);
                return None;
            }
        } else {
            self.ask(call_at(expression, quote!(fraction), quote!(#layer, #tokens)));
        }
        Some(tokens)
    }

    /// A constant of type `f64`.
    fn number(&mut self, expression: &Expr) -> Option<TokenStream> {
        if let Some(value) = literal_number(expression) {
            // `leaky_relu(1)` means 1.0.
            let whole = !matches!(strip(expression), Expr::Lit(ExprLit { lit: Lit::Float(_), .. }));
            return Some(if whole { Literal::f64_unsuffixed(value).to_token_stream() } else { quote!(#expression) });
        }
        if let Expr::Lit(literal) = strip(expression) {
            self.errors.at(literal, format!("expected a number, found `{}`", literal.to_token_stream()));
            return None;
        }
        if let Some(word) = variable(expression) {
            self.errors
                .at(word, format!("a number in `network!` must be a constant: `{word}` is written like a variable"));
            return None;
        }
        Some(self.constant("NUMBER", quote!(f64), expression.to_token_stream()))
    }

    /// `relu`, `leaky_relu(0.1)`
    pub(crate) fn activation(&mut self, expression: &Expr) -> Option<TokenStream> {
        let (word, arguments): (_, Vec<(Option<&Ident>, &Expr)>) = match strip(expression) {
            Expr::Call(call) => {
                let arguments = call.args.iter().map(|argument| match argument {
                    Expr::Assign(named) => (bare(&named.left), &*named.right),
                    value => (None, value),
                });
                (bare(&call.func), arguments.collect())
            }
            other => (bare(other), Vec::new()),
        };
        let Some(word) = word else {
            let found = tidy(expression.to_token_stream());
            self.errors.at(expression, format!("expected an activation, such as `relu`, found `{found}`"));
            return None;
        };
        match Activation::find(&word.to_string()) {
            Some(row) => self.activation_with(row, word, &arguments),
            None => {
                let list = format!(
                    "the activations are {}",
                    ACTIVATIONS.iter().map(|a| a.name).collect::<Vec<_>>().join(", ")
                );
                let hint = foreign::suggest(foreign::ACTIVATIONS, &snake(&word.to_string()), &activation_names(), list);
                self.errors.at(word, format!("unknown activation `{word}`; {hint}"));
                None
            }
        }
    }

    /// The variant of `nn::Activation` of a row of the table.
    pub(crate) fn activation_with(
        &mut self,
        row: &Activation,
        at: &Ident,
        arguments: &[(Option<&Ident>, &Expr)],
    ) -> Option<TokenStream> {
        let p = crate_path();
        let variant = Ident::new(row.variant, at.span().resolved_at(Span::call_site()));
        match (row.parameter, arguments) {
            (None, []) => Some(quote!(#p::nn::Activation::#variant)),
            (None, [(_, extra), ..]) => {
                self.errors.at(extra, format!("`{at}` takes no argument: write `{at}`"));
                None
            }
            (Some((parameter, _)), [(Some(name), _)]) if *name != parameter => {
                self.errors.at(name, format!("`{at}` has no argument `{name}`; it takes `{parameter}`"));
                None
            }
            (Some(_), [(_, argument)]) => {
                let number = self.number(argument)?;
                Some(quote!(#p::nn::Activation::#variant(#number)))
            }
            (Some((parameter, usual)), _) => {
                self.errors.at(at, format!("`{at}` takes one argument, `{parameter}`: write `{at}({usual})`"));
                None
            }
        }
    }

    /// `true` or `false`
    pub(crate) fn flag(&mut self, name: &str, expression: &Expr) -> Option<bool> {
        if let Expr::Lit(ExprLit { lit: Lit::Bool(flag), .. }) = strip(expression) {
            return Some(flag.value);
        }
        let found = tidy(expression.to_token_stream());
        self.errors.at(expression, format!("`{name}` is `true` or `false`, found `{found}`"));
        None
    }

    /// `he_normal`, `normal(0.0, 0.02)`, `my::init`
    pub(crate) fn initializer(&mut self, expression: &Expr) -> Option<TokenStream> {
        let p = crate_path();
        if let Some(message) = wrong_form(expression) {
            self.errors.at(expression, message);
            return None;
        }
        let word = match strip(expression) {
            Expr::Call(call) => bare(&call.func),
            Expr::Path(_) => bare(expression),
            other => {
                let found = tidy(other.to_token_stream());
                self.errors.at(other, format!("`init` is a function such as `he_normal`, found `{found}`"));
                return None;
            }
        };
        let Some(word) = word else { return Some(within_init(expression).unwrap_or_else(|| quote!(#expression))) };
        let name = word.to_string();
        if INITIALIZERS.contains(&name.as_str()) {
            return Some(quote!(#p::nn::init::#expression));
        }
        if let Some(message) = foreign::unknown_initializer(&name, INITIALIZERS) {
            self.errors.at(word, message);
            return None;
        }
        Some(quote!(#expression))
    }
}

/// A function of `nn::init` that is called although it is the initializer, or is not although its result is.
pub(crate) fn wrong_form(expression: &Expr) -> Option<String> {
    let (function, is_called) = match strip(expression) {
        Expr::Call(call) => (strip(&call.func), true),
        other => (other, false),
    };
    let Expr::Path(path) = function else { return None };
    let words: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let word = match &words[..] {
        [word] => word,
        [init, word] if init == "init" => word,
        [tensor, _] if tensor == "Tensor" && is_called => {
            let forms = "`init::zeros`, `init::normal(0.0, 1.0)` or `|shape, rng| ..`";
            return Some(format!("an initializer is a function of the shape and a generator: {forms}"));
        }
        _ => return None,
    };
    let example = match word.as_str() {
        "constant" => "constant(1.0)",
        "uniform" => "uniform(-0.1, 0.1)",
        "normal" => "normal(0.0, 1.0)",
        word if is_called && INITIALIZERS.contains(&word) => {
            return Some(format!("`{word}` is a function of the shape and a generator already: write `init::{word}`"));
        }
        _ => return None,
    };
    (!is_called).then(|| format!("`{word}` makes an initializer of its numbers: write `init::{example}`"))
}

/// `init::zeros`, which means what `zeros` means, as in `layer!`.
fn within_init(expression: &Expr) -> Option<TokenStream> {
    let function = match strip(expression) {
        Expr::Call(call) => strip(&call.func),
        other => other,
    };
    let Expr::Path(path) = function else { return None };
    let words: Vec<String> = path.path.segments.iter().map(|segment| segment.ident.to_string()).collect();
    let is_known = path.path.leading_colon.is_none() && words.len() == 2 && words[0] == "init";
    let p = crate_path();
    (is_known && INITIALIZERS.contains(&words[1].as_str())).then(|| quote!(#p::nn::#expression))
}

/// Without parentheses, and without the invisible group that a `macro_rules!` puts around `$size:expr`.
fn strip(expression: &Expr) -> &Expr {
    match expression {
        Expr::Paren(paren) => strip(&paren.expr),
        Expr::Group(group) => strip(&group.expr),
        other => other,
    }
}

/// The word of an expression that is nothing but a word.
pub(crate) fn bare(expression: &Expr) -> Option<&Ident> {
    if let Expr::Path(path) = strip(expression) { path.path.get_ident() } else { None }
}

/// An activation, or what was meant to be one.
pub(crate) fn is_activation(expression: &Expr) -> bool {
    let word = match strip(expression) {
        Expr::Call(call) => bare(&call.func),
        other => bare(other),
    };
    word.is_some_and(|word| {
        let word = word.to_string();
        !word.chars().all(|c| c.is_uppercase() || c == '_')
            && (nearest(&snake(&word), activation_names()).is_some()
                || foreign::find(foreign::ACTIVATIONS, &word).is_some())
    })
}

/// The first word in an expression that is written like a variable.
pub(crate) fn variable(expression: &Expr) -> Option<&Ident> {
    match strip(expression) {
        Expr::Path(path) => path.path.get_ident().filter(|word| !word.to_string().chars().any(|c| c.is_uppercase())),
        Expr::Binary(binary) => variable(&binary.left).or_else(|| variable(&binary.right)),
        Expr::Unary(unary) => variable(&unary.expr),
        Expr::Cast(cast) => variable(&cast.expr),
        Expr::Reference(reference) => variable(&reference.expr),
        Expr::Field(field) => variable(&field.base),
        Expr::Index(index) => variable(&index.expr),
        Expr::MethodCall(call) => variable(&call.receiver).or_else(|| call.args.iter().find_map(variable)),
        Expr::Call(call) => call.args.iter().find_map(variable),
        _ => None,
    }
}

/// Literals, constants in capitals, and arithmetic of them. A constant of another type than a number does not survive
/// `as usize`; in braces, `Gate({ CONFIG })`, it is left alone.
pub(crate) fn looks_like_integer(expression: &Expr) -> bool {
    match strip(expression) {
        Expr::Lit(ExprLit { lit, .. }) => matches!(lit, Lit::Int(_)),
        Expr::Path(path) => path.path.segments.last().is_some_and(|last| {
            let name = last.ident.to_string();
            name.chars().any(|c| c.is_uppercase()) && !name.chars().any(|c| c.is_lowercase())
        }),
        Expr::Binary(binary) => looks_like_integer(&binary.left) && looks_like_integer(&binary.right),
        _ => false,
    }
}

/// The value of `0.5`, `-0.5` or `1`.
fn literal_number(expression: &Expr) -> Option<f64> {
    match strip(expression) {
        Expr::Lit(ExprLit { lit: Lit::Float(literal), .. }) => literal.base10_parse().ok(),
        Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) if literal.suffix().is_empty() => literal.base10_parse().ok(),
        Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => literal_number(&unary.expr).map(|value| -value),
        _ => None,
    }
}

/// The words of one capital among the sizes: a const parameter of the function around, as far as can be told, and a
/// constant does as well.
pub(crate) fn single_letters(entries: &[Entry]) -> Vec<Ident> {
    let mut found: Vec<Ident> = Vec::new();
    for entry in entries {
        found.extend(single_letters(&entry.layers));
        let Some(row) = entry.path.get_ident().and_then(|word| layers::find(&word.to_string())) else { continue };
        for argument in entry.arguments.iter().flatten() {
            let is_whole = match &argument.name {
                Some(name) => row.positional.iter().any(|parameter| name == parameter.name && parameter.is_whole()),
                None => row.positional.iter().any(Parameter::is_whole) && !is_activation(&argument.value),
            };
            if is_whole {
                words(&argument.value, &mut found);
            }
        }
    }
    let mut names: Vec<Ident> = Vec::new();
    for word in found {
        if !names.contains(&word) {
            names.push(word);
        }
    }
    names
}

/// The words of one capital in an expression.
fn words(expression: &Expr, found: &mut Vec<Ident>) {
    match expression {
        Expr::Path(path) => {
            let word = path.path.get_ident();
            found.extend(word.filter(|word| matches!(word.to_string().as_bytes(), [b'A'..=b'Z'])).cloned());
        }
        Expr::Paren(paren) => words(&paren.expr, found),
        Expr::Group(group) => words(&group.expr, found),
        Expr::Binary(binary) => {
            words(&binary.left, found);
            words(&binary.right, found);
        }
        Expr::Call(call) => call.args.iter().for_each(|argument| words(argument, found)),
        _ => {}
    }
}
