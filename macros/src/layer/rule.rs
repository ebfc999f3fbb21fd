//! The shape rule of a `layer!` as data of `gradtape::nn::shape_rule`. The rest of the declaration is checked in
//! [`check`](super::check).

use super::check::is_argument;
use super::parse::{Axis, Item, Shape};
use crate::errors::{Errors, nearest};
use crate::text::tidy;
use crate::tokens::crate_path;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{BinOp, Expr, Lit};

/// A shape rule that has been understood.
pub(crate) struct Rule {
    /// An expression of type `shape_rule::Rule`.
    pub(crate) constant: TokenStream,
    /// The last axes that the layer expects, each an expression of type `Option<usize>` over its arguments.
    pub(crate) expected: Vec<TokenStream>,
    /// The last axes that it gives, in the same form over its arguments and the named axes.
    pub(crate) given: Vec<TokenStream>,
    /// The named axes, with their places from the end.
    pub(crate) bound: Vec<(Ident, usize)>,
}

/// The rule as data.
pub(super) fn rule(item: &Item, shape: &Shape, errors: &mut Errors) -> Option<Rule> {
    if let Some(forward) = &item.forward
        && !forward.is_layer()
    {
        errors.at(
            &shape.keyword,
            "a shape rule belongs to a layer with one input that gives one tensor: `network!` reads it",
        );
        return None;
    }
    let p = crate_path();
    let found_before = errors.len();
    let mut translator = Translator { item, bound: Vec::new(), errors };
    let (mut input, mut expected) = (Vec::new(), Vec::new());
    for axis in &shape.input {
        match axis {
            Axis::Bound(name) => {
                if is_argument(item, name) {
                    translator
                        .errors
                        .at(name, format!("`{name}` is the name of an argument already: give the axis another one"));
                }
                input.push(quote!(#p::shape_rule::Dim::Any));
                expected.push(quote!(::core::option::Option::None));
            }
            Axis::Size(Expr::Infer(_)) => {
                input.push(quote!(#p::shape_rule::Dim::Any));
                expected.push(quote!(::core::option::Option::None));
            }
            Axis::Size(size) => {
                input.push(translator.dim(size));
                // Typed, so that rustc says plainly what is no size.
                let axis = Ident::new("axis", Span::mixed_site());
                let of = quote_spanned!(size.span()=> usize);
                expected.push(quote!({
                    let #axis: #of = #size;
                    ::core::option::Option::Some(#axis)
                }));
            }
        }
    }
    let rank = shape.input.len();
    translator.bound = shape
        .input
        .iter()
        .enumerate()
        .filter_map(|(i, axis)| if let Axis::Bound(name) = axis { Some((name, rank - 1 - i)) } else { None })
        .collect();
    let (mut output, mut given) = (Vec::new(), Vec::new());
    for axis in &shape.output {
        match axis {
            Axis::Bound(name) => {
                translator.errors.at(name, "an axis is named before the arrow: write its name alone here");
            }
            Axis::Size(size) => {
                output.push(translator.dim(size));
                given.push(match size {
                    Expr::Infer(_) => quote!(::core::option::Option::None),
                    size => {
                        let axis = Ident::new("axis", Span::mixed_site());
                        let of = quote_spanned!(size.span()=> usize);
                        quote!({
                            let #axis: #of = #size;
                            ::core::option::Option::Some(#axis)
                        })
                    }
                });
            }
        }
    }
    let bound = translator.bound.iter().map(|(name, place)| ((*name).clone(), *place)).collect();
    (errors.len() == found_before).then(|| {
        let constant = quote!(#p::shape_rule::Rule::new(&[#(#input),*], &[#(#output),*]));
        Rule { constant, expected, given, bound }
    })
}

/// Turns expressions into `shape_rule::Dim`.
struct Translator<'e> {
    item: &'e Item,
    /// Axes that were named, with their place from the end.
    bound: Vec<(&'e Ident, usize)>,
    errors: &'e mut Errors,
}

impl Translator<'_> {
    fn dim(&mut self, size: &Expr) -> TokenStream {
        let p = crate_path();
        let dim = quote!(#p::shape_rule::Dim);
        match size {
            Expr::Infer(_) => quote!(#dim::Any),
            Expr::Lit(literal) if matches!(literal.lit, Lit::Int(_)) => quote!(#dim::Size(#literal)),
            Expr::Paren(paren) => self.dim(&paren.expr),
            Expr::Group(group) => self.dim(&group.expr),
            Expr::Path(path) => match path.path.get_ident() {
                Some(word) => self.word(word),
                None => quote!(#dim::Size(#path)),
            },
            Expr::Binary(binary) => {
                let variant = match binary.op {
                    BinOp::Add(_) => quote!(Add),
                    BinOp::Sub(_) => quote!(Sub),
                    BinOp::Mul(_) => quote!(Mul),
                    BinOp::Div(_) => quote!(Div),
                    other => {
                        self.unsupported(&other);
                        return TokenStream::new();
                    }
                };
                let (left, right) = (self.dim(&binary.left), self.dim(&binary.right));
                quote!(#dim::#variant(&#left, &#right))
            }
            other => {
                self.unsupported(other);
                TokenStream::new()
            }
        }
    }

    fn word(&mut self, word: &Ident) -> TokenStream {
        let p = crate_path();
        let dim = quote!(#p::shape_rule::Dim);
        if let Some((_, axis)) = self.bound.iter().find(|(name, _)| *name == word) {
            return quote!(#dim::Axis(#axis));
        }
        if let Some(place) = self.item.arguments.iter().position(|argument| argument.name == *word) {
            return match &self.item.arguments[place].default {
                None => quote!(#dim::Argument(#place)),
                Some(default) => {
                    let name = word.to_string();
                    // A default that is no such formula is not known at compile time, which is no mistake.
                    let mut aside = Errors::default();
                    let mut translator = Translator { item: self.item, bound: Vec::new(), errors: &mut aside };
                    let default = translator.dim(default);
                    let default = if aside.is_empty() { default } else { quote!(#dim::Any) };
                    quote!(#dim::Named(#name, &#default))
                }
            };
        }
        if word.to_string().chars().any(char::is_uppercase) {
            return quote!(#dim::Size(#word));
        }
        let arguments = self.item.arguments.iter().map(|argument| argument.name.to_string());
        let names: Vec<String> = arguments.chain(self.bound.iter().map(|(name, _)| name.to_string())).collect();
        let hint = match nearest(&word.to_string(), names.iter().map(String::as_str)) {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => format!("a size that the input decides is written `{word} @ _` before the arrow"),
        };
        self.errors.at(word, format!("`{word}` is no argument of `{}`; {hint}", self.item.name));
        TokenStream::new()
    }

    fn unsupported(&mut self, at: &impl ToTokens) {
        let found = tidy(at.to_token_stream());
        let made_of = "a shape rule is made of arguments, constants, numbers, `_` and `+ - * /`";
        self.errors.at(at, format!("{made_of}, found `{}`", found.trim()));
    }
}
