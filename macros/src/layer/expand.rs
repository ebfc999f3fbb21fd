//! A declaration written as Rust: the struct and its constructors. The forward pass and the traits have files of their
//! own. After a mistake the same types and functions are written with bodies that never run, so that nothing else in
//! the program fails. No mistake is found here.

use super::check::bare_function;
use super::parse::{Argument, Field, Item, Kind};
use super::rule::Rule;
use crate::network::INITIALIZERS;
use crate::text::tidy;
use crate::tokens::{attributes, crate_path, import, mentions, outside, placed, relocate, user_site};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Attribute, Expr};

/// `pub struct Name { .. }` and its impls.
pub(crate) fn item(item: &Item, rule: Option<Rule>, broken: bool) -> TokenStream {
    let (attributes, visibility, name) = (attributes(&item.attributes), &item.visibility, &item.name);
    let writer = Writer { item, broken };
    let fields = writer.declarations();
    let (options, constructors) = (writer.options(), writer.constructors());
    let (options, setters) = options.unzip();
    let (forward, module, traits) = (writer.forward(rule.as_ref()), writer.module(), writer.traits());
    let rule = rule.map(|rule| writer.shape_rule(&rule));
    let (initialisers, cfg) = (writer.initialisers(), writer.cfg());
    let structure = outside(writer.structure(name, quote!(#(#fields)*)));
    let (import, initialisers) = (import(), initialisers.map(outside));
    quote! {
        #initialisers
        #(#attributes)*
        #visibility #structure
        #options
        #(#cfg)*
        #[allow(dead_code)]
        const _: () = { #import #constructors #setters #forward #rule #module #traits };
    }
}

/// A declaration that is written.
pub(super) struct Writer<'a> {
    pub(super) item: &'a Item,
    pub(super) broken: bool,
}

impl Writer<'_> {
    /// The place of the declaration, for what rustc shows there.
    pub(super) fn at_name(&self) -> Span {
        self.item.name.span().resolved_at(user_site())
    }

    /// `struct Name<T = f32> { fields }`, shown at the name.
    fn structure(&self, name: &Ident, fields: TokenStream) -> TokenStream {
        quote_spanned!(self.item.name.span()=> struct #name<T = f32> { #fields })
    }

    fn cfg(&self) -> impl Iterator<Item = &Attribute> {
        self.item.attributes.iter().filter(|attribute| attribute.path().is_ident("cfg"))
    }

    /// The fields that are arguments, and the others. After a mistake, one of each name.
    pub(super) fn arguments(&self) -> impl Iterator<Item = &Argument> {
        let arguments = &self.item.arguments;
        let is_new = move |i: usize| !arguments[..i].iter().any(|other| other.name == arguments[i].name);
        arguments.iter().enumerate().filter(move |(i, _)| is_new(*i)).map(|(_, argument)| argument)
    }

    pub(super) fn fields(&self) -> impl Iterator<Item = &Field> {
        let (arguments, fields) = (&self.item.arguments, &self.item.fields);
        let is_new = move |i: usize| {
            let name = &fields[i].name;
            !fields[..i].iter().any(|other| other.name == *name) && !arguments.iter().any(|other| other.name == *name)
        };
        fields.iter().enumerate().filter(move |(i, _)| is_new(*i)).map(|(_, field)| field)
    }

    fn required(&self) -> impl Iterator<Item = &Argument> {
        self.item.arguments.iter().filter(|argument| argument.default.is_none())
    }

    fn optional(&self) -> impl Iterator<Item = (&Argument, &Expr)> {
        self.arguments().filter_map(|argument| argument.default.as_ref().map(|default| (argument, default)))
    }

    fn has_options(&self) -> bool {
        self.optional().next().is_some()
    }

    fn options_name(&self) -> Ident {
        format_ident!("{}Options", self.item.name)
    }

    /// `init` for `init::zeros`, found where nothing else in the module is called so: a name that is imported or
    /// declared wins over one of a glob.
    fn initialisers(&self) -> Option<TokenStream> {
        let p = crate_path();
        let inits = self.fields().filter_map(|field| field.init.as_ref());
        let is_used = inits.into_iter().any(|init| mentions(init, "init"));
        let cfg = self.cfg();
        is_used.then(|| {
            quote! {
                #(#cfg)*
                #[allow(unused_imports, clippy::wildcard_imports)]
                use #p::initialisers::*;
            }
        })
    }

    fn declarations(&self) -> Vec<TokenStream> {
        let arguments = self.arguments().filter_map(|argument| {
            let Argument { attributes, name, .. } = argument;
            let docs = docs(attributes, format!("The argument `{name}`."));
            argument.field_type().map(|of| quote!(#docs pub #name: #of,))
        });
        let fields = self.fields().map(|field| {
            let Field { attributes, visibility, name, kind, .. } = field;
            let visibility = visibility.as_ref().map_or_else(|| quote!(pub), ToTokens::to_token_stream);
            let (of, text) = (type_of(kind), describe(kind));
            let docs = docs(attributes, text);
            quote!(#docs #visibility #name: #of,)
        });
        let marker =
            self.marker().map(|marker| quote!(#[doc(hidden)] pub #marker: ::core::marker::PhantomData<fn() -> T>,));
        arguments.chain(fields).chain(marker).collect()
    }

    /// A field that names `T` where nothing else does: rustc wants every parameter to be used.
    pub(super) fn marker(&self) -> Option<Ident> {
        let generic = self.fields().any(|field| match &field.kind {
            Kind::Tensor { .. } => true,
            Kind::Layer(of) => mentions(of, "T"),
        });
        (!generic).then(|| format_ident!("__numbers"))
    }

    /// `Name { .. }`, with the arguments in scope.
    fn build(&self) -> TokenStream {
        let p = crate_path();
        let name = &self.item.name;
        if self.broken {
            return never();
        }
        let rng = Ident::new("rng", self.at_name());
        let fields = self.fields().map(|field| {
            let (member, init) = (&field.name, field.init.as_ref().map(initialiser));
            match &field.kind {
                Kind::Tensor { buffer, sizes } => {
                    let make = if *buffer { quote!(buffer) } else { quote!(new) };
                    let title = format!("{name}.{member}");
                    let sizes = quote!(&[#(#sizes),*]);
                    let function = relocate(quote!(#p::initial::<T, _>), member.span());
                    // A reference, so that rustc says what is no such function at the user's words.
                    let reference = quote_spanned!(init.span()=> &mut);
                    quote!(#member: #p::nn::Param::#make(#function(#title, #sizes, #rng, #reference #init)))
                }
                Kind::Layer(_) => {
                    let value = &field.init;
                    quote!(#member: #value)
                }
            }
        });
        let arguments = self.arguments().map(|argument| &argument.name);
        let marker = self.marker().map(|marker| quote!(#marker: ::core::marker::PhantomData));
        quote! {
            // A generator with a size, which more functions take.
            #[allow(unused_variables)]
            let #rng = &mut &mut *#rng;
            #name { #(#fields,)* #(#arguments,)* #marker }
        }
    }

    /// `features: usize, rng: &mut ..`
    fn parameters(&self) -> TokenStream {
        let (rng, generator) = (Ident::new("rng", self.at_name()), self.generator());
        let required = self.required().enumerate().map(|(i, argument)| {
            // After a mistake, two may have the same name.
            let name = if self.broken { format_ident!("argument{i}") } else { argument.name.clone() };
            // One whose type could not be read takes everything.
            let of = argument.of.as_ref().map_or_else(|| quote!(impl ::core::marker::Sized), ToTokens::to_token_stream);
            quote!(#name: #of)
        });
        quote!(#(#required,)* #rng: &mut #generator)
    }

    /// The type of the generator, as a parameter with a name: rustc says it where an initializer is of another type.
    fn generator(&self) -> Ident {
        let types = self.item.arguments.iter().filter_map(|argument| argument.of.as_ref());
        let defaults = self.item.arguments.iter().filter_map(|argument| argument.default.as_ref());
        let fields = self.item.fields.iter().filter_map(|field| field.init.as_ref());
        let written = quote!(#(#types)* #(#defaults)* #(#fields)*);
        let name = if mentions(written, "Generator") { "RandomGenerator" } else { "Generator" };
        Ident::new(name, self.at_name())
    }

    /// Its bounds.
    fn random(&self) -> TokenStream {
        let (p, generator) = (crate_path(), self.generator());
        quote!(<#generator: #p::rand::Rng + ?::core::marker::Sized>)
    }

    fn constructors(&self) -> TokenStream {
        let (p, name) = (crate_path(), &self.item.name);
        let (parameters, random, new) = (self.parameters(), self.random(), Ident::new("new", self.at_name()));
        let (docs, body, options) = if self.has_options() {
            let (required, options) = (self.required().map(|argument| &argument.name), self.options_name());
            let rng = Ident::new("rng", self.at_name());
            let names: Vec<String> = self.optional().map(|(argument, _)| format!("`{}`", argument.name)).collect();
            let fields = self.optional().map(|(argument, _)| &argument.name);
            let text = format!("Sets {} before the layer is made by `init`.", names.join(" and "));
            let function = Ident::new("options", self.at_name());
            let options = quote! {
                #[doc = #text]
                pub fn #function() -> #options<T> {
                    #options { #(#fields: ::core::option::Option::None,)* __numbers: ::core::marker::PhantomData }
                }
            };
            let text = format!("A layer with fresh parameters, and with the defaults of {}.", names.join(" and "));
            (text, quote!(Self::options().init(#(#required,)* #rng)), Some(options))
        } else {
            ("A layer with fresh parameters.".to_string(), self.build(), None)
        };
        quote! {
            #[allow(unused_variables)]
            impl<T: #p::Scalar> #name<T> {
                #[doc = #docs]
                #[track_caller]
                #[allow(clippy::too_many_arguments)]
                pub fn #new #random(#parameters) -> Self {
                    #body
                }
                #options
            }
        }
    }

    /// The type that holds the arguments with a default until the layer is made, and its functions.
    fn options(&self) -> Option<(TokenStream, TokenStream)> {
        if !self.has_options() {
            return None;
        }
        let p = crate_path();
        let (name, visibility, options, parameters) =
            (&self.item.name, &self.item.visibility, self.options_name(), self.parameters());
        let title = format!("The arguments of a [`{name}`] that have a default.");
        let (names, types): (Vec<_>, Vec<_>) = self
            .optional()
            .map(|(argument, _)| {
                let of = argument.field_type().map_or_else(|| quote!(()), ToTokens::to_token_stream);
                (&argument.name, of)
            })
            .unzip();
        let setters = self.optional().zip(&types).map(|((argument, default), of)| {
            let name = &argument.name;
            let docs =
                docs(&argument.attributes, format!("Sets `{name}`; `{}` unless set.", tidy(default.to_token_stream())));
            let of = if argument.field_type().is_some() { of.clone() } else { quote!(impl ::core::marker::Sized) };
            let body =
                if self.broken { never() } else { quote!(self.#name = ::core::option::Option::Some(#name); self) };
            quote! {
                #docs
                #[must_use]
                pub fn #name(mut self, #name: #of) -> Self {
                    #body
                }
            }
        });
        // Each is a sentence of the compiler alone.
        let by_place = self.arguments().filter(|argument| argument.default.is_none() && argument.name != "init");
        let by_place = by_place.map(|argument| {
            let argument = &argument.name;
            let (value, by_name) = (Ident::new("Value", self.at_name()), quote!(#p::nn::GivenByName<#name<T>>));
            let result = placed(quote!(<#value as #by_name>::Options), self.at_name());
            let head = placed(quote!(pub fn #argument<#value: #by_name>(self, _: #value)), argument.span());
            quote! {
                #[doc(hidden)]
                #[allow(unreachable_pub, clippy::pedantic, clippy::needless_pass_by_value)]
                #head -> #result {
                    ::core::unreachable!()
                }
            }
        });
        let given = Ident::new("given", Span::mixed_site());
        let defaults = self.optional().zip(&types).map(|((argument, default), of)| {
            let name = &argument.name;
            quote! {
                let #name: #of = match self.#name {
                    ::core::option::Option::Some(#given) => #given,
                    ::core::option::Option::None => {
                        let #given: #of = #default;
                        #given
                    }
                };
            }
        });
        let fields = quote! {
            #(#names: ::core::option::Option<#types>,)*
            __numbers: ::core::marker::PhantomData<fn() -> T>,
        };
        let structure = self.structure(&options, fields);
        let (build, cfg) = (self.build(), self.cfg().collect::<Vec<_>>());
        let body = if self.broken { never() } else { quote!(#(#defaults)* #build) };
        let random = self.random();
        let structure = quote! {
            #(#cfg)*
            #[doc = #title]
            #[must_use = "call `init` to make the layer"]
            #[derive(Clone, Debug)]
            #visibility #structure
        };
        // What rustc proposes where another layer has no such arguments.
        let named = quote! {
            impl<T: #p::Scalar> #p::nn::NamedArguments for #name<T> {
                type Options = #options<T>;
                fn options() -> #options<T> {
                    Self::options()
                }
            }
        };
        let named = placed(named, self.at_name());
        let functions = quote! {
            #[allow(unused_qualifications)]
            #named
            #[allow(dead_code, unused_variables, unused_mut)]
            impl<T: #p::Scalar> #options<T> {
                #(#setters)*
                #(#by_place)*
                /// The layer, with fresh parameters.
                #[track_caller]
                #[allow(clippy::too_many_arguments)]
                pub fn init #random(self, #parameters) -> #name<T> {
                    #body
                }
            }
        };
        Some((structure, functions))
    }
}

/// A body after a mistake.
pub(super) fn never() -> TokenStream {
    quote!(::core::panic!("the declaration of this layer has an error"))
}

pub(super) fn type_of(kind: &Kind) -> TokenStream {
    let p = crate_path();
    match kind {
        Kind::Tensor { .. } => quote!(#p::nn::Param<T>),
        Kind::Layer(of) => of.to_token_stream(),
    }
}

/// The functions of `nn::init` are found without a path, as in `network!`.
fn initialiser(init: &Expr) -> TokenStream {
    let p = crate_path();
    let known = bare_function(init).is_some_and(|word| INITIALIZERS.iter().any(|known| word == known));
    // Shown with the word, where rustc has something to say of it.
    let path = relocate(quote!(#p::nn::init::), init.span());
    if known { quote!(#path #init) } else { init.to_token_stream() }
}

/// The user's docs, or these.
fn docs(attributes: &[Attribute], otherwise: String) -> TokenStream {
    let own: Vec<&Attribute> = attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).collect();
    if own.is_empty() { quote!(#[doc = #otherwise]) } else { quote!(#(#own)*) }
}

fn describe(kind: &Kind) -> String {
    match kind {
        Kind::Tensor { buffer, sizes } => {
            let sizes: Vec<String> = sizes.iter().map(|size| tidy(size.to_token_stream())).collect();
            let what = if *buffer { "A buffer" } else { "A parameter" };
            format!("{what}, `[{}]`.", sizes.join(", "))
        }
        Kind::Layer(_) => "A layer inside.".to_string(),
    }
}
