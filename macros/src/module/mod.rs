//! `#[derive(Module)]`: which type parameter is that of the numbers, and what each field is. The impl is written by
//! [`expand`].

pub(crate) mod expand;

use crate::errors::{Errors, suggest};
use crate::tokens::{crate_path, mentions, with_path};
use expand::{Field, Role, Target};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, GenericParam, Generics, Index, LitStr, Path, Type};

/// The expansion of one derive.
pub(crate) fn derive(input: TokenStream) -> TokenStream {
    let input: DeriveInput = match syn::parse2(input) {
        Ok(input) => input,
        Err(error) => return error.to_compile_error(),
    };
    let mut errors = Errors::default();
    let options = StructOptions::read(&input, &mut errors);
    match options.library {
        Some(path) => with_path(path.into_token_stream(), || implement(&input, options.number, errors)),
        None => implement(&input, options.number, errors),
    }
}

fn implement(input: &DeriveInput, stated: Option<Ident>, mut errors: Errors) -> TokenStream {
    let fields = fields(input, &mut errors);
    let Some(number) = stated.or_else(|| number(input, &fields, &mut errors)) else {
        return errors.into_tokens();
    };
    for (field, of) in &fields {
        if field.role == Role::Kept && mentions(of, &number.to_string()) {
            errors.at(
                of,
                format!(
                    "a skipped field is cloned into a module of other numbers: its type cannot depend on `{number}`"
                ),
            );
        }
    }
    let broken = !errors.is_empty();
    let target = target(input, &fields, number);
    let fields: Vec<Field> = fields.into_iter().map(|(field, _)| field).collect();
    let implementation = expand::implementation(&target, &input.ident, &fields, broken);
    let errors = errors.into_tokens();
    quote!(#errors const _: () = { #implementation };)
}

/// What stands in `#[module(..)]` on the struct.
#[derive(Default)]
struct StructOptions {
    /// `number = T`
    number: Option<Ident>,
    /// `crate = name`
    library: Option<Path>,
}

impl StructOptions {
    fn read(input: &DeriveInput, errors: &mut Errors) -> Self {
        let mut options = StructOptions::default();
        for attribute in input.attrs.iter().filter(|attribute| attribute.path().is_ident("module")) {
            if let Err(error) = attribute.parse_nested_meta(|meta| options.option(input, &meta)) {
                errors.push(error);
            }
        }
        options
    }

    fn option(&mut self, input: &DeriveInput, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        if meta.path.is_ident("crate") {
            self.library = Some(meta.value()?.call(Path::parse_mod_style)?);
            return Ok(());
        }
        if !meta.path.is_ident("number") {
            return Err(meta.error(
                "on a struct stands `#[module(number = T)]` or `#[module(crate = name)]`, on a field `skip` or `rename \
                 = \"name\"`",
            ));
        }
        let word: Ident = meta.value()?.parse()?;
        if input.generics.type_params().any(|parameter| parameter.ident == word) {
            self.number = Some(word);
            return Ok(());
        }
        Err(syn::Error::new(word.span(), format!("`{word}` is no type parameter of `{}`", input.ident)))
    }
}

/// The type parameter that stands in the types of the fields that are visited.
fn number(input: &DeriveInput, fields: &[(Field, Type)], errors: &mut Errors) -> Option<Ident> {
    let parameters: Vec<&Ident> = input.generics.type_params().map(|parameter| &parameter.ident).collect();
    let used = |parameter: &Ident| {
        let word = parameter.to_string();
        fields.iter().any(|(field, of)| field.role == Role::Module && mentions(of, &word))
    };
    let found: Vec<&Ident> = parameters.iter().copied().filter(|parameter| used(parameter)).collect();
    let name = &input.ident;
    match found[..] {
        [only] => return Some(only.clone()),
        // Nothing but markers and skipped fields.
        [] if parameters.len() == 1 => return Some(parameters[0].clone()),
        _ if !errors.is_empty() => {}
        [] if parameters.is_empty() => errors.at(
            name,
            format!("a module is generic over the type of its numbers: `struct {name}<T> {{ weight: Param<T> }}`"),
        ),
        [] => errors.at(
            &input.generics,
            "no field has parameters: say which type is that of the numbers, `#[module(number = T)]` above the struct",
        ),
        [first, ..] => {
            let all: Vec<String> = found.iter().map(|parameter| format!("`{parameter}`")).collect();
            errors.at(
                &input.generics,
                format!(
                    "which of {} is the type of the numbers? write `#[module(number = {first})]` above the struct",
                    all.join(" and ")
                ),
            );
        }
    }
    None
}

fn fields(input: &DeriveInput, errors: &mut Errors) -> Vec<(Field, Type)> {
    let data = match &input.data {
        Data::Struct(data) => data,
        Data::Enum(data) => {
            errors
                .at(data.enum_token, "`Module` is derived for a struct; for an enum implement `gradtape::nn::Module`");
            return Vec::new();
        }
        Data::Union(data) => {
            errors.at(data.union_token, "`Module` is derived for a struct: the field of a union is not known");
            return Vec::new();
        }
    };
    let mut fields: Vec<(Field, Type)> = Vec::new();
    for (place, field) in data.fields.iter().enumerate() {
        let member = match &field.ident {
            Some(name) => name.to_token_stream(),
            None => Index::from(place).to_token_stream(),
        };
        let mut name = member.to_string().replace("r#", "");
        let mut role = if is_marker(&field.ty) { Role::Marker } else { Role::Module };
        let mut at = field.ident.as_ref().map_or_else(|| field.ty.span(), Ident::span);
        for attribute in field.attrs.iter().filter(|attribute| attribute.path().is_ident("module")) {
            if let Err(error) = options(attribute, &mut name, &mut role, &mut at) {
                errors.push(error);
            }
        }
        if role == Role::Module && fields.iter().any(|(other, _)| other.role == role && other.name == name) {
            errors.push(syn::Error::new(at, format!("another field is visited as `{name}` already")));
        }
        fields.push((
            Field { member, name, of: field.ty.to_token_stream(), at: field.ty.span(), role },
            field.ty.clone(),
        ));
    }
    fields
}

/// `#[module(skip)]`, `#[module(rename = "w")]`; `at` becomes the place of the new name.
fn options(attribute: &Attribute, name: &mut String, role: &mut Role, at: &mut Span) -> syn::Result<()> {
    attribute.parse_nested_meta(|meta| {
        if meta.path.is_ident("skip") {
            if *role == Role::Module {
                *role = Role::Kept;
            }
            return Ok(());
        }
        if meta.path.is_ident("rename") {
            let text: LitStr = meta.value()?.parse()?;
            if text.value().is_empty() || text.value().contains('.') {
                return Err(syn::Error::new(text.span(), "a name is one step of a path: not empty, and without `.`"));
            }
            (*name, *at) = (text.value(), text.span());
            return Ok(());
        }
        let word = meta.path.to_token_stream().to_string();
        let hint = suggest(&word, &["skip", "rename"], "a field takes `skip` or `rename = \"name\"`");
        Err(meta.error(format!("unknown option `{word}`; {hint}")))
    })
}

fn is_marker(of: &Type) -> bool {
    matches!(of, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "PhantomData"))
}

