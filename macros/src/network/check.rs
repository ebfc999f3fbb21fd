//! From entries to a plan: which structs and fields there are, and how the shape goes through them. Mistakes are
//! collected, and what follows from one is not reported. How the plan is written as Rust is not known here.

use super::arguments::integers;
use super::generics::Generics;
use super::layers::{self, Activation, LAYERS, entry_names};
use super::parse::Entry;
use super::row::{Around, Effect, Layer, Values};
use super::shape::{Shape, Size};
use super::text::tidy;
use super::{call_at, crate_path, relocate, rng, snake};
use crate::errors::{Errors, nearest, suggest};
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::collections::HashMap;
use syn::spanned::Spanned;
use syn::{Attribute, Expr, Visibility};

/// What is written for one declaration.
pub(crate) struct Plan {
    /// The network behind the blocks inside it.
    pub(crate) blocks: Vec<Block>,
    /// The constants that hold sizes and shapes, and the comparisons that are left to rustc.
    pub(crate) constants: Vec<TokenStream>,
    /// The comparisons that depend on const parameters: inline constants of the function that makes the network.
    pub(crate) checks: Vec<TokenStream>,
}

/// One generated struct.
pub(crate) struct Block {
    pub(crate) name: Ident,
    /// As it was written, for the docs of a block inside.
    pub(crate) text: String,
    /// How its fields are put together; `None`: one after the other.
    pub(crate) joined: Option<Around>,
    pub(crate) fields: Vec<Field>,
}

/// One layer of a generated struct.
pub(crate) struct Field {
    pub(crate) docs: Vec<Attribute>,
    pub(crate) visibility: Option<Visibility>,
    pub(crate) name: Ident,
    pub(crate) made: Made,
    /// The declaration, as it was written.
    pub(crate) text: String,
    /// The same in the summary, where what stands inside has lines of its own.
    pub(crate) row: String,
    /// An expression of the text of the shape behind it.
    pub(crate) output: TokenStream,
    /// Where rustc says that it is no layer.
    pub(crate) at: Span,
}

/// The type of a field, and how it is made.
#[derive(Default)]
pub(crate) struct Made {
    pub(crate) of: TokenStream,
    /// The type has the type of the numbers as a parameter.
    pub(crate) generic: bool,
    /// It holds other layers, in a struct of the plan.
    pub(crate) is_block: bool,
    /// The types of the user's own in it, of which less is known; the type itself if it is one.
    pub(crate) customs: Vec<TokenStream>,
    /// An expression of its first value.
    pub(crate) build: TokenStream,
}

/// The shape as it goes through the entries, and what has been found on the way.
pub(crate) struct Checker<'e> {
    pub(crate) errors: &'e mut Errors,
    pub(crate) generics: &'e Generics,
    pub(crate) constants: Vec<TokenStream>,
    pub(crate) checks: Vec<TokenStream>,
    pub(super) blocks: Vec<Block>,
    /// Behind the entries that have been seen.
    pub(crate) shape: Shape,
    /// Before the first of them; a layer that tells its width tells it, as long as the shape is still the same.
    pub(super) start: Shape,
    pub(super) is_start: bool,
    /// Nothing stands before the entry that is looked at.
    pub(crate) is_first: bool,
    /// Mistakes are not reported: the entry could not be read, and that has been said.
    pub(super) is_quiet: bool,
    /// The shape of one example was given.
    pub(crate) has_input: bool,
    /// How many layers are around the entry that is looked at.
    pub(super) depth: usize,
    pub(super) source: &'static str,
    names: usize,
}

pub(super) const LAYER_GIVES: &str = "the layer before it gives";
const INPUT_GIVES: &str = "the input before it gives";

