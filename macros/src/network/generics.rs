//! The type parameter of the numbers and the const parameters of a network: read, and written in their places. What
//! sizes are made of them is not known here.

use crate::errors::Errors;
use crate::tokens::{crate_path, mentions};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::{GenericParam, TypeParamBound};

/// `<const H: usize, T = f32>`
#[derive(Clone)]
pub(crate) struct Generics {
    parameters: Vec<Parameter>,
    /// The type of the numbers.
    pub(crate) numbers: Ident,
}

#[derive(Clone)]
enum Parameter {
    Numbers { default: Option<TokenStream> },
    Const { name: Ident, of: TokenStream, default: Option<TokenStream> },
}

impl Generics {
    /// `<const N: usize, T = f32>`, for expressions that use what is perhaps a parameter of the item around them.
    pub(crate) fn with_consts(names: Vec<Ident>) -> Generics {
        let numbers = unused_name(&names);
        let constant = |name| Parameter::Const { name, of: quote!(usize), default: None };
        let mut parameters: Vec<_> = names.into_iter().map(constant).collect();
        parameters.push(Parameter::Numbers { default: Some(quote!(f32)) });
        Generics { parameters, numbers }
    }

    /// What the user wrote; the type of the numbers is put behind it where it is left out.
    pub(crate) fn read(written: &syn::Generics, name: &str, errors: &mut Errors) -> Generics {
        let consts: Vec<Ident> = written.const_params().map(|constant| constant.ident.clone()).collect();
        let mut generics = Generics { parameters: Vec::new(), numbers: unused_name(&consts) };
        let mut has_numbers = false;
        for parameter in &written.params {
            let attributes = match parameter {
                GenericParam::Lifetime(parameter) => &parameter.attrs,
                GenericParam::Type(parameter) => &parameter.attrs,
                GenericParam::Const(parameter) => &parameter.attrs,
            };
            if let Some(attribute) = attributes.first() {
                errors.at(attribute, "no attribute may stand on a parameter of a network");
            }
            match parameter {
                GenericParam::Lifetime(lifetime) => {
                    errors.at(lifetime, "a network owns its parameters and borrows nothing: remove the lifetime");
                }
                GenericParam::Type(size) if size.bounds.iter().any(is_whole) => {
                    let (name, of) = (&size.ident, &size.bounds);
                    errors.at(size, format!("a size is a const parameter: write `const {name}: usize`"));
                    generics.parameters.push(Parameter::Const {
                        name: name.clone(),
                        of: of.to_token_stream(),
                        default: None,
                    });
                }
                GenericParam::Type(extra) if has_numbers => {
                    let numbers = &generics.numbers;
                    let message = format!(
                        "a network has one type parameter, that of its numbers, which is `{numbers}`: remove `{}`",
                        extra.ident
                    );
                    errors.at(&extra.ident, message);
                }
                GenericParam::Type(numbers) => {
                    has_numbers = true;
                    for bound in &numbers.bounds {
                        if !is_scalar(bound) {
                            let message = "the numbers of a network are any `Scalar`: remove the bound";
                            errors.at(bound, message);
                        }
                    }
                    generics.numbers = numbers.ident.clone();
                    let default = numbers.default.as_ref().map(ToTokens::to_token_stream);
                    generics.parameters.push(Parameter::Numbers { default });
                }
                GenericParam::Const(constant) => generics.parameters.push(Parameter::Const {
                    name: constant.ident.clone(),
                    of: constant.ty.to_token_stream(),
                    default: constant.default.as_ref().map(ToTokens::to_token_stream),
                }),
            }
        }
        if let Some(clause) = &written.where_clause {
            let message = format!("a network has no conditions on its parameters: `struct {name} {{ .. }}`");
            errors.at(clause, message);
        }
        if !has_numbers {
            generics.parameters.push(Parameter::Numbers { default: None });
        }
        // Defaults stand at the end.
        if let Some(Parameter::Numbers { default: default @ None }) = generics.parameters.last_mut() {
            *default = Some(quote!(f32));
        }
        generics
    }

