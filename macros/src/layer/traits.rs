//! The traits of a `layer!` but for `Layer`, written as Rust.

use super::expand::{Writer, never, type_of};
use super::parse::{Field, Kind};
use crate::module::expand::{self as module, Role, Target};
use crate::tokens::{crate_path, mentions, relocate};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::spanned::Spanned;

impl Writer<'_> {
    pub(super) fn module(&self) -> TokenStream {
        let (p, name) = (crate_path(), &self.item.name);
        let target = Target {
            generics: quote!(<T: #p::Scalar>),
            of: quote!(#name<T>),
            converted: quote!(#name<U>),
            bounds: TokenStream::new(),
            number: format_ident!("T"),
            other: format_ident!("U"),
        };
        let arguments = self.arguments().filter_map(|argument| {
            let (member, of) = (argument.name.to_token_stream(), argument.field_type()?);
            let (at, of) = (of.span(), of.to_token_stream());
            Some(module::Field { member, name: String::new(), of, at, role: Role::Kept })
        });
        let fields = self.fields().map(|field| {
            let of = type_of(&field.kind);
            let (member, name) = (field.name.to_token_stream(), field.name.to_string().replace("r#", ""));
            module::Field { member, name, of, at: place(field), role: Role::Module }
        });
        let marker = self.marker().map(|marker| module::Field {
            member: marker.to_token_stream(),
            name: String::new(),
            of: quote!(::core::marker::PhantomData<fn() -> T>),
            at: Span::mixed_site(),
            role: Role::Marker,
        });
        let fields: Vec<_> = arguments.chain(fields).chain(marker).collect();
        module::implementation(&target, name, &fields, self.broken)
    }

    /// `Clone`, `Debug` and `Display`.
    pub(super) fn traits(&self) -> TokenStream {
        let (p, name) = (crate_path(), &self.item.name);
        let f = Ident::new("f", Span::mixed_site());
        // A bound on a type without parameters would be wrong or empty: such a field says itself that it is not
        // `Clone`.
        let generic: Vec<&syn::Type> = self
            .fields()
            .filter_map(|field| if let Kind::Layer(of) = &field.kind { Some(of) } else { None })
            .filter(|of| mentions(of, "T"))
            .collect();
        let arguments = self.arguments().filter_map(|argument| {
            let of = argument.field_type()?;
            Some((&argument.name, of.to_token_stream(), of.span()))
        });
        let fields = self.fields().map(|field| (&field.name, type_of(&field.kind), place(field)));
        let all: Vec<(&Ident, TokenStream, Span)> = arguments.chain(fields).collect();
        let clones = all.iter().map(|(member, of, at)| {
            // The type as it was written: what rustc says of it it says once.
            let [open, clone] = [quote!(<), quote!(as ::core::clone::Clone>::clone(&self.#member))];
            let [open, clone] = [open, clone].map(|tokens| relocate(tokens, *at));
            quote!(#member: #open #of #clone)
        });
        let shows = all.iter().map(|(member, _, at)| {
            let text = member.to_string().replace("r#", "");
            let value = Ident::new("value", *at);
            quote!(.field(#text, { let #value = &self.#member; #value }))
        });
        let marker = self.marker().map(|marker| quote!(#marker: ::core::marker::PhantomData));
        let title = name.to_string();
        let words = self.arguments().filter(|argument| argument.field_type().is_some()).map(|argument| {
            let name = &argument.name;
            let text = if argument.default.is_some() { name.to_string() } else { String::new() };
            quote!((#text, &self.#name))
        });
        let [clone, debug, display] = if self.broken {
            [never(), never(), never()]
        } else {
            [
                quote!(#name { #(#clones,)* #marker }),
                quote!(#f.debug_struct(#title) #(#shows)* .finish()),
                quote!(#p::show_call(#f, #title, &[#(#words),*])),
            ]
        };
        quote! {
            #[allow(clippy::expl_impl_clone_on_copy)]
            impl<T: ::core::clone::Clone> ::core::clone::Clone for #name<T>
            where
                #(#generic: ::core::clone::Clone,)*
            {
                fn clone(&self) -> Self {
                    #clone
                }
            }
            #[allow(unused_variables)]
            impl<T: ::core::fmt::Debug> ::core::fmt::Debug for #name<T>
            where
                #(#generic: ::core::fmt::Debug,)*
            {
                fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #debug
                }
            }
            /// The name with the arguments, as in `network!`.
            #[allow(unused_variables)]
            impl<T: #p::Scalar> ::core::fmt::Display for #name<T> {
                fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #display
                }
            }
        }
    }
}

/// Where rustc says that a field is not what it has to be.
fn place(field: &Field) -> Span {
    match &field.kind {
        Kind::Tensor { .. } => field.name.span(),
        Kind::Layer(of) => of.span(),
    }
}
