//! The forward pass of a `layer!` and its shape rule, written as Rust.

use super::expand::{Writer, never};
use super::parse::{Argument, Forward, Kind};
use super::rule::Rule;
use crate::tokens::{crate_path, mentions, placed, user_site};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};

impl Writer<'_> {
    pub(super) fn shape_rule(&self, rule: &Rule) -> TokenStream {
        let (p, name, constant) = (crate_path(), &self.item.name, &rule.constant);
        quote! {
            impl<T> #name<T> {
                #[doc(hidden)]
                pub const SHAPE_RULE: #p::shape_rule::Rule = #constant;
            }
        }
    }

    /// The function `forward` and, where it has the form, the trait `Layer`.
    pub(super) fn forward(&self, rule: Option<&Rule>) -> TokenStream {
        let (p, name) = (crate_path(), &self.item.name);
        let Some(forward) = &self.item.forward else { return self.layer(quote!(x)) };
        let Forward { keyword, inputs, output, body, .. } = forward;
        let Some(first) = inputs.first().map(|input| &input.name) else { return self.layer(quote!(x)) };
        // rustc shows the result of a body that gives none at the type of the function.
        let place = keyword.span().resolved_at(user_site());
        let tensor = placed(quote!(#p::TensorVar<'t, T>), place);
        let output = output.as_ref().map_or_else(|| tensor.clone(), ToTokens::to_token_stream);
        let parameters = |mutable: bool| {
            let parameters = inputs.iter().enumerate().map(|(i, input)| {
                let (mutability, name) = (input.mutability.filter(|_| mutable), &input.name);
                let of = input.of.as_ref().filter(|_| i > 0).map_or_else(|| tensor.clone(), ToTokens::to_token_stream);
                quote!(#mutability #name: #of)
            });
            parameters.collect::<Vec<_>>()
        };
        let [outer, inner] = [false, true].map(parameters);
        let receiver = quote_spanned!(place=> &self);
        let [function, number] = [Ident::new("forward", place), Ident::new("T", self.at_name())];
        let names = inputs.iter().map(|input| &input.name);
        let bindings = self.bindings(first, body.stream());
        let check = rule.map(|rule| self.check(rule, first));
        let (call, statements) = if self.broken {
            (never(), never())
        } else {
            let own = body.stream();
            let call = quote_spanned!(place=> self.__forward(#(#names),*));
            let call = match rule {
                Some(rule) => {
                    let (input, output) =
                        (Ident::new("input", Span::mixed_site()), Ident::new("output", Span::mixed_site()));
                    let given = self.check_output(rule, first, &input, &output);
                    quote!(#check let #input = #first; let #output = #call; #given #output)
                }
                None => call,
            };
            (call, quote!(#(#bindings)* #own))
        };
        let mut braces = Group::new(Delimiter::Brace, statements);
        braces.set_span(body.span());
        let body_function = Ident::new("__forward", place);
        let allowed = self.broken.then(|| quote!(#[allow(unused_variables, unused_mut)]));
        // The body has a function of its own, which is not `track_caller`: what goes wrong in it, and each node that it
        // records, is reported at its line in the body, and a shape that breaks the rule at the line of the caller.
        let inherent = quote! {
            #allowed
            #[allow(unused_qualifications)]
            impl<#number: #p::Scalar> #name<T> {
                /// The forward pass, recorded on the tape of the input.
                #[track_caller]
                #[allow(clippy::too_many_arguments, clippy::type_complexity)]
                pub fn #function<'t>(#receiver, #(#outer),*) -> #output {
                    #call
                }
                #[allow(clippy::too_many_arguments, clippy::type_complexity)]
                fn #body_function<'t>(#receiver, #(#inner),*) -> #output #braces
            }
        };
        let layer = forward.is_layer().then(|| {
            let x = Ident::new("x", Span::mixed_site());
            self.layer(quote!(#x))
        });
        quote!(#inherent #layer)
    }

    /// `impl Layer`, by the inherent function.
    fn layer(&self, x: TokenStream) -> TokenStream {
        let (p, name) = (crate_path(), &self.item.name);
        let readable = self.item.forward.as_ref().is_some_and(|forward| forward.is_layer());
        let body = if readable && !self.broken { quote!(#name::<T>::forward(self, #x)) } else { never() };
        quote! {
            #[allow(unused_variables)]
            impl<T: #p::Scalar> #p::nn::Layer<T> for #name<T> {
                #[track_caller]
                fn forward<'t>(&self, #x: #p::TensorVar<'t, T>) -> #p::TensorVar<'t, T> {
                    #body
                }
            }
        }
    }

    /// What the body names, by its name.
    fn bindings(&self, x: &Ident, body: TokenStream) -> Vec<TokenStream> {
        let (p, place) = (crate_path(), x.span().resolved_at(user_site()));
        let arguments = self.arguments().filter(|argument| mentions(&body, &argument.name.to_string()));
        let fields = self.fields().filter(|field| mentions(&body, &field.name.to_string()));
        let arguments = arguments.map(|argument| {
            let Argument { name, of, .. } = argument;
            quote_spanned!(place=> let #name: #of = ::core::clone::Clone::clone(&self.#name);)
        });
        let fields = fields.map(|field| {
            let name = &field.name;
            match &field.kind {
                Kind::Tensor { .. } => quote_spanned!(place=> let #name = #p::TensorVar::tape(#x).param(&self.#name);),
                Kind::Layer(_) => quote_spanned!(place=> let #name = &self.#name;),
            }
        });
        let bindings = arguments.chain(fields);
        // A body may name one in a place of its own, such as a field of another struct.
        bindings.map(|binding| quote!(#[allow(unused_variables)] #binding)).collect()
    }

    /// The last axes of the output against those of the shape rule.
    fn check_output(&self, rule: &Rule, x: &Ident, input: &Ident, output: &Ident) -> TokenStream {
        let (p, title, place) = (crate_path(), self.item.name.to_string(), x.span().resolved_at(user_site()));
        let Rule { given, bound, .. } = rule;
        let sizes: TokenStream = quote!(#(#given),*);
        let arguments = self.arguments().filter(|argument| mentions(&sizes, &argument.name.to_string()));
        let arguments = arguments.map(|argument| {
            let Argument { name, of, .. } = argument;
            quote_spanned!(place=> let #name: #of = ::core::clone::Clone::clone(&self.#name);)
        });
        let axes = bound.iter().filter(|(name, _)| mentions(&sizes, &name.to_string())).map(|(name, place)| {
            quote! {
                let #name: usize = {
                    let shape = #input.shape();
                    shape[shape.len() - 1 - #place]
                };
            }
        });
        quote! {
            {
                #(#arguments)*
                #(#axes)*
                #p::gives(#title, #output.shape(), &[#sizes]);
            }
        }
    }

    /// The last axes of the input against those of the shape rule.
    fn check(&self, rule: &Rule, x: &Ident) -> TokenStream {
        let (p, title, place) = (crate_path(), self.item.name.to_string(), x.span().resolved_at(user_site()));
        let expected = &rule.expected;
        let sizes: TokenStream = quote!(#(#expected),*);
        let arguments = self.arguments().filter(|argument| mentions(&sizes, &argument.name.to_string()));
        let arguments = arguments.map(|argument| {
            let Argument { name, of, .. } = argument;
            quote_spanned!(place=> let #name: #of = ::core::clone::Clone::clone(&self.#name);)
        });
        quote! {
            {
                #(#arguments)*
                #p::expects(#title, #x.shape(), &[#sizes]);
            }
        }
    }
}
