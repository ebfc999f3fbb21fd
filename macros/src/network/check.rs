//! From entries to a plan: which structs and fields there are, and how the shape goes through them. Mistakes are
//! collected, and what follows from one is not reported. How the plan is written as Rust is not known here.

use super::blocks::Branches;
use super::call_at;
use super::generics::Generics;
use super::parse::Entry;
use super::plan::{Block, Field, Plan};
use super::row::Around;
use super::shape::{Shape, Size};
use super::text::tidy;
use crate::errors::Errors;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};
use std::collections::HashMap;
use syn::Expr;
use syn::spanned::Spanned;

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
pub(super) const INPUT_GIVES: &str = "the input before it gives";

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
            self.checks.push(quote_spanned!(at=> const { #call }));
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
        let mut branches = joined.map(|joined| Branches::new(joined, self));
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
    pub(super) fn learn(&mut self, shape: Shape) {
        self.shape = shape;
        if self.is_start {
            self.start = self.shape.clone();
        }
    }

    /// The shape is another one from here.
    pub(super) fn change_to(&mut self, shape: Shape) {
        self.shape = shape;
        self.is_start = false;
        self.source = LAYER_GIVES;
    }
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
