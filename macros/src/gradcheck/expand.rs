//! The cases as calls of the library, and as functions with `#[test]`. No mistake is found here.

use super::arguments::Argument;
use super::check::{Kind, kind_of};
use super::parse::{Case, Invocation, Setting};
use crate::tokens::{crate_path, import, placed};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Expr, ExprLit, Lit, LitFloat};

pub(super) fn expand(invocation: &Invocation, broken: bool) -> TokenStream {
    let import = import();
    if !invocation.is_items {
        let whole = invocation.cases.iter().filter(|case| !case.broken);
        let cases = whole.map(|case| of_case(case, &invocation.settings, broken));
        return quote!(#import #(#cases)*);
    }
    let items = invocation.cases.iter().filter_map(|case| {
        let item = case.item.as_ref()?;
        let (attributes, visibility, name) = (&item.attributes, &item.visibility, &item.name);
        let is_test = attributes.iter().any(|attribute| attribute.path().is_ident("test"));
        let test = (!is_test).then(|| quote!(#[::core::prelude::v1::test]));
        let body = (!case.broken).then(|| of_case(case, &invocation.settings, broken));
        Some(quote! {
            #(#attributes)*
            #test
            #visibility fn #name() {
                #import
                #body
            }
        })
    });
    items.collect()
}

/// One call, shown at the case.
fn of_case(case: &Case, common: &[Setting], broken: bool) -> TokenStream {
    let p = crate_path();
    // After a mistake, maybe in a setting, nothing runs.
    let check = if broken { quote!(#p::GradCheck::new()) } else { settings(case, common) };
    let model = case.arguments.iter().find(|argument| argument.is_model());
    let inputs: Vec<&Argument> = case.arguments.iter().filter(|argument| !argument.is_model()).collect();
    let drawn = inputs.iter().map(|input| drawn(input));
    let drawn = quote!(&[#(#drawn),*]);
    let names: Vec<Ident> = inputs
        .iter()
        .enumerate()
        .map(|(i, input)| {
            // Only where no body names it.
            input.name.clone().unwrap_or_else(|| Ident::new(&format!("_input_{i}"), proc_macro2::Span::mixed_site()))
        })
        .collect();
    let place = case.place;
    let body = case.body.as_ref();
    let list = quote!(let &[#(#names),*] = inputs else { ::core::unreachable!("as many inputs as were named") };);
    let Some(model) = model else {
        let call = quote_spanned!(place=> #p::check_drawn);
        return quote!(#call(#check, #drawn, |inputs| { #list #body }););
    };
    let value = model.value.as_ref();
    let (import, end) = (quote!(#[allow(unused_imports)] use #p::CheckModel as _;), value.map_or(place, Spanned::span));
    let output = |loss: TokenStream| {
        let call = quote_spanned!(end=> .gradcheck_layer);
        // All of it at the user's model, where a width that does not fit is said.
        let forward = placed(quote!(|layer, x| #p::nn::Layer::<f64>::forward(layer, x)), end);
        quote!(#[allow(unused_qualifications)] (#value)#call(#check, #drawn, #forward, #loss);)
    };
    let call = match (&model.name, body) {
        // The output itself, or a loss of it.
        (_, None) => output(quote!(|y| y)),
        (None, Some(loss)) => output(loss.clone()),
        (Some(name), Some(body)) => {
            let call = quote_spanned!(end=> .gradcheck_module);
            quote!((#value)#call(#check, #drawn, |#name, inputs| { #list #body });)
        }
    };
    quote!({ #import #call })
}

/// `GradCheck::new().order(2)` and what is set.
fn settings(case: &Case, common: &[Setting]) -> TokenStream {
    let p = crate_path();
    let own = case.item.iter().flat_map(|item| &item.settings);
    let calls = common.iter().chain(own).map(|Setting { name, value }| match kind_of(name) {
        Some(Kind::Flag) => {
            let off = matches!(value, Some(Expr::Lit(ExprLit { lit: Lit::Bool(bool), .. })) if !bool.value);
            if off { TokenStream::new() } else { quote!(.#name()) }
        }
        Some(Kind::Positive) => {
            let value = value.as_ref().map(float);
            quote!(.#name(#value))
        }
        _ => quote!(.#name(#value)),
    });
    quote!(#p::GradCheck::new().order(2)#(#calls)*)
}

fn drawn(input: &Argument) -> TokenStream {
    let p = crate_path();
    let name = input.name.as_ref().map_or_else(|| "the input ".to_string(), |name| name.to_string().replace("r#", ""));
    let sizes = &input.sizes;
    let range = match &input.range {
        Some(range) => {
            let [low, high] = [&range.start, &range.end].map(|end| end.as_deref().map(float));
            quote!(::core::option::Option::Some(#low..#high))
        }
        None => quote!(::core::option::Option::None),
    };
    quote!(#p::Drawn { name: #name, shape: &[#(#sizes),*], range: #range })
}

/// `2` as `2.0`, at its place.
fn float(value: &Expr) -> TokenStream {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Int(whole), .. }) if whole.suffix().is_empty() => {
            LitFloat::new(&format!("{}.0", whole.base10_digits()), whole.span()).into_token_stream()
        }
        Expr::Unary(unary) => {
            let (op, inner) = (&unary.op, float(&unary.expr));
            quote!(#op #inner)
        }
        other => other.to_token_stream(),
    }
}
