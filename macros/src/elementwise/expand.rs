//! The function that is written instead of the user's: of the same name and arguments, with an operation inside that
//! holds the value and the slopes. No mistake is found here.

use super::check::Formula;
use super::functions::names;
use super::generated::{argument_name, call_name, const_name, local};
use super::graph::{Call, Graph};
use super::parse::Declaration;
use super::write::{Over, Writer, facts};
use crate::errors::nearest;
use crate::tokens::{crate_path, placed};
use proc_macro2::{Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{ItemFn, Path};

/// The function for a formula without a mistake.
pub(crate) fn function(function: &ItemFn, declaration: &Declaration, mut formula: Formula) -> TokenStream {
    let Some(result) = formula.result else { return stub(function, declaration, Some(&formula)) };
    let p = crate_path();
    let [varying, constants] = [true, false].map(|varies| {
        let of = declaration.arguments.iter().filter(move |argument| argument.varies == varies);
        of.map(|argument| &argument.name).collect::<Vec<_>>()
    });
    let count = varying.len();
    let slopes = formula.graph.slopes(result, count);
    let graph = &formula.graph;

    let x: Vec<Ident> = (0..count).map(argument_name).collect();
    let (value_statements, value) = Writer::new(graph, Over::Numbers).write(&[result]);
    let answer = local("y").into_token_stream();
    let mut writer = Writer::new(graph, Over::Terms);
    writer.know(result, &answer);
    let (slope_statements, slopes) = writer.write(&slopes);

    let consts = graph.consts.iter().enumerate().map(|(number, constant)| {
        let (name, value) = (const_name(number), &constant.value);
        let of = if constant.whole { quote_spanned!(value.span()=> i32) } else { quote_spanned!(value.span()=> f64) };
        quote!(const #name: #of = #value;)
    });
    let calls = graph.calls.iter().enumerate().map(|(number, call)| of_call(number, call, graph, &declaration.generic));
    let fields = constants.iter().map(|_| quote!(f64));
    // What is in a formula that is called is not known here.
    let calls_others = !graph.calls.is_empty();
    let [leave_some, are_cheap] = ["LEAVES_SOME", "CHEAP"].map(|fact| facts(graph.functions(), fact));
    let (name, items) = (function.sig.ident.to_string(), &formula.items);
    // Each in a block of its own, so that it is used by nothing here either.
    let unused = formula.unused.iter().map(|name| quote!({ let #name = 0_u8; }));
    let generic = &declaration.generic;
    let body = quote! {
        #(#items)*
        #(#[allow(dead_code)] #consts)*
        #[allow(dead_code)]
        #[derive(Clone, Copy)]
        struct __GradtapeFormula(#(#fields),*);
        #[allow(unused_variables, clippy::all)]
        impl __GradtapeFormula {
            #[inline(always)]
            fn value<__Number: #p::FormulaNumber>(&self, [#(#x),*]: [__Number; #count]) -> __Number {
                #value_statements
                #(#value)*
            }
            #(#calls)*
        }
        #[allow(unused_variables, clippy::all)]
        impl #p::Elementwise<#count> for __GradtapeFormula {
            const NAME: &'static str = #name;
            const SLOPES_TOGETHER: bool = true;
            const LEAVES_SOME: bool = #calls_others #(|| #leave_some)*;
            const KEEPS_SLOPES: bool = #calls_others #(|| !#are_cheap)*;
            #[inline(always)]
            fn f32(&self, x: [f32; #count]) -> f32 {
                self.value(x)
            }
            #[inline(always)]
            fn f64(&self, x: [f64; #count]) -> f64 {
                self.value(x)
            }
            #[inline(always)]
            fn lane_f32<const FMA: bool>(&self, x: [#p::Lane<f32, FMA>; #count]) -> #p::Lane<f32, FMA> {
                self.value(x)
            }
            #[inline(always)]
            fn lane_f64<const FMA: bool>(&self, x: [#p::Lane<f64, FMA>; #count]) -> #p::Lane<f64, FMA> {
                self.value(x)
            }
            #[inline(always)]
            #[track_caller]
            fn slopes<__Operand: #p::Operand>(
                &self,
                [#(#x),*]: [#p::Expr<__Operand>; #count],
                #answer: #p::Expr<__Operand>,
            ) -> [#p::Expr<__Operand>; #count] {
                #slope_statements
                [#(#slopes),*]
            }
        }
        #(#unused)*
        <#generic as #p::ElementwiseArgument>::call(__GradtapeFormula(#(#constants),*), [#(#varying),*])
    };
    with_body(function, declaration, &body)
}

/// The same function after a mistake, so that its name and its type are known: the program does not build, and nothing
/// else in it is wrong for this reason. The functions that the formula calls are named, so that what is wrong with
/// them is said at once.
pub(crate) fn stub(function: &ItemFn, declaration: &Declaration, formula: Option<&Formula>) -> TokenStream {
    let calls = formula.into_iter().flat_map(|formula| {
        let of = |(number, call): (usize, &Call)| of_call(number, call, &formula.graph, &declaration.generic);
        formula.graph.calls.iter().enumerate().map(of).collect::<Vec<_>>()
    });
    let items = formula.into_iter().flat_map(|formula| &formula.items);
    let body = quote! {
        #(#[allow(unused_imports, dead_code)] #items)*
        #(#[allow(dead_code)] #calls)*
        ::core::panic!("this formula has an error")
    };
    let function = with_body(function, declaration, &body);
    quote!(#[allow(unused_variables)] #function)
}

fn with_body(function: &ItemFn, declaration: &Declaration, body: &TokenStream) -> TokenStream {
    let p = crate_path();
    let (attributes, visibility, name) = (&function.attrs, &function.vis, &function.sig.ident);
    let keyword = &function.sig.fn_token;
    let has = |name: &str| attributes.iter().any(|attribute| attribute.path().is_ident(name));
    let track = (!has("track_caller")).then(|| quote!(#[track_caller]));
    // Part of the loop of a formula that calls it.
    let inline = (!has("inline")).then(|| quote!(#[inline(always)]));
    let generic = &declaration.generic;
    let arguments = declaration.arguments.iter().map(|argument| {
        let name = &argument.name;
        if argument.varies { quote!(#name: #generic) } else { quote!(#name: f64) }
    });
    quote! {
        #(#attributes)*
        #track
        #inline
        #[allow(clippy::too_many_arguments)]
        #visibility #keyword #name<#generic: #p::ElementwiseArgument>(#(#arguments),*) -> #generic::Output {
            #body
        }
    }
}

/// A call of another formula, written once for every type that it is computed with, so that what is wrong in it is
/// said once. Its parts keep their places.
fn of_call(number: usize, call: &Call, graph: &Graph, generic: &Ident) -> TokenStream {
    let p = crate_path();
    let (name, path) = (call_name(number), &call.path);
    let varies = |position: usize| !graph.is_constant(call.arguments[position]);
    let any_varies = (0..call.arguments.len()).any(varies);
    let names: Vec<Ident> = call
        .written
        .iter()
        .enumerate()
        .map(|(position, written)| {
            Ident::new(&format!("__argument_{position}"), written.span().resolved_at(Span::call_site()))
        })
        .collect();
    let parameters = names
        .iter()
        .enumerate()
        .map(|(position, name)| if varies(position) { quote!(#name: #generic) } else { quote!(#name: f64) });
    let given = names.iter().enumerate().map(|(position, name)| {
        if varies(position) || !any_varies {
            quote!(#name)
        } else {
            quote_spanned!(name.span()=> #p::Constant::constant(#name))
        }
    });
    let mut given = Group::new(proc_macro2::Delimiter::Parenthesis, quote!(#(#given),*));
    given.set_span(call.parenthesis);
    let near = near(path);
    if !any_varies {
        return quote! {
            #[inline(always)]
            fn #name(#(#parameters),*) -> f64 {
                #near
                #path #given
            }
        };
    }
    let answer = placed(quote!(<#generic as #p::Calls<_, _>>::answer), path.span());
    quote! {
        #[inline(always)]
        #[track_caller]
        fn #name<#generic: #p::ElementwiseArgument + #p::Constant>(#(#parameters),*) -> #generic::Output {
            #near
            #answer(#path #given, || ())
        }
    }
}

/// The function of the table that was perhaps meant, for rustc to propose where there is none of the name that was
/// written. It is not called.
fn near(path: &Path) -> Option<TokenStream> {
    let word = path.get_ident()?.to_string();
    let meant = Ident::new(nearest(&word, names())?, Span::call_site());
    Some(quote! {
        #[allow(dead_code)]
        fn #meant() {}
    })
}
