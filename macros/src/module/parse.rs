//! The struct that `#[derive(Module)]` stands on, read: its fields and what `#[module(..)]` says. What the fields mean
//! together is checked in [`check`](super::check).

use super::expand::{Field, Role};
use crate::errors::{Errors, suggest};
use crate::tokens::mentions;
use proc_macro2::{Ident, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::meta::ParseNestedMeta;
use syn::parse::Parse;
use syn::spanned::Spanned;
use syn::{Attribute, Data, DeriveInput, Index, LitStr, Meta, Path, Token, Type};

/// What is known from the declaration.
pub(super) struct Declaration<'a> {
    pub(super) input: &'a DeriveInput,
    pub(super) options: Options,
    pub(super) fields: Vec<Declared>,
}

/// What stands in `#[module(..)]` on the struct.
#[derive(Default)]
pub(super) struct Options {
    /// `number = T`
    pub(super) number: Option<Ident>,
    /// `crate = name`
    pub(super) library: Option<Path>,
}

/// A field as it is declared.
pub(super) struct Declared {
    pub(super) field: Field,
    pub(super) of: Type,
    /// Where its name in the paths stands.
    pub(super) place: Span,
}

/// Reads the declaration. Mistakes go to `errors`; what could be read is returned all the same.
pub(super) fn parse<'a>(input: &'a DeriveInput, errors: &mut Errors) -> Declaration<'a> {
    let mut options = Options::default();
    for attribute in ours(&input.attrs) {
        if has_options(attribute, "number = T", errors)
            && let Err(error) = attribute.parse_nested_meta(|meta| options.read(&meta))
        {
            errors.push(error);
        }
    }
    Declaration { input, options, fields: fields(input, errors) }
}

fn ours(attributes: &[Attribute]) -> impl Iterator<Item = &Attribute> {
    attributes.iter().filter(|attribute| attribute.path().is_ident("module"))
}

impl Options {
    fn read(&mut self, meta: &ParseNestedMeta<'_>) -> syn::Result<()> {
        if meta.path.is_ident("crate") {
            self.library = Some(meta.value()?.call(Path::parse_mod_style)?);
            return Ok(());
        }
        if meta.path.is_ident("number") {
            let message = "the type of the numbers is written `number = T`";
            self.number = Some(value(meta, message)?);
            return Ok(());
        }
        Err(meta.error(
            "on a struct stands `#[module(number = T)]` or `#[module(crate = name)]`, on a field `skip` or `rename = \
             \"name\"`",
        ))
    }
}

fn fields(input: &DeriveInput, errors: &mut Errors) -> Vec<Declared> {
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
    let read = |(position, field): (usize, &syn::Field)| {
        let member = match &field.ident {
            Some(name) => name.to_token_stream(),
            None => Index::from(position).to_token_stream(),
        };
        let name = member.to_string().replace("r#", "");
        let role = if is_marker(&field.ty) { Role::Marker } else { Role::Module };
        let mut place = field.ident.as_ref().map_or_else(|| field.ty.span(), Ident::span);
        let mut declared = Field { member, name, of: field.ty.to_token_stream(), at: field.ty.span(), role };
        for attribute in ours(&field.attrs) {
            if has_options(attribute, "skip", errors)
                && let Err(error) = attribute.parse_nested_meta(|meta| option(&meta, &mut declared, &mut place))
            {
                errors.push(error);
            }
        }
        if declared.role == Role::Module
            && let Some(message) = not_owned(&field.ty, input)
        {
            errors.at(&field.ty, message);
        }
        Declared { field: declared, of: field.ty.clone(), place }
    };
    data.fields.iter().enumerate().map(read).collect()
}

/// What is plainly no module, though it looks like one.
fn not_owned(of: &Type, input: &DeriveInput) -> Option<String> {
    let is_generic = || input.generics.type_params().any(|parameter| mentions(of, &parameter.ident.to_string()));
    match of {
        Type::Reference(_) if is_generic() => {
            Some("a module owns its parameters, as a `Param<T>` or another module: remove the `&`".into())
        }
        Type::Path(path) => {
            let first = path.path.segments.first().map(|segment| segment.ident.to_string())?;
            let last = path.path.segments.last().map(|segment| segment.ident.to_string())?;
            let is_ours = (path.path.segments.len() == 1 || first == "gradtape") && is_generic();
            let is_tensor = is_ours && ["Tensor", "TensorVar"].contains(&&last[..]);
            is_tensor.then(|| {
                "a tensor of a model is a `Param<T>`, and one that is not trained a `Param::buffer(..)`".into()
            })
        }
        _ => None,
    }
}

/// `skip`, `rename = "w"`; `place` becomes that of the new name.
fn option(meta: &ParseNestedMeta<'_>, field: &mut Field, place: &mut Span) -> syn::Result<()> {
    if meta.path.is_ident("skip") {
        if field.role == Role::Module {
            field.role = Role::Kept;
        }
        if !meta.input.is_empty() && !meta.input.peek(Token![,]) {
            return Err(rest(meta, "`skip` takes no value: it is written alone"));
        }
        return Ok(());
    }
    if meta.path.is_ident("rename") {
        let text: LitStr = value(meta, "another name is written `rename = \"name\"`")?;
        if text.value().is_empty() || text.value().contains('.') {
            return Err(syn::Error::new(text.span(), "a name is one step of a path: not empty, and without `.`"));
        }
        if text.value().contains(|c: char| c.is_whitespace() || c.is_control()) {
            return Err(syn::Error::new(text.span(), "a name is one step of a path: without spaces"));
        }
        if text.value().starts_with("r#") {
            return Err(syn::Error::new(text.span(), "a name is one step of a path: write it without `r#`"));
        }
        (field.name, *place) = (text.value(), text.span());
        return Ok(());
    }
    let word = meta.path.to_token_stream().to_string();
    let hint = suggest(&word, &["skip", "rename"], "a field takes `skip` or `rename = \"name\"`");
    Err(meta.error(format!("unknown option `{word}`; {hint}")))
}

/// What stands behind `=`, of which the message says what it is.
fn value<V: Parse>(meta: &ParseNestedMeta<'_>, message: &str) -> syn::Result<V> {
    if !meta.input.peek(Token![=]) {
        let nothing = meta.input.is_empty() || meta.input.peek(Token![,]);
        return Err(if nothing { meta.error(message) } else { rest(meta, message) });
    }
    let equals: Token![=] = meta.input.parse()?;
    if meta.input.is_empty() || meta.input.peek(Token![,]) {
        return Err(syn::Error::new(equals.span, message));
    }
    let fork = meta.input.fork();
    if fork.parse::<V>().is_err() || !(fork.is_empty() || fork.peek(Token![,])) {
        return Err(rest(meta, message));
    }
    meta.input.parse()
}

/// A mistake at what is left of an option.
fn rest(meta: &ParseNestedMeta<'_>, message: &str) -> syn::Error {
    let mut tokens = TokenStream::new();
    while !meta.input.is_empty() && !meta.input.peek(Token![,]) {
        let Ok(token) = meta.input.parse::<TokenTree>() else { break };
        tokens.extend([token]);
    }
    syn::Error::new_spanned(tokens, message)
}

/// `#[module]` alone says nothing.
fn has_options(attribute: &Attribute, example: &str, errors: &mut Errors) -> bool {
    let is_list = matches!(attribute.meta, Meta::List(_));
    if !is_list {
        errors.at(attribute, format!("options stand in parentheses: `#[module({example})]`"));
    }
    is_list
}

fn is_marker(of: &Type) -> bool {
    matches!(of, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == "PhantomData"))
}
