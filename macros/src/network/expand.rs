//! A plan written as Rust: the struct and its traits, each of which calls functions of the library. After a mistake the
//! same types and traits are written with bodies that never run, so that nothing else in the program fails. No mistake
//! is found here.

use super::check::{Field, Plan};
use super::parse::Item;
use super::{attributes, crate_path, relocate, rng};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};

/// `pub struct Name { .. }` and its impls.
pub(crate) fn item(item: &Item, plan: &Plan, broken: bool) -> TokenStream {
    let (attributes, visibility, name) = (attributes(&item.attributes), &item.visibility, &item.name);
    let cfg = item.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    let declaration = declaration(name, plan);
    let impls = impls(name, plan, broken);
    let constants = &plan.constants;
    quote! {
        #(#attributes)*
        #visibility struct #declaration
        #(#cfg)*
        #[allow(dead_code)]
        const _: () = { #(#constants)* #impls };
    }
}

/// The struct and its impls, then a value that makes networks: to be put in a block.
pub(crate) fn expression(plan: &Plan, broken: bool) -> TokenStream {
    let (p, rng) = (crate_path(), rng());
    let name = format_ident!("Network");
    let declaration = declaration(&name, plan);
    let impls = impls(&name, plan, broken);
    let constants = &plan.constants;
    quote! {
        #(#[allow(dead_code)] #constants)*
        #[allow(dead_code)]
        struct #declaration
        #impls
        /// Makes the network.
        #[must_use = "call `.init(&mut rng)` to make the network"]
        #[derive(Clone, Copy, Debug)]
        struct NetworkBuilder;
        #[allow(dead_code)]
        impl NetworkBuilder {
            /// Fresh parameters, as `f32`.
            fn init(self, #rng: &mut (impl #p::rand::Rng + ?Sized)) -> #name<f32> {
                #name::init(#rng)
            }
            /// Fresh parameters, as numbers of another type.
            fn init_as<U: #p::Scalar>(self, #rng: &mut (impl #p::rand::Rng + ?Sized)) -> #name<U> {
                #name::init(#rng)
            }
        }
        NetworkBuilder
    }
}

/// `Name<T = f32> { fields }`
fn declaration(name: &Ident, plan: &Plan) -> TokenStream {
    let fields = plan.fields.iter().map(|field| {
        let Field { docs, name, of, text, .. } = field;
        let visibility = field.visibility.as_ref().map_or_else(|| quote!(pub), ToTokens::to_token_stream);
        let text = format!("`{text}`");
        let docs = if docs.is_empty() { quote!(#[doc = #text]) } else { quote!(#(#docs)*) };
        quote!(#docs #visibility #name: #of,)
    });
    let marker = marker(plan).map(|marker| quote!(#[doc(hidden)] pub #marker: ::core::marker::PhantomData<fn() -> T>,));
    quote!(#name<T = f32> { #(#fields)* #marker })
}

/// A field that names `T` where no layer does: rustc wants every parameter to be used.
fn marker(plan: &Plan) -> Option<Ident> {
    (!plan.fields.iter().any(|field| field.generic)).then(|| format_ident!("__numbers"))
}

fn impls(name: &Ident, plan: &Plan, broken: bool) -> TokenStream {
    let (p, rng) = (crate_path(), rng());
    let [x, f, path, visitor] = ["x", "f", "path", "visitor"].map(|word| Ident::new(word, Span::mixed_site()));
    let bodies = if broken { Bodies::unreachable() } else { Bodies::of(name, plan) };
    let Bodies { init, forward, visit, visit_mut, convert, clone, debug, display } = bodies;
    let custom: Vec<&TokenStream> = plan.fields.iter().filter(|field| field.custom).map(|field| &field.of).collect();
    let new =
        format!("A [`{name}`] with fresh parameters, as `f32`; `{name}::<f64>::init` for another type of numbers.");
    quote! {
        #[allow(unused_variables)]
        impl #name<f32> {
            #[doc = #new]
            pub fn new(#rng: &mut (impl #p::rand::Rng + ?Sized)) -> Self {
                Self::init(#rng)
            }
        }
        #[allow(unused_variables)]
        impl<T: #p::Scalar> #name<T> {
            /// Fresh parameters, drawn layer by layer.
            pub fn init(#rng: &mut (impl #p::rand::Rng + ?Sized)) -> Self {
                #init
            }
            /// The output for a batch of inputs, recorded on the tape of `x`.
            #[track_caller]
            pub fn forward<'t>(&self, #x: #p::TensorVar<'t, T>) -> #p::TensorVar<'t, T> {
                #p::nn::Layer::<T>::forward(self, #x)
            }
        }
        #[allow(unused_variables)]
        impl<T: #p::Scalar> #p::nn::Layer<T> for #name<T> {
            #[track_caller]
            fn forward<'t>(&self, #x: #p::TensorVar<'t, T>) -> #p::TensorVar<'t, T> {
                #forward
            }
        }
        #[allow(unused_variables)]
        impl<T: #p::Scalar> #p::nn::Module<T> for #name<T> {
            type In<U: #p::Scalar> = #name<U>;
            fn visit<'a>(
                &'a self,
                #path: &#p::nn::Path<'_>,
                #visitor: &mut dyn ::core::ops::FnMut(&#p::nn::Path<'_>, &'a #p::nn::Param<T>),
            ) {
                #visit
            }
            fn visit_mut<'a>(
                &'a mut self,
                #path: &#p::nn::Path<'_>,
                #visitor: &mut dyn ::core::ops::FnMut(&#p::nn::Path<'_>, &'a mut #p::nn::Param<T>),
            ) {
                #visit_mut
            }
            fn convert<U: #p::Scalar>(&self) -> #name<U> {
                #convert
            }
        }
        impl<T: #p::Scalar> ::core::clone::Clone for #name<T>
        where
            #(#custom: ::core::clone::Clone,)*
        {
            fn clone(&self) -> Self {
                #clone
            }
        }
        #[allow(unused_variables)]
        impl<T: #p::Scalar> ::core::fmt::Debug for #name<T>
        where
            #(#custom: ::core::fmt::Debug,)*
        {
            fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #debug
            }
        }
        /// One line a layer: its name, its declaration, the shape behind it and its number of parameters.
        #[allow(unused_variables)]
        impl<T: #p::Scalar> ::core::fmt::Display for #name<T>
        where
            #(#custom: #p::nn::Module<T>,)*
        {
            fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                #display
            }
        }
    }
}

