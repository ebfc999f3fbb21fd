//! A plan written as Rust: the structs and their traits, each of which calls functions of the library. After a mistake
//! the same types and traits are written with bodies that never run, so that nothing else in the program fails. No
//! mistake is found here.

use super::bodies::Bodies;
use super::generics::Generics;
use super::parse::Item;
use super::plan::{Block, Field, Plan};
use super::{attributes, crate_path, import, outside, placed, rng, user_ends};
use crate::tokens::mentions;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::Visibility;

/// What all structs of a plan have in common.
struct Writer<'p> {
    visibility: &'p Visibility,
    generics: &'p Generics,
    /// The network itself.
    network: &'p Ident,
    /// Where rustc shows it: the first and the last token.
    at: [Span; 2],
    plan: &'p Plan,
    broken: bool,
}

/// `pub struct Name { .. }`, the structs of the layers inside it, and their impls.
pub(crate) fn item(item: &Item, plan: &Plan, broken: bool) -> TokenStream {
    let Item { visibility, name, generics, .. } = item;
    let (attributes, cfg) = (attributes(&item.attributes), conditions(item));
    let writer = Writer { visibility, generics, network: name, at: [name.span(); 2], plan, broken };
    let declarations = plan.blocks.iter().map(|block| {
        let declaration = outside(writer.declaration(block));
        if block.name == *name { quote!(#(#attributes)* #declaration) } else { quote!(#(#cfg)* #declaration) }
    });
    let impls = plan.blocks.iter().map(|block| writer.impls(block));
    let (import, constants) = (import(), &plan.constants);
    quote! {
        #(#declarations)*
        #(#cfg)*
        #[allow(dead_code)]
        const _: () = { #import #(#constants)* #(#impls)* };
    }
}

/// The structs and their impls, then a value that makes networks: to be put in a block.
pub(crate) fn expression(name: &Ident, generics: &Generics, plan: &Plan, broken: bool) -> TokenStream {
    let (p, rng, x) = (crate_path(), rng(), Ident::new("x", Span::mixed_site()));
    let at = user_ends();
    let writer = Writer { visibility: &Visibility::Inherited, generics, network: name, at, plan, broken };
    let declarations = plan.blocks.iter().map(|block| writer.declaration(block));
    let impls = plan.blocks.iter().map(|block| writer.impls(block));
    let (import, constants) = (import(), &plan.constants);
    let consts = generics.of_impl_without_numbers();
    let (single, other) = (generics.arguments(quote!(f32)), generics.other_numbers());
    let (others, arguments) = (generics.arguments(&other), generics.consts_only());
    // `NetworkBuilder::<N>` names what stands around: the parameter itself, or a constant.
    let init = init_of(name, at);
    let turbofish = (!arguments.is_empty()).then(|| quote!(::#arguments));
    let (keyword, builder) = (placed(quote!(struct), at[0]), placed(quote!(NetworkBuilder #consts;), at[1]));
    let (head, output) = (placed(quote!(fn forward<X>), at[0]), placed(quote!(-> X), at[1]));
    let bound = (placed(quote!(#p::nn::), at[0]), placed(quote!(Initialised<X>), at[1]));
    let bound = [bound.0, bound.1].into_iter().collect::<TokenStream>();
    quote! {
        #import
        #(#[allow(dead_code)] #constants)*
        #(#[allow(dead_code)] #declarations)*
        #(#impls)*
        /// Makes the network.
        #[must_use = "call `.init(&mut rng)` to make the network"]
        #[derive(Clone, Copy, Debug)]
        #keyword #builder
        #[allow(dead_code, unused_qualifications)]
        impl #consts NetworkBuilder #arguments {
            /// Fresh parameters, as `f32`.
            fn init(self, #rng: &mut (impl #p::rand::Rng + ?::core::marker::Sized)) -> #name #single {
                #init
            }
            /// Fresh parameters, as numbers of another type.
            fn init_as<#other: #p::Scalar>(
                self,
                #rng: &mut (impl #p::rand::Rng + ?::core::marker::Sized),
            ) -> #name #others {
                #init
            }
            /// Never to be called: it says what is missing.
            #head(self, #x: X) #output
            where
                Self: #bound,
            {
                #x
            }
        }
        NetworkBuilder #turbofish
    }
}

/// The `cfg` of an item, which holds for everything that is written for it.
fn conditions(item: &Item) -> Vec<TokenStream> {
    let conditions = item.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"));
    conditions.map(ToTokens::to_token_stream).collect()
}

/// A field that names the type of the numbers where no layer does: rustc wants every parameter to be used.
pub(super) fn marker(block: &Block) -> Option<Ident> {
    (!block.fields.iter().any(|field| field.made.generic)).then(|| format_ident!("__numbers"))
}

/// `Name::init(rng)`: where rustc says for which value of a const parameter the sizes do not fit.
fn init_of(name: &Ident, at: [Span; 2]) -> TokenStream {
    let mut rng = Group::new(Delimiter::Parenthesis, rng().into_token_stream());
    rng.set_span(at[1]);
    let function = placed(quote!(#name::init), at[0]);
    quote!(#function #rng)
}

impl Writer<'_> {
    /// `pub struct Name<T = f32> { fields }`
    fn declaration(&self, block: &Block) -> TokenStream {
        let Writer { visibility, generics, network, .. } = self;
        let fields = block.fields.iter().map(|field| {
            let Field { docs, name, made, text, .. } = field;
            let visibility = field.visibility.as_ref().map_or_else(|| quote!(pub), ToTokens::to_token_stream);
            let (of, text) = (&made.of, format!("`{text}`"));
            let docs = if docs.is_empty() { quote!(#[doc = #text]) } else { quote!(#(#docs)*) };
            quote!(#docs #visibility #name: #of,)
        });
        let numbers = &generics.numbers;
        let marker = marker(block)
            .map(|marker| quote!(#[doc(hidden)] pub #marker: ::core::marker::PhantomData<fn() -> #numbers>,));
        let (name, parameters) = (&block.name, generics.declared());
        let docs = (block.name != **network).then(|| {
            let text = format!("The layers of `{}` in [`{network}`].", block.text);
            quote!(#[doc = #text])
        });
        quote!(#docs #visibility struct #name #parameters { #(#fields)* #marker })
    }

    fn impls(&self, block: &Block) -> TokenStream {
        let Writer { generics, network, plan, broken, .. } = self;
        let (p, rng, numbers) = (crate_path(), rng(), &generics.numbers);
        let [x, f, path, visitor] = ["x", "f", "path", "visitor"].map(|word| Ident::new(word, Span::mixed_site()));
        let bodies = if *broken { Bodies::unreachable(block) } else { Bodies::of(block, generics) };
        let Bodies { init, forward, visit, visit_mut, convert, clone, debug, rows } = bodies;
        let customs: Vec<&TokenStream> = block.fields.iter().flat_map(|field| &field.made.customs).collect();
        let (name, title) = (&block.name, block.name.to_string());
        let (parameters, arguments) = (generics.of_impl(), generics.arguments(numbers));
        let other = generics.other_numbers();
        let others = generics.arguments(&other);
        let is_network = block.name == **network;
        // With a name, because rustc says it where a layer takes another generator.
        let taken = customs.iter().any(|of| mentions(of, "Generator"));
        let generator = if taken { "RandomGenerator" } else { "Generator" };
        let generator = Ident::new(generator, Span::mixed_site());
        // The struct of a block is no type that somebody looks for.
        let hidden = (!is_network).then(|| quote!(#[diagnostic::do_not_recommend]));
        let checks = plan.checks.iter().filter(|_| is_network && !broken);
        let new = is_network.then(|| {
            let docs = format!(
                "A [`{name}`] with fresh parameters, as `f32`; \
                 [`init`](Self::init) makes one of another type of numbers."
            );
            let (parameters, arguments) = (generics.of_impl_without_numbers(), generics.arguments(quote!(f32)));
            let init = init_of(&Ident::new("Self", Span::call_site()), self.at);
            quote! {
                #[allow(unused_variables)]
                impl #parameters #name #arguments {
                    #[doc = #docs]
                    pub fn new<#generator: #p::rand::Rng + ?::core::marker::Sized>(#rng: &mut #generator) -> Self {
                        #init
                    }
                }
            }
        });
        quote! {
            #new
            #[allow(unused_variables, unused_qualifications)]
            impl #parameters #name #arguments {
                /// Fresh parameters, drawn layer by layer.
                pub fn init<#generator: #p::rand::Rng + ?::core::marker::Sized>(#rng: &mut #generator) -> Self {
                    #(#checks;)*
                    #init
                }
                /// The output for a batch of inputs, recorded on the tape of `x`.
                #[track_caller]
                pub fn forward<'t>(&self, #x: #p::TensorVar<'t, #numbers>) -> #p::TensorVar<'t, #numbers> {
                    #p::nn::Layer::<#numbers>::forward(self, #x)
                }
            }
            #hidden
            #[allow(unused_variables, unused_qualifications)]
            impl #parameters #p::nn::Layer<#numbers> for #name #arguments {
                #[track_caller]
                fn forward<'t>(&self, #x: #p::TensorVar<'t, #numbers>) -> #p::TensorVar<'t, #numbers> {
                    #forward
                }
            }
            #hidden
            #[allow(unused_variables, unused_qualifications)]
            impl #parameters #p::nn::Module<#numbers> for #name #arguments {
                type In<#other: #p::Scalar> = #name #others;
                fn visit<'a>(
                    &'a self,
                    #path: &#p::nn::Path<'_>,
                    #visitor: &mut dyn ::core::ops::FnMut(&#p::nn::Path<'_>, &'a #p::nn::Param<#numbers>),
                ) {
                    #visit
                }
                fn visit_mut<'a>(
                    &'a mut self,
                    #path: &#p::nn::Path<'_>,
                    #visitor: &mut dyn ::core::ops::FnMut(&#p::nn::Path<'_>, &'a mut #p::nn::Param<#numbers>),
                ) {
                    #visit_mut
                }
                fn convert<#other: #p::Scalar>(&self) -> #name #others {
                    #convert
                }
            }
            impl #parameters ::core::clone::Clone for #name #arguments
            where
                #(#customs: ::core::clone::Clone,)*
            {
                fn clone(&self) -> Self {
                    #clone
                }
            }
            #[allow(unused_variables)]
            impl #parameters ::core::fmt::Debug for #name #arguments
            where
                #(#customs: ::core::fmt::Debug,)*
            {
                fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #debug
                }
            }
            impl #parameters #p::Rows for #name #arguments
            where
                #(#customs: #p::nn::Module<#numbers>,)*
            {
                fn rows(&self) -> ::std::vec::Vec<#p::Row> {
                    #rows
                }
            }
            /// One line a layer: its name, its declaration, the shape behind it and its number of parameters.
            impl #parameters ::core::fmt::Display for #name #arguments
            where
                #(#customs: #p::nn::Module<#numbers>,)*
            {
                fn fmt(&self, #f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                    #p::summary::<#numbers>(#f, #title, &#p::Rows::rows(self))
                }
            }
        }
    }
}
