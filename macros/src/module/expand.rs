//! `impl Module` for a struct, from what is known of its fields: for `#[derive(Module)]` and `layer!`. No mistake is
//! found here.

use crate::tokens::{call_on, crate_path, relocate};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// A field of the struct.
pub(crate) struct Field {
    /// `weight`, `0`
    pub(crate) member: TokenStream,
    /// Its step in the path of a parameter.
    pub(crate) name: String,
    pub(crate) of: TokenStream,
    /// Where rustc says that it is no module.
    pub(crate) at: Span,
    pub(crate) role: Role,
}

/// What is done with a field.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// A module: visited and converted.
    Module,
    /// Cloned when the struct is converted, not visited.
    Kept,
    /// A `PhantomData`.
    Marker,
}

/// What stands around the methods.
pub(crate) struct Target {
    /// `<T, const N: usize>` with bounds.
    pub(crate) generics: TokenStream,
    /// `Net<T, N>`
    pub(crate) of: TokenStream,
    /// `Net<U, N>`, where `U` is [`other`](Self::other).
    pub(crate) converted: TokenStream,
    pub(crate) bounds: TokenStream,
    /// The parameter that is the type of the numbers.
    pub(crate) number: Ident,
    /// The parameter of `In` and `convert`.
    pub(crate) other: Ident,
}

/// The impl; with bodies that never run after a mistake, so that nothing else in the program fails.
pub(crate) fn implementation(target: &Target, name: &Ident, fields: &[Field], broken: bool) -> TokenStream {
    let p = crate_path();
    let [path, visitor] = ["path", "visitor"].map(|word| Ident::new(word, Span::mixed_site()));
    let Target { generics, of, converted, bounds, number, other } = target;
    let visited: Vec<&Field> = fields.iter().filter(|field| field.role == Role::Module).collect();
    let visits = visited.iter().map(|field| {
        let Field { member, name, at, .. } = field;
        let function = quote!(#p::nn::Module::<#number>::visit);
        call_on(*at, function, quote!(&self.#member), quote!(&#path.child(#name), #visitor))
    });
    let visits_mut = visited.iter().map(|field| {
        let Field { member, name, at, .. } = field;
        let function = quote!(#p::nn::Module::<#number>::visit_mut);
        call_on(*at, function, quote!(&mut self.#member), quote!(&#path.child(#name), #visitor))
    });
    let conversions = fields.iter().map(|field| {
        let Field { member, of, at, role, .. } = field;
        let value = match role {
            Role::Module => {
                let function = quote!(#p::nn::Module::<#number>::convert::<#other>);
                call_on(*at, function, quote!(&self.#member), TokenStream::new())
            }
            Role::Kept => relocate(quote!(<#of as ::core::clone::Clone>::clone(&self.#member)), *at),
            Role::Marker => quote!(::core::marker::PhantomData),
        };
        quote!(#member: #value)
    });
    let (visits, visits_mut, conversion) = if broken {
        let body = quote!(::core::panic!("the declaration of this type has an error"));
        (body.clone(), body.clone(), body)
    } else {
        (quote!(#(#visits)*), quote!(#(#visits_mut)*), quote!(#name { #(#conversions,)* }))
    };
    quote! {
        #[automatically_derived]
        #[allow(unused_variables, unused_qualifications, clippy::clone_on_copy)]
        impl #generics #p::nn::Module<#number> for #of #bounds {
            type In<#other: #p::Scalar> = #converted;
            fn visit<'__a>(
                &'__a self,
                #path: &#p::nn::Path<'_>,
                #visitor: &mut dyn ::core::ops::FnMut(&#p::nn::Path<'_>, &'__a #p::nn::Param<#number>),
            ) {
                #visits
            }
            fn visit_mut<'__a>(
                &'__a mut self,
                #path: &#p::nn::Path<'_>,
                #visitor: &mut dyn ::core::ops::FnMut(&#p::nn::Path<'_>, &'__a mut #p::nn::Param<#number>),
            ) {
                #visits_mut
            }
            fn convert<#other: #p::Scalar>(&self) -> #converted {
                #conversion
            }
        }
    }
}