/// What stands in the methods.
struct Bodies {
    init: TokenStream,
    forward: TokenStream,
    visit: TokenStream,
    visit_mut: TokenStream,
    convert: TokenStream,
    clone: TokenStream,
    debug: TokenStream,
    display: TokenStream,
}

impl Bodies {
    fn of(network: &Ident, plan: &Plan) -> Bodies {
        let p = crate_path();
        let [x, f, path, visitor] = ["x", "f", "path", "visitor"].map(|word| Ident::new(word, Span::mixed_site()));
        let fields = &plan.fields;
        let names: Vec<&Ident> = fields.iter().map(|field| &field.name).collect();
        let texts: Vec<String> =
            fields.iter().map(|field| field.name.to_string()).map(|n| n.replace("r#", "")).collect();
        let builds = fields.iter().map(|field| &field.build);
        let marker = marker(plan).map(|marker| quote!(#marker: ::core::marker::PhantomData));
        let title = network.to_string();
        let y = Ident::new("y", Span::mixed_site());
        let steps = fields.iter().map(|field| {
            let name = &field.name;
            let call = located(field, quote!(#p::nn::Layer::<T>::forward(&self.#name, #y)));
            quote!(let #y = #p::layer_end(#x, #y, #call);)
        });
        let visits = fields.iter().zip(&texts).map(|(field, text)| {
            let name = &field.name;
            located(field, quote!(#p::nn::Module::<T>::visit(&self.#name, &#path.child(#text), #visitor);))
        });
        let visits_mut = fields.iter().zip(&texts).map(|(field, text)| {
            let name = &field.name;
            located(field, quote!(#p::nn::Module::<T>::visit_mut(&mut self.#name, &#path.child(#text), #visitor);))
        });
        let conversions = fields.iter().map(|field| {
            let name = &field.name;
            located(field, quote!(#p::nn::Module::<T>::convert::<U>(&self.#name)))
        });
        let rows = fields.iter().zip(&texts).map(|(field, text)| {
            let Field { name, text: layer, output, .. } = field;
            let parameters = located(field, quote!(#p::count_params::<T, _>(&self.#name)));
            quote!(#p::Row { name: #text, layer: #layer.into(), output: #output.into(), parameters: #parameters })
        });
        Bodies {
            init: quote!(#network { #(#names: #builds,)* #marker }),
            forward: quote!(let #y = #x; #(#steps)* #y),
            visit: quote!(#(#visits)*),
            visit_mut: quote!(#(#visits_mut)*),
            convert: quote!(#network { #(#names: #conversions,)* #marker }),
            clone: quote!(#network { #(#names: ::core::clone::Clone::clone(&self.#names),)* #marker }),
            debug: quote!(#f.debug_struct(#title) #(.field(#texts, &self.#names))* .finish()),
            display: quote!(#p::summary::<T>(#f, #title, &[#(#rows),*])),
        }
    }

    /// The bodies after a mistake: the program does not build, and nothing in it is wrong for this reason.
    fn unreachable() -> Bodies {
        let body = quote!(::core::panic!("the declaration of this network has an error"));
        let [init, forward, visit, visit_mut] = [(); 4].map(|()| body.clone());
        let [convert, clone, debug] = [(); 3].map(|()| body.clone());
        Bodies { init, forward, visit, visit_mut, convert, clone, debug, display: body }
    }
}

/// A call on a layer of the user's own, shown at the layer when that is none.
fn located(field: &Field, call: TokenStream) -> TokenStream {
    if field.custom { relocate(call, field.at) } else { call }
}