/// Parameters and bounds of the impl. A type parameter that is a module itself is converted with the struct.
fn target(input: &DeriveInput, fields: &[(Field, Type)], number: Ident) -> Target {
    let p = crate_path();
    let name = &input.ident;
    let taken = |word: &str| input.generics.type_params().any(|parameter| parameter.ident == word);
    let other = if taken("U") { format_ident!("__U") } else { format_ident!("U") };
    let visited = |parameter: &Ident| {
        let word = parameter.to_string();
        fields.iter().any(|(field, of)| field.role == Role::Module && mentions(of, &word))
    };
    let modules: Vec<&Ident> = input
        .generics
        .type_params()
        .map(|parameter| &parameter.ident)
        .filter(|parameter| **parameter != number && visited(parameter))
        .collect();
    let mut generics: Generics = input.generics.clone();
    let clause = generics.make_where_clause();
    clause.predicates.push(syn::parse_quote!(#number: #p::Scalar));
    for module in &modules {
        clause.predicates.push(syn::parse_quote!(#module: #p::nn::Module<#number>));
    }
    let (impl_generics, type_generics, bounds) = generics.split_for_impl();
    let converted = input.generics.params.iter().map(|parameter| match parameter {
        GenericParam::Lifetime(lifetime) => lifetime.lifetime.to_token_stream(),
        GenericParam::Const(constant) => constant.ident.to_token_stream(),
        GenericParam::Type(parameter) if parameter.ident == number => other.to_token_stream(),
        GenericParam::Type(parameter) => {
            let parameter = &parameter.ident;
            if modules.contains(&parameter) {
                quote!(<#parameter as #p::nn::Module<#number>>::In<#other>)
            } else {
                parameter.to_token_stream()
            }
        }
    });
    Target {
        generics: impl_generics.to_token_stream(),
        of: quote!(#name #type_generics),
        converted: quote!(#name<#(#converted),*>),
        bounds: bounds.to_token_stream(),
        number,
        other,
    }
}
