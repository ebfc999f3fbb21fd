//! From entries to a plan: which field each makes, and how the shape goes through them. Mistakes are collected, and
//! what follows from one is not reported. How the plan is written as Rust is not known here.

use super::arguments::integers;
use super::layers::{Activation, LAYERS, Layer, entry_names};
use super::parse::Entry;
use super::shape::{Shape, Size};
use super::text::tidy;
use super::{call_at, crate_path, relocate, rng, snake};
use crate::errors::{Errors, suggest};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote};
use std::collections::HashMap;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Visibility};

/// What is written for one declaration.
pub(crate) struct Plan {
    pub(crate) fields: Vec<Field>,
    /// The constants that hold sizes and shapes, and the comparisons that are left to rustc.
    pub(crate) constants: Vec<TokenStream>,
}

/// One layer of the generated struct.
pub(crate) struct Field {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) visibility: Option<Visibility>,
    pub(crate) name: Ident,
    /// The type, with `T` for its numbers where it has them.
    pub(crate) of: TokenStream,
    pub(crate) generic: bool,
    /// A type of the user's own, of which less is known.
    pub(crate) custom: bool,
    /// An expression of its first value.
    pub(crate) build: TokenStream,
    /// The declaration, as it was written.
    pub(crate) text: String,
    /// An expression of the text of the shape behind it.
    pub(crate) output: TokenStream,
    /// Where rustc says that it is no layer.
    pub(crate) at: Span,
}

/// The type of a field, whether it is generic over numbers and the user's own, and how it is made.
struct Made {
    of: TokenStream,
    generic: bool,
    custom: bool,
    build: TokenStream,
}

/// The shape as it goes through the entries, and what has been found on the way.
pub(crate) struct Checker<'e> {
    pub(crate) errors: &'e mut Errors,
    pub(crate) constants: Vec<TokenStream>,
    /// Behind the entries that have been seen.
    pub(crate) shape: Shape,
    /// Nothing stands before the entry that is looked at.
    pub(crate) is_first: bool,
    source: &'static str,
    names: usize,
}

const LAYER_GIVES: &str = "the layer before it gives";
const INPUT_GIVES: &str = "the input before it gives";

/// Checks the entries of one declaration. `at` is where an error about all of it points.
pub(crate) fn check(entries: &[Entry], at: &TokenStream, errors: &mut Errors) -> Plan {
    let mut checker = Checker {
        errors,
        constants: Vec::new(),
        shape: Shape::unknown(),
        is_first: true,
        source: LAYER_GIVES,
        names: 0,
    };
    let mut fields: Vec<(Field, bool)> = Vec::new();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for (position, entry) in entries.iter().enumerate() {
        checker.is_first = position == 0;
        let docs = checker.docs(entry);
        let (kind, made) = checker.entry(entry, position);
        let Some(made) = made else { continue };
        let name = entry.name.clone().unwrap_or_else(|| {
            let count = counts.entry(kind.clone()).or_insert(0);
            *count += 1;
            format_ident!("{kind}{count}", span = entry.path.span().resolved_at(Span::call_site()))
        });
        let field = Field {
            docs,
            visibility: entry.visibility.clone(),
            name,
            of: made.of,
            generic: made.generic,
            custom: made.custom,
            build: made.build,
            text: tidy(entry.tokens.clone()),
            output: checker.shape.text(),
            at: entry.path.span(),
        };
        fields.push((field, entry.name.is_some()));
    }
    let fields = unique(fields, checker.errors);
    if fields.is_empty() && checker.errors.is_empty() {
        checker.errors.at(at, "a network needs at least one layer, such as `dense(784, 10, softmax)`");
    }
    Plan { fields, constants: checker.constants }
}

/// Two fields of one name: the second is reported and left out.
fn unique(fields: Vec<(Field, bool)>, errors: &mut Errors) -> Vec<Field> {
    let mut kept: Vec<(Field, bool)> = Vec::new();
    for (field, named) in fields {
        match kept.iter().find(|(other, _)| other.name == field.name) {
            None => kept.push((field, named)),
            Some((other, true)) if named => {
                errors.at(&field.name, format!("two layers are called `{}`: give this one another name", other.name));
            }
            Some((other, other_is_named)) => {
                let at = if *other_is_named { &other.name } else { &field.name };
                errors.at(at, format!("an unnamed layer is called `{at}` as well: give this one another name"));
            }
        }
    }
    kept.into_iter().map(|(field, _)| field).collect()
}