    fn consts(&self) -> impl Iterator<Item = &Ident> {
        self.parameters.iter().filter_map(|parameter| match parameter {
            Parameter::Const { name, .. } => Some(name),
            Parameter::Numbers { .. } => None,
        })
    }

    /// Whether a const parameter stands in the tokens.
    pub(crate) fn stand_in(&self, tokens: &TokenStream) -> bool {
        self.consts().any(|name| mentions(tokens, &name.to_string()))
    }

    /// Another type of numbers, in functions that convert to it.
    pub(crate) fn other_numbers(&self) -> Ident {
        let taken = |name: &str| self.numbers == name || self.consts().any(|constant| constant == name);
        format_ident!("{}", if taken("U") { "OtherNumbers" } else { "U" })
    }

    /// `<const H: usize, T = f32>`, of the struct.
    pub(crate) fn declared(&self) -> TokenStream {
        self.written(true, |numbers, default| {
            let default = default.map(|default| quote!(= #default));
            quote!(#numbers #default)
        })
    }

    /// `<const H: usize, T: Scalar>`, of an impl.
    pub(crate) fn of_impl(&self) -> TokenStream {
        let p = crate_path();
        self.written(false, |numbers, _| quote!(#numbers: #p::Scalar))
    }

    /// `<const H: usize>`, of an impl for one type of numbers; nothing when there is none.
    pub(crate) fn of_impl_without_numbers(&self) -> TokenStream {
        let consts: Vec<_> = self.parameters.iter().filter_map(|parameter| constant(parameter, false)).collect();
        if consts.is_empty() { TokenStream::new() } else { quote!(<#(#consts),*>) }
    }

    /// `<H, T>`, with these numbers.
    pub(crate) fn arguments(&self, numbers: impl ToTokens) -> TokenStream {
        let arguments = self.parameters.iter().map(|parameter| match parameter {
            Parameter::Numbers { .. } => numbers.to_token_stream(),
            Parameter::Const { name, .. } => name.to_token_stream(),
        });
        quote!(<#(#arguments),*>)
    }

    /// `<H>`, of a type without numbers; nothing when there is none.
    pub(crate) fn consts_only(&self) -> TokenStream {
        let consts: Vec<_> = self.consts().collect();
        if consts.is_empty() { TokenStream::new() } else { quote!(<#(#consts),*>) }
    }

    fn written(&self, defaults: bool, numbers: impl Fn(&Ident, Option<&TokenStream>) -> TokenStream) -> TokenStream {
        let parameters = self.parameters.iter().filter_map(|parameter| match parameter {
            Parameter::Numbers { default } => Some(numbers(&self.numbers, default.as_ref())),
            parameter => constant(parameter, defaults),
        });
        quote!(<#(#parameters),*>)
    }
}

/// What the type of the numbers is called where the user says nothing.
fn unused_name(consts: &[Ident]) -> Ident {
    let name = if consts.iter().any(|constant| constant == "T") { "Numbers" } else { "T" };
    Ident::new(name, Span::call_site())
}

fn constant(parameter: &Parameter, defaults: bool) -> Option<TokenStream> {
    let Parameter::Const { name, of, default } = parameter else { return None };
    let default = default.as_ref().filter(|_| defaults).map(|default| quote!(= #default));
    Some(quote!(const #name: #of #default))
}

/// A type of whole numbers where a trait should stand.
fn is_whole(bound: &TypeParamBound) -> bool {
    let TypeParamBound::Trait(bound) = bound else { return false };
    ["usize", "u64", "u32", "isize", "i64", "i32"].iter().any(|name| bound.path.is_ident(name))
}

/// `Scalar`, by any path.
fn is_scalar(bound: &TypeParamBound) -> bool {
    let TypeParamBound::Trait(bound) = bound else { return false };
    bound.path.segments.last().is_some_and(|last| last.ident == "Scalar")
}