/// Checks the entries of one declaration. `at` is where an error about all of it points.
pub(crate) fn check(
    entries: &[Entry],
    name: &Ident,
    generics: &Generics,
    at: &TokenStream,
    errors: &mut Errors,
) -> Plan {
    let mut checker = Checker {
        errors,
        generics,
        constants: Vec::new(),
        checks: Vec::new(),
        blocks: Vec::new(),
        shape: Shape::unknown(),
        start: Shape::unknown(),
        is_start: true,
        is_first: true,
        is_quiet: false,
        has_input: false,
        depth: 0,
        source: LAYER_GIVES,
        names: 0,
    };
    let fields = checker.fields(entries, name, None);
    if fields.is_empty() && checker.errors.is_empty() {
        checker.errors.at(at, "a network needs at least one layer, such as `dense(784, 10, softmax)`");
    }
    let mut blocks = checker.blocks;
    blocks.push(Block { name: name.clone(), text: String::new(), joined: None, fields });
    Plan { blocks, constants: checker.constants, checks: checker.checks }
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
    /// A comparison that is left to rustc.
    pub(crate) fn ask(&mut self, call: TokenStream) {
        if self.is_quiet {
            return;
        }
        if self.generics.stand_in(&call) {
            let at = call.clone().into_iter().last().map_or_else(Span::call_site, |token| token.span());
            self.checks.push(quote_spanned!(at.resolved_at(Span::call_site())=> const { #call }));
        } else {
            self.constants.push(quote!(const _: () = #call;));
        }
    }

    /// The name of a new constant; what depends on const parameters is put in place instead.
    pub(crate) fn constant(&mut self, what: &str, of: TokenStream, value: TokenStream) -> TokenStream {
        if self.generics.stand_in(&value) {
            return quote!({ #value });
        }
        self.names += 1;
        let name = format_ident!("__GRADTAPE_{what}_{}", self.names);
        self.constants.push(quote!(const #name: #of = #value;));
        name.to_token_stream()
    }

    /// The fields of the entries of one struct, called `block`; the shape goes on behind them.
    pub(super) fn fields(&mut self, entries: &[Entry], block: &Ident, joined: Option<Around>) -> Vec<Field> {
        let mut fields: Vec<(Field, bool)> = Vec::new();
        let mut counts: HashMap<String, usize> = HashMap::new();
        let starts_network = self.is_first;
        let mut branches = joined.map(|joined| super::blocks::Branches::new(joined, self));
        for (position, entry) in entries.iter().enumerate() {
            self.is_first = starts_network && (position == 0 || joined.is_some());
            if let Some(branches) = &mut branches {
                branches.begin(self);
            }
            let docs = self.docs(entry);
            let kind = self.kind(entry);
            let name = entry.name.clone().unwrap_or_else(|| {
                let count = counts.entry(kind.clone()).or_insert(0);
                *count += 1;
                format_ident!("{kind}{count}", span = entry.path.span().resolved_at(Span::call_site()))
            });
            let made = self.entry(entry, position, &block_name(block, &name));
            if let Some(branches) = &mut branches {
                branches.end(entry, self);
            }
            let Some(made) = made.or_else(|| self.unfinished(entry)) else { continue };
            let field = Field {
                docs,
                visibility: entry.visibility.clone(),
                name,
                text: tidy(entry.tokens.clone()),
                row: if made.is_block { headline(entry) } else { tidy(entry.tokens.clone()) },
                made,
                output: self.shape.text(),
                at: entry.path.span(),
            };
            fields.push((field, entry.name.is_some()));
        }
        if let Some(branches) = branches {
            self.shape = branches.joined(self);
        }
        self.is_first = false;
        unique(fields, self.errors)
    }

    /// What the field of an entry is called when it has no name.
    fn kind(&self, entry: &Entry) -> String {
        let word = entry.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let word = word.trim_start_matches("r#");
        if !word.starts_with(|c: char| c.is_uppercase()) {
            return word.to_string();
        }
        meant(entry).map_or_else(|| snake(word), String::from)
    }

    /// A field for an entry with a name that was not understood: the rest of the program finds it.
    fn unfinished(&self, entry: &Entry) -> Option<Made> {
        let p = crate_path();
        let is_layer = layers::find(&self.kind(entry)).is_none_or(|row| row.field.is_some() || row.around().is_some());
        (entry.name.is_some() && is_layer).then(|| Made { of: quote!(#p::Unfinished), ..Made::default() })
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
            (_, Size::Unknown) => self.learn(self.shape.with_axis(axis, size.clone())),
            (_, Size::Broken) => {}
            _ => {
                let (expects, gives) = (size.tokens(), before.tokens());
                self.ask(call_at(expression, quote!(width), quote!(#layer, #expects, #gives, #source)));
            }
        }
    }

    /// A layer has told more of the shape before it.
    fn learn(&mut self, shape: Shape) {
        self.shape = shape;
        if self.is_start {
            self.start = self.shape.clone();
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

    /// One entry; the shape goes on behind it. `block` is what a struct of the layers inside is called.
    fn entry(&mut self, entry: &Entry, position: usize, block: &Ident) -> Option<Made> {
        if entry.is_sequence {
            return self.sequence(entry, block);
        }
        let last = entry.path.segments.last()?;
        let name = last.ident.to_string();
        let is_word = entry.path.get_ident().is_some();
        if name == "_" {
            self.shape = Shape::broken();
            return None;
        }
        if !name.starts_with(|c: char| c.is_uppercase()) {
            if !is_word {
                self.wrong_path(entry, &name);
            } else if let Some(row) = layers::find(&name) {
                return match row.effect {
                    Effect::Around(around) => self.around(row, around, entry, block),
                    _ => self.known(row, entry, position),
                };
            } else if let Some(row) = Activation::find(&name) {
                return self.activation_layer(row, entry);
            } else {
                let own = "a layer of your own is written by its type, as in `Gate(128)`";
                let known = LAYERS.iter().map(|layer| layer.name).collect::<Vec<_>>().join(", ");
                let list = format!("the layers are {known} and the activations; {own}");
                let hint = suggest(&name, &entry_names(), list);
                self.errors.at(&entry.path, format!("unknown layer `{name}`; {hint}"));
            }
            self.change_to(Shape::broken());
            let meant = nearest(&name, entry_names()).and_then(layers::find);
            return meant.and_then(|row| self.placeholder(row, entry));
        }
        if let Some(meant) = meant(entry) {
            let own = "a type of your own with this name is written `self::";
            self.errors.at(&entry.path, format!("unknown layer `{name}`; did you mean `{meant}`? ({own}{name}`)"));
            self.change_to(Shape::broken());
            return layers::find(meant).and_then(|row| self.placeholder(row, entry));
        }
        self.custom(entry)
    }

    /// The shape is another one from here.
    pub(super) fn change_to(&mut self, shape: Shape) {
        self.shape = shape;
        self.is_start = false;
        self.source = LAYER_GIVES;
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
    fn placeholder(&self, row: &Layer, entry: &Entry) -> Option<Made> {
        let field = row.field.as_ref()?;
        let of = self.type_of(field.of, field.generic, entry);
        Some(Made { of, generic: field.generic, ..Made::default() })
    }

    /// `nn::Dense<T>`, whose last word stands where the user wrote `dense`: what an editor shows of the one, it shows of
    /// the other.
    fn type_of(&self, name: &str, generic: bool, entry: &Entry) -> TokenStream {
        let (p, numbers) = (crate_path(), &self.generics.numbers);
        let name = Ident::new(name, entry.path.span().resolved_at(Span::call_site()));
        if generic { quote!(#p::nn::#name<#numbers>) } else { quote!(#p::nn::#name) }
    }

    /// A layer of the table.
    fn known(&mut self, row: &'static Layer, entry: &Entry, position: usize) -> Option<Made> {
        if row.field.is_none() {
            if position > 0 || self.depth > 0 {
                self.errors.at(&entry.path, format!("`{}` can only be the first entry", row.name));
                return None;
            }
            if let Some(name) = &entry.name {
                self.errors.at(name, format!("`{}` is not a layer and has no name", row.name));
            }
        }
        let found_before = self.errors.len();
        self.axes(row, entry);
        let values = if entry.broken { self.quietly(row, entry) } else { self.arguments(row, entry) };
        let whole = self.errors.len() == found_before && !entry.broken;
        if let Effect::Gives(shape) = &row.effect {
            let shape = shape(&values, &self.shape).unwrap_or_else(|why| {
                self.errors.at(&entry.tokens, why);
                Shape::broken()
            });
            self.change_to(shape);
        }
        if row.field.is_none() {
            self.has_input = true;
            self.source = INPUT_GIVES;
        }
        let mut made = self.placeholder(row, entry)?;
        if let (true, Some(field)) = (whole, &row.field) {
            let (of, build) = (self.type_of(field.of, false, entry), (field.build)(&values, &rng()));
            made.build = quote!(#of::#build);
        }
        Some(made)
    }

    /// The arguments that could be read of an entry: their words still mean something in an editor.
    fn quietly(&mut self, row: &'static Layer, entry: &Entry) -> Values {
        let mut kept = std::mem::take(self.errors);
        self.is_quiet = true;
        self.arguments(row, entry);
        self.is_quiet = false;
        std::mem::swap(self.errors, &mut kept);
        Values::default()
    }

    /// Whether there are as many axes as the layer needs.
    fn axes(&mut self, row: &Layer, entry: &Entry) {
        let (layer, source, needs) = (row.name, self.source, format!("[{}]", row.axes.join(", ")));
        match self.shape.has_fewer_axes_than(row.axes.len()) {
            Some(false) => {}
            Some(true) => {
                let found = self.shape.show();
                self.errors.at(&entry.path, format!("{layer} expects {needs}, but {source} {found}"));
                self.shape = Shape::broken();
            }
            None => {
                let (axes, shape) = (row.axes.len(), self.shape.tokens());
                self.ask(call_at(&entry.path, quote!(rank), quote!(#layer, #needs, #axes, #shape, #source)));
            }
        }
    }

    fn activation_layer(&mut self, row: &Activation, entry: &Entry) -> Option<Made> {
        let given = entry.arguments.as_deref().unwrap_or_default();
        let values: Vec<_> = given.iter().map(|argument| (argument.name.as_ref(), &argument.value)).collect();
        let at = entry.path.get_ident()?;
        let build = if entry.broken { None } else { self.activation_with(row, at, &values) };
        let p = crate_path();
        Some(Made { of: quote!(#p::nn::Activation), build: build.unwrap_or_default(), ..Made::default() })
    }

    /// A layer of the user's own: `Path<T>` with `new(arguments, rng)` and, perhaps, a constant `SHAPE_RULE`.
    fn custom(&mut self, entry: &Entry) -> Option<Made> {
        let (p, numbers) = (crate_path(), &self.generics.numbers);
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
        let rule = quote! {
            #[allow(unused_imports)]
            use #p::shape_rule::NoShapeRule as _;
            const RULE: #p::shape_rule::Rule = <#path<f32>>::SHAPE_RULE;
        };
        let integers = integers(given);
        let shape = quote!(#p::shape_rule::Shape);
        if self.depth > 0 && self.shape.is_unknown() {
            let told = self.constant("SHAPE", shape.clone(), quote!({ #rule RULE.expects(#integers) }));
            self.learn(Shape::of(told));
        } else {
            let (before, source) = (self.shape.tokens(), self.source);
            let call = call_at(&entry.tokens, quote!(Rule::check), quote!(&RULE, #layer, #integers, #before, #source));
            if !entry.broken {
                self.ask(quote!({ #rule #call }));
            }
        }
        let before = self.shape.tokens();
        let after = self.constant("SHAPE", shape, quote!({ #rule RULE.after(#integers, #before) }));
        self.change_to(if entry.broken { Shape::broken() } else { Shape::of(after) });
        let values = by_place.iter().map(|argument| &argument.value);
        // A reference to the generator, because the type that `new` is generic over may have to be `Sized`.
        let rng = quote!(&mut &mut *#rng);
        let at = path.span().resolved_at(Span::call_site());
        let build = match by_name.first().and_then(|argument| argument.name.as_ref()) {
            None => {
                let new = Ident::new("new", at);
                // Two `>`, because rustc would cut the place of `>>` in two.
                let new = relocate(quote!(<#path<#numbers> >::#new), path.span());
                quote!(#new(#(#values,)* #rng))
            }
            Some(first) => {
                // Shown at the name, where rustc says that a layer takes none.
                let options = relocate(quote!(<#path<#numbers> >::options()), first.span());
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
        let of = quote!(#path<#numbers>);
        Some(Made { customs: vec![of.clone()], of, generic: true, is_block: false, build })
    }
}

/// The layer of the table that a word in capitals was meant to be.
fn meant(entry: &Entry) -> Option<&'static str> {
    let word = entry.path.get_ident()?.to_string();
    let flat = snake(&word).replace('_', "");
    let capital = word.starts_with(|c: char| c.is_uppercase());
    entry_names().into_iter().find(|known| capital && known.replace('_', "") == flat)
}

/// `DigitsResidual1`, for the layers inside the field `residual1`.
fn block_name(block: &Ident, field: &Ident) -> Ident {
    let field = field.to_string();
    let words = field.trim_start_matches("r#").split('_').map(|word| {
        let mut letters = word.chars();
        letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect::<String>()
    });
    format_ident!("{block}{}", words.collect::<String>())
}

/// `repeat(4)`, in the summary.
fn headline(entry: &Entry) -> String {
    if entry.is_sequence {
        return "[..]".into();
    }
    let arguments = entry.arguments.iter().flatten().map(|argument| tidy(argument.value.to_token_stream()));
    let (word, arguments) = (tidy(entry.path.to_token_stream()), arguments.collect::<Vec<_>>().join(", "));
    if arguments.is_empty() { word } else { format!("{word}({arguments})") }
}
