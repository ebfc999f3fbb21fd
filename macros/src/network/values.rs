//! Single arguments: each checked for what it is (a size, a number, an activation, ...) and turned into tokens. To
//! which parameter an argument belongs is not known here.

use super::check::Checker;
use super::layers::{ACTIVATIONS, Activation, INITIALIZERS, activation_names};
use super::shape::Size;
use super::text::tidy;
use super::{call_at, crate_path, snake};
use crate::errors::{nearest, suggest};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{Expr, ExprLit, Lit, UnOp};

impl Checker<'_> {
    /// A constant expression of type `usize`; `of` is the type behind the layer.
    pub(crate) fn size(&mut self, expression: &Expr, of: Option<&str>) -> Option<Size> {
        let message = match strip(expression) {
            Expr::Lit(ExprLit { lit: Lit::Int(literal), .. }) if matches!(literal.suffix(), "" | "usize") => {
                match literal.base10_parse::<usize>() {
                    Ok(0) => "a size is at least 1, found `0`".to_string(),
                    Ok(value) => return Some(Size::Literal(value, literal.to_token_stream())),
                    Err(error) => error.to_string(),
                }
            }
            Expr::Lit(ExprLit { lit: Lit::Float(literal), .. }) => match literal.base10_parse::<f64>() {
                Ok(value) if value.fract() == 0.0 => {
                    format!("a size is a whole number: write `{value:.0}` instead of `{literal}`")
                }
                _ => format!("a size is a whole number, found `{literal}`"),
            },
            Expr::Unary(unary) if matches!(unary.op, UnOp::Neg(_)) => "a size is not negative".to_string(),
            Expr::Lit(literal) => {
                format!("a size is a whole number of type `usize`, found `{}`", literal.to_token_stream())
            }
            other => match variable(other) {
                Some(word) => {
                    self.errors.at(word, constant_size(of));
                    return None;
                }
                None => {
                    let name = self.fresh("SIZE");
                    self.constants.push(quote!(const #name: usize = #other;));
                    return Some(Size::Const(name.to_token_stream()));
                }
            },
        };
        self.errors.at(expression, message);
        None
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
            let call = call_at(expression, quote!(fraction), quote!(#layer, #tokens));
            self.constants.push(quote!(const _: () = #call;));
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
        let name = self.fresh("NUMBER");
        self.constants.push(quote!(const #name: f64 = #expression;));
        Some(name.to_token_stream())
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
                let hint = suggest(&snake(&word.to_string()), &activation_names(), list);
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
        let variant = format_ident!("{}", row.variant);
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
        let word = match strip(expression) {
            Expr::Call(call) => bare(&call.func),
            Expr::Path(_) => bare(expression),
            other => {
                let found = tidy(other.to_token_stream());
                self.errors.at(other, format!("`init` is a function such as `he_normal`, found `{found}`"));
                return None;
            }
        };
        let Some(word) = word else { return Some(quote!(#expression)) };
        let name = word.to_string();
        if INITIALIZERS.contains(&name.as_str()) {
            return Some(quote!(#p::nn::init::#expression));
        }
        if let Some(meant) = nearest(&name, INITIALIZERS.iter().copied()) {
            let own = format!("a function of your own with this name is written `self::{name}`");
            self.errors.at(word, format!("unknown initializer `{name}`; did you mean `{meant}`? ({own})"));
            return None;
        }
        Some(quote!(#expression))
    }
}

/// Why a variable is no size; `of` is the type behind the layer.
pub(crate) fn constant_size(of: Option<&str>) -> String {
    let of = of.unwrap_or("Dense");
    format!("a size must be a constant; for a size read at run time use `{of}::new`")
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
        !word.chars().all(|c| c.is_uppercase() || c == '_') && nearest(&snake(&word), activation_names()).is_some()
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