impl Checker<'_> {
    /// A constant of the expansion.
    pub(crate) fn fresh(&mut self, what: &str) -> Ident {
        self.names += 1;
        format_ident!("__GRADTAPE_{what}_{}", self.names)
    }

    /// Compares the size at `expression` with that of an axis before the layer.
    pub(crate) fn compare(&mut self, layer: &str, size: &Size, axis: usize, expression: &Expr) {
        let (source, before) = (self.source, self.shape.axis(axis));
        match (size, &before) {
            (Size::Literal(expects, _), Size::Literal(gives, _)) => {
                if expects != gives {
                    let inputs = if *expects == 1 { "input" } else { "inputs" };
                    self.errors.at(expression, format!("{layer} expects {expects} {inputs}, but {source} {gives}"));
                }
            }
            (_, Size::Unknown | Size::Broken) => {}
            _ => {
                let (expects, gives) = (size.tokens(), before.tokens());
                let call = call_at(expression, quote!(width), quote!(#layer, #expects, #gives, #source));
                self.constants.push(quote!(const _: () = #call;));
            }
        }
    }

    /// The docs of a field; nothing else may stand there.
    fn docs(&mut self, entry: &Entry) -> Vec<Attribute> {
        let (docs, others): (Vec<_>, Vec<_>) = entry.attributes.iter().cloned().partition(|a| a.path().is_ident("doc"));
        for other in others {
            self.errors.at(other, "only doc comments may stand on a layer");
        }
        docs
    }

    /// One entry: what its field is called when it has no name, and what it makes; the shape goes on behind it.
    fn entry(&mut self, entry: &Entry, position: usize) -> (String, Option<Made>) {
        let Some(last) = entry.path.segments.last() else { return (String::new(), None) };
        let name = last.ident.to_string();
        let is_word = entry.path.get_ident().is_some();
        if !name.starts_with(|c: char| c.is_uppercase()) {
            if !is_word {
                self.wrong_path(entry, &name);
            } else if let Some(row) = Layer::find(&name) {
                return (name, self.known(row, entry, position));
            } else if let Some(row) = Activation::find(&name) {
                return (name, self.activation_layer(row, entry));
            } else {
                let own = "a layer of your own is written by its type, as in `Gate(128)`";
                let known = LAYERS.iter().map(|layer| layer.name).collect::<Vec<_>>().join(", ");
                let list = format!("the layers are {known} and the activations; {own}");
                let hint = suggest(&name, &entry_names(), list);
                self.errors.at(&entry.path, format!("unknown layer `{name}`; {hint}"));
            }
            self.shape = Shape::broken();
            let meant = crate::errors::nearest(&name, entry_names()).and_then(Layer::find);
            return (name, meant.and_then(|row| self.placeholder(row)));
        }
        let flat = snake(&name).replace('_', "");
        if is_word && let Some(meant) = entry_names().into_iter().find(|known| known.replace('_', "") == flat) {
            let own = "a type of your own with this name is written `self::";
            self.errors.at(&entry.path, format!("unknown layer `{name}`; did you mean `{meant}`? ({own}{name}`)"));
            self.shape = Shape::broken();
            return (meant.to_string(), Layer::find(meant).and_then(|row| self.placeholder(row)));
        }
        (snake(&name), self.custom(entry))
    }

    fn wrong_path(&mut self, entry: &Entry, name: &str) {
        let message = if entry_names().contains(&name) {
            format!("`{name}` is written without a path in `network!`")
        } else {
            format!("a layer of your own is a type, whose name begins with a capital letter; found `{name}`")
        };
        self.errors.at(&entry.path, message);
    }

    /// A field whose layer was not understood: its type is there, so that no second error follows.
    fn placeholder(&self, row: &Layer) -> Option<Made> {
        let of = row.type_tokens()?;
        let generic = row.field.as_ref().is_some_and(|field| field.generic);
        Some(Made { of, generic, custom: false, build: TokenStream::new() })
    }

    /// A layer of the table.
    fn known(&mut self, row: &'static Layer, entry: &Entry, position: usize) -> Option<Made> {
        if row.field.is_none() {
            if position > 0 {
                self.errors.at(&entry.path, format!("`{}` can only be the first entry", row.name));
                return None;
            }
            if let Some(name) = &entry.name {
                self.errors.at(name, format!("`{}` is not a layer and has no name", row.name));
            }
        }
        let found_before = self.errors.len();
        let values = if entry.broken { Default::default() } else { self.arguments(row, entry) };
        let whole = self.errors.len() == found_before && !entry.broken;
        self.shape = (row.shape)(&values, &self.shape);
        self.source = if row.field.is_none() { INPUT_GIVES } else { LAYER_GIVES };
        let mut made = self.placeholder(row)?;
        if let (true, Some(field)) = (whole, &row.field) {
            made.build = (field.build)(&values, &rng());
        }
        Some(made)
    }

    fn activation_layer(&mut self, row: &Activation, entry: &Entry) -> Option<Made> {
        let p = crate_path();
        let given = entry.arguments.as_deref().unwrap_or_default();
        let values: Vec<_> = given.iter().map(|argument| (argument.name.as_ref(), &argument.value)).collect();
        let at = entry.path.get_ident()?;
        let build = if entry.broken { None } else { self.activation_with(row, at, &values) };
        self.source = LAYER_GIVES;
        let of = quote!(#p::nn::Activation);
        Some(Made { of, generic: false, custom: false, build: build.unwrap_or_default() })
    }

    /// A layer of the user's own: `Path<T>` with `new(arguments, rng)` and, perhaps, a constant `SHAPE_RULE`.
    fn custom(&mut self, entry: &Entry) -> Option<Made> {
        let p = crate_path();
        let (path, rng) = (&entry.path, rng());
        let given = entry.arguments.as_deref().unwrap_or_default();
        let (by_place, by_name): (Vec<_>, Vec<_>) = given.iter().partition(|argument| argument.name.is_none());
        for (i, argument) in by_name.iter().enumerate() {
            let Some(name) = &argument.name else { continue };
            if by_name[..i].iter().any(|other| other.name.as_ref() == Some(name)) {
                self.errors.at(name, format!("`{name}` is given twice"));
            }
        }
        let layer = tidy(path.to_token_stream());
        let (before, source, integers) = (self.shape.tokens(), self.source, integers(given));
        let rule = quote! {
            #[allow(unused_imports)]
            use #p::shape_rule::NoShapeRule as _;
            const RULE: #p::shape_rule::Rule = <#path<f32>>::SHAPE_RULE;
        };
        let call = call_at(&entry.tokens, quote!(Rule::check), quote!(&RULE, #layer, #integers, #before, #source));
        let after = self.fresh("SHAPE");
        self.constants.push(quote!(const _: () = { #rule #call };));
        self.constants.push(quote! {
            const #after: #p::shape_rule::Shape = { #rule RULE.after(#integers, #before) };
        });
        self.shape = if entry.broken { Shape::broken() } else { Shape::named(after) };
        self.source = LAYER_GIVES;
        let values = by_place.iter().map(|argument| &argument.value);
        // A reference to the generator, because the type that `new` is generic over may have to be `Sized`.
        let rng = quote!(&mut &mut *#rng);
        let at = path.span().resolved_at(Span::call_site());
        let build = match by_name.first().and_then(|argument| argument.name.as_ref()) {
            None => {
                let new = Ident::new("new", at);
                // Two `>`, because rustc would cut the place of `>>` in two.
                let new = relocate(quote!(<#path<T> >::#new), path.span());
                quote!(#new(#(#values,)* #rng))
            }
            Some(first) => {
                // Shown at the name, where rustc says that a layer takes none.
                let options = relocate(quote!(<#path<T> >::options()), first.span());
                let init = Ident::new("init", at);
                let setters = by_name.iter().map(|argument| {
                    let (name, value) = (&argument.name, &argument.value);
                    let mut value = Group::new(Delimiter::Parenthesis, value.to_token_stream());
                    value.set_span(name.span());
                    let call = relocate(quote!(.#name), name.span());
                    quote!(#call #value)
                });
                quote!({
                    #[allow(unused_imports)]
                    use #p::NoOptions as _;
                    #options #(#setters)* .#init(#(#values,)* #rng)
                })
            }
        };
        Some(Made { of: quote!(#path<T>), generic: true, custom: true, build })
    }
}
