//! Names and numbers as they stand in generated code. Which statements they stand in is not known here.

use super::graph::Id;
use proc_macro2::{Ident, Literal, Span, TokenStream};
use quote::{format_ident, quote};

/// A name in generated code that nothing written by the user can meet.
pub(crate) fn local(name: &str) -> Ident {
    Ident::new(name, Span::mixed_site())
}

/// The name of the const that holds one of the user's.
pub(crate) fn const_name(number: usize) -> Ident {
    format_ident!("__GRADTAPE_CONST_{number}")
}

/// The name of the function that holds a call of another formula.
pub(crate) fn call_name(number: usize) -> Ident {
    format_ident!("call_{number}")
}

pub(crate) fn name(id: Id) -> Ident {
    local(&format!("v{id}"))
}

pub(crate) fn output_name(id: Id, k: usize) -> Ident {
    local(&format!("v{id}_{k}"))
}

pub(crate) fn argument_name(number: usize) -> Ident {
    local(&format!("x{number}"))
}

pub(crate) fn literal(value: f64) -> TokenStream {
    if value.is_nan() {
        return quote!(::core::f64::NAN);
    }
    let size = if value.is_infinite() {
        quote!(::core::f64::INFINITY)
    } else {
        let size = Literal::f64_suffixed(value.abs());
        quote!(#size)
    };
    if value.is_sign_negative() { quote!((-#size)) } else { size }
}
