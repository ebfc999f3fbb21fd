//! What stands in the methods of a generated struct. The methods themselves stand in [`expand`](super::expand).

use super::expand::marker;
use super::generics::Generics;
use super::plan::{Block, Field, Made};
use super::row::Around;
use super::{call_on, crate_path, relocate};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

pub(super) struct Bodies {
    pub(super) init: TokenStream,
    pub(super) forward: TokenStream,
    pub(super) visit: TokenStream,
    pub(super) visit_mut: TokenStream,
    pub(super) convert: TokenStream,
    pub(super) clone: TokenStream,
    pub(super) debug: TokenStream,
    pub(super) rows: TokenStream,
}

impl Bodies {
    pub(super) fn of(block: &Block, generics: &Generics) -> Bodies {
        let (p, numbers, other) = (crate_path(), &generics.numbers, generics.other_numbers());
        let [f, path, visitor] = ["f", "path", "visitor"].map(|word| Ident::new(word, Span::mixed_site()));
        let (struct_name, fields) = (&block.name, &block.fields);
        let names: Vec<&Ident> = fields.iter().map(|field| &field.name).collect();
        let texts: Vec<String> =
            fields.iter().map(|field| field.name.to_string()).map(|n| n.replace("r#", "")).collect();
        let builds = fields.iter().map(|field| &field.made.build);
        let marker = marker(block).map(|marker| quote!(#marker: ::core::marker::PhantomData));
        let title = struct_name.to_string();
        let visits = fields.iter().zip(&texts).map(|(field, text)| {
            let (name, function) = (&field.name, quote!(#p::nn::Module::<#numbers>::visit));
            let call = call(field, function, quote!(&self.#name), quote!(&#path.child(#text), #visitor));
            quote!(#call;)
        });
        let visits_mut = fields.iter().zip(&texts).map(|(field, text)| {
            let (name, function) = (&field.name, quote!(#p::nn::Module::<#numbers>::visit_mut));
            let call = call(field, function, quote!(&mut self.#name), quote!(&#path.child(#text), #visitor));
            quote!(#call;)
        });
        let conversions = fields.iter().map(|field| {
            let (name, function) = (&field.name, quote!(#p::nn::Module::<#numbers>::convert::<#other>));
            call(field, function, quote!(&self.#name), TokenStream::new())
        });
        let rows = fields.iter().zip(&texts).map(|(field, text)| {
            let Field { name, row, output, made, .. } = field;
            if made.is_block {
                return quote!(#p::block_rows(#text, #row, #output, &self.#name));
            }
            let row = quote!(#p::layer_row::<#numbers, _>(#text, #row, #output, &self.#name));
            if is_custom(field) { relocate(row, field.at) } else { row }
        });
        Bodies {
            init: quote!(#struct_name { #(#names: #builds,)* #marker }),
            forward: forward(block, numbers),
            visit: quote!(#(#visits)*),
            visit_mut: quote!(#(#visits_mut)*),
            convert: quote!(#struct_name { #(#names: #conversions,)* #marker }),
            clone: quote!(#struct_name { #(#names: ::core::clone::Clone::clone(&self.#names),)* #marker }),
            debug: quote!(#f.debug_struct(#title) #(.field(#texts, &self.#names))* .finish()),
            rows: quote!([#(#rows),*].concat()),
        }
    }

    /// The bodies after a mistake: the program does not build, and nothing in it is wrong for this reason. The layers
    /// that could be read are made all the same, so that every mistake in their arguments is found, and an editor knows
    /// their words.
    pub(super) fn unreachable(block: &Block) -> Bodies {
        let whole = block.fields.iter().filter(|field| !field.made.build.is_empty());
        let layers = whole.map(|field| {
            let Made { of, build, .. } = &field.made;
            quote!(let _: #of = #build;)
        });
        let body = quote!(::core::panic!("the declaration of this network has an error"));
        let [forward, visit, visit_mut, convert] = [(); 4].map(|()| body.clone());
        let [clone, debug, rows] = [(); 3].map(|()| body.clone());
        Bodies { init: quote!(#(#layers)* #body), forward, visit, visit_mut, convert, clone, debug, rows }
    }
}

/// The layers one after the other, or beside each other.
fn forward(block: &Block, numbers: &Ident) -> TokenStream {
    let p = crate_path();
    let [x, y, start] = ["x", "y", "start"].map(|word| Ident::new(word, Span::mixed_site()));
    let call = |field: &Field, input: &Ident| {
        let name = &field.name;
        call(field, quote!(#p::nn::Layer::<#numbers>::forward), quote!(&self.#name), quote!(#input))
    };
    let Some(joined) = block.joined else {
        let steps = block.fields.iter().map(|field| {
            let call = call(field, &y);
            quote!(let #y = #p::layer_end(#start, #y, #call);)
        });
        return quote!(let (#start, #y) = (#p::layer_start(#x), #x); #(#steps)* #y);
    };
    let branches = block.fields.iter().map(|field| call(field, &x));
    match joined {
        Around::Concat => quote!(#p::concat(&[#(#branches),*])),
        _ => quote!(#p::sum(&[#(#branches),*])),
    }
}

/// `function(receiver, arguments)`: on a layer of the user's own, shown at the layer when that is none.
fn call(field: &Field, function: TokenStream, receiver: TokenStream, arguments: TokenStream) -> TokenStream {
    if is_custom(field) {
        return call_on(field.at, function, receiver, arguments);
    }
    quote!(#function(#receiver, #arguments))
}

fn is_custom(field: &Field) -> bool {
    !field.made.customs.is_empty() && !field.made.is_block
}
