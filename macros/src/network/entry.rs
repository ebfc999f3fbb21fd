//! One entry: a layer of the table, an activation or a layer of the user's own, as a field. What stands around it is
//! not known here.

use super::arguments::integers;
use super::check::{Checker, INPUT_GIVES};
use super::layers::{self, Activation, entry_names};
use super::parse::{Argument, Entry};
use super::plan::Made;
use super::row::{Effect, Layer, Values};
use super::shape::Shape;
use super::text::tidy;
use super::values::bare;
use super::{call_at, crate_path, placed, relocate, rng, snake, user_site};
use crate::errors::nearest;
use crate::foreign;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use syn::Attribute;
use syn::spanned::Spanned;

impl Checker<'_> {
    /// What the field of an entry is called when it has no name.
    pub(super) fn kind(&self, entry: &Entry) -> String {
        let word = entry.path.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
        let word = word.trim_start_matches("r#");
        if !word.starts_with(|c: char| c.is_uppercase()) {
            return word.to_string();
        }
        meant(entry).map_or_else(|| snake(word), String::from)
    }

    /// A field for an entry with a name that was not understood: the rest of the program finds it.
    pub(super) fn unfinished(&self, entry: &Entry) -> Option<Made> {
        let p = crate_path();
        let is_layer = layers::find(&self.kind(entry)).is_none_or(|row| row.field.is_some() || row.around().is_some());
        (entry.name.is_some() && is_layer).then(|| Made { of: quote!(#p::Unfinished), ..Made::default() })
    }

    /// The docs of a field; nothing else may stand there.
    pub(super) fn docs(&mut self, entry: &Entry) -> Vec<Attribute> {
        let (docs, others): (Vec<_>, Vec<_>) = entry.attributes.iter().cloned().partition(|a| a.path().is_ident("doc"));
        for other in others {
            self.errors.at(other, "only doc comments may stand on a layer");
        }
        docs
    }

    /// One entry; the shape goes on behind it. `block` is what a struct of the layers inside is called.
    pub(super) fn entry(&mut self, entry: &Entry, position: usize, block: &Ident) -> Option<Made> {
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
            } else if let Some(dense) = linear_with_sizes(entry) {
                let message = format!("`linear` is the identity and takes no argument; did you mean `{dense}`?");
                self.errors.at(&entry.tokens, message);
                self.change_to(Shape::broken());
                return layers::find("dense").and_then(|row| self.placeholder(row, entry));
            } else if let Some(row) = Activation::find(&name) {
                return self.activation_layer(row, entry);
            } else if name == "sequential" {
                let message =
                    "layers stand one after the other as they are: write those inside without `sequential(..)`";
                self.errors.at(&entry.path, message);
            } else {
                let own = "a layer of your own is written by its type, as in `Gate(128)`";
                let known = layers::rows().map(|layer| layer.name).collect::<Vec<_>>().join(", ");
                let list = format!("the layers are {known} and the activations; {own}");
                let words = [foreign::LAYERS, foreign::ACTIVATIONS];
                let words = words.into_iter().find(|words| foreign::find(words, &name).is_some());
                let hint = foreign::suggest(words.unwrap_or_default(), &name, &entry_names(), list);
                self.errors.at(&entry.path, format!("unknown layer `{name}`; {hint}"));
            }
            self.change_to(Shape::broken());
            let meant = foreign::here(foreign::LAYERS, &name).or_else(|| nearest(&name, entry_names()));
            let meant = meant.and_then(layers::find);
            return meant.and_then(|row| self.placeholder(row, entry));
        }
        if let Some(meant) = meant(entry) {
            let own = format!("a type of your own with this name is written `self::{name}`");
            let hint = match linear_with_sizes(entry) {
                Some(dense) => format!("did you mean `{dense}`?"),
                None if meant == "sequential" => "layers stand one after the other as they are".to_string(),
                None if snake(&name).replace('_', "") == meant.replace('_', "") => format!("did you mean `{meant}`?"),
                None => format!("it is called `{meant}` here"),
            };
            self.errors.at(&entry.path, format!("unknown layer `{name}`; {hint} ({own})"));
            self.change_to(Shape::broken());
            return layers::find(meant).and_then(|row| self.placeholder(row, entry));
        }
        self.custom(entry)
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

    /// `nn::Dense<T>`, whose last word stands where the user wrote `dense`: what an editor shows of the one, it shows
    /// of the other.
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
            let shape = self.possible(row, entry, shape);
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
    pub(super) fn quietly(&mut self, row: &'static Layer, entry: &Entry) -> Values {
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

    /// The shape behind a layer, each size of which there must be.
    fn possible(&mut self, row: &Layer, entry: &Entry, shape: Shape) -> Shape {
        let layer = row.name;
        if let Some(why) = shape.impossible() {
            let before = self.shape.show();
            self.errors.at(&entry.tokens, format!("{layer} gives no shape behind {before}: a size would be {why}"));
            return Shape::broken();
        }
        let (computed, shape) = shape.settled();
        let before = self.shape.tokens();
        for size in computed {
            self.ask(call_at(&entry.tokens, quote!(possible), quote!(#layer, #size, #before)));
        }
        shape
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
        let found_before = self.errors.len();
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
        let rng = relocate(quote!(&mut &mut *#rng), path.span());
        let at = path.span().resolved_at(user_site());
        let build = match by_name.first().and_then(|argument| argument.name.as_ref()) {
            None => {
                // Two `>`, because rustc would cut the place of `>>` in two.
                let new = placed(quote!(<#path<#numbers> >::new), path.span());
                // rustc shows a missing or superfluous generator at the parentheses.
                let mut arguments = Group::new(Delimiter::Parenthesis, quote!(#(#values,)* #rng));
                arguments.set_span(path.span().resolved_at(Span::call_site()));
                quote!(#new #arguments)
            }
            Some(first) => {
                // Shown at the name, where rustc says that a layer takes none.
                let options = quote!(<#path<#numbers> as #p::nn::NamedArguments>::options());
                let options = placed(options, first.span());
                let init = Ident::new("init", at);
                let setters = by_name.iter().map(|argument| {
                    let (name, value) = (&argument.name, &argument.value);
                    let mut value = Group::new(Delimiter::Parenthesis, value.to_token_stream());
                    value.set_span(name.span());
                    let call = placed(quote!(.#name), name.span());
                    quote!(#call #value)
                });
                quote!(#options #(#setters)* .#init(#(#values,)* #rng))
            }
        };
        let whole = self.errors.len() == found_before && !entry.broken;
        let build = if whole { build } else { TokenStream::new() };
        let of = quote!(#path<#numbers>);
        Some(Made { customs: vec![of.clone()], of, generic: true, is_block: false, build })
    }
}

/// The layer of the table that a word in capitals was meant to be.
fn meant(entry: &Entry) -> Option<&'static str> {
    let word = entry.path.get_ident()?.to_string();
    let flat = snake(&word).replace('_', "");
    if !word.starts_with(|c: char| c.is_uppercase()) {
        return None;
    }
    if linear_with_sizes(entry).is_some() {
        return Some("dense");
    }
    if holds_layers(entry) {
        // Without layers inside, it is a type of the user's own.
        match word.as_str() {
            "Sequential" => return Some("sequential"),
            "Parallel" => return Some("concat"),
            _ => {}
        }
    }
    // Other words of other libraries, such as `Identity`, are types that programs have of their own.
    entry_names().into_iter().find(|known| known.replace('_', "") == flat)
}

/// Whether a layer or an activation of the table is an argument.
fn holds_layers(entry: &Entry) -> bool {
    let word = |argument: &Argument| match &argument.value {
        syn::Expr::Call(call) => bare(&call.func).map(ToString::to_string),
        value => bare(value).map(ToString::to_string),
    };
    entry.arguments.iter().flatten().filter_map(word).any(|word| entry_names().contains(&word.as_str()))
}

/// `dense(2, 8)` for `linear(2, 8)` and `Linear(2, 8)`: elsewhere, that is what a dense layer is called.
fn linear_with_sizes(entry: &Entry) -> Option<String> {
    let word = entry.path.get_ident().filter(|word| *word == "linear" || *word == "Linear")?;
    let arguments = entry.arguments.as_ref().filter(|arguments| !arguments.is_empty())?;
    let is_size = |argument: &Argument| argument.name.is_none();
    let written = if arguments.iter().all(is_size) { tidy(entry.tokens.clone()) } else { "linear(..)".to_string() };
    Some(written.replacen(&word.to_string(), "dense", 1).replacen("linear", "dense", 1))
}
