//! Layers that have others inside: the struct of these, and what becomes of the shape. What a single layer does is not
//! known here.

use super::check::Checker;
use super::parse::Entry;
use super::plan::{Block, Made};
use super::row::{Around, Layer};
use super::shape::{Comparison, Shape, Size};
use super::text::tidy;
use super::{call_at, crate_path, rng};
use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote};
use std::ops::Add;
use syn::spanned::Spanned;

/// Before, between and behind the two shapes of a message.
type Words = [&'static str; 3];

const RESIDUAL: Words =
    ["`residual` adds its input, ", ", to what its last layer gives, ", ": the two must have one shape"];
const REPEAT: Words =
    ["`repeat` takes ", ", and its last layer gives ", ": the next round takes what the one before gives"];

impl Checker<'_> {
    /// `residual(..)` and its like.
    pub(super) fn around(&mut self, row: &'static Layer, around: Around, entry: &Entry, name: &Ident) -> Option<Made> {
        let found_before = self.errors.len();
        let missing = if around.has_branches() { "needs its branches" } else { "needs the layers inside" };
        if entry.layers.is_empty() && !entry.broken {
            let example = match around {
                Around::Residual => "residual(dense(64, 64, relu), dense(64, 64))",
                Around::Repeat => "repeat(4, dense(64, 64, relu))",
                Around::Sum => "sum([dense(8, 16, relu), dense(16, 4)], dense(8, 4))",
                Around::Concat => "concat(dense(8, 4, relu), dense(8, 4, tanh))",
            };
            let at = if entry.arguments.is_some() { entry.tokens.clone() } else { entry.path.to_token_stream() };
            self.errors.at(at, format!("`{}` {missing}, as in `{example}`", row.name));
        }
        let values = match entry.layers.is_empty() || entry.broken {
            true => self.quietly(row, entry),
            false => self.arguments(row, entry),
        };
        let joined = around.has_branches().then_some(around);
        let before = self.inside(entry, name, joined);
        match around {
            Around::Residual => self.keep(&before, entry, RESIDUAL),
            Around::Repeat => self.keep(&before, entry, REPEAT),
            Around::Sum | Around::Concat => {}
        }
        let (p, rng) = (crate_path(), rng());
        let at = entry.path.span().resolved_at(Span::call_site());
        let of = self.type_of_block(name);
        let (of, build) = match around {
            Around::Sum | Around::Concat => (of, quote!(#name::init(#rng))),
            Around::Residual => {
                let residual = Ident::new("Residual", at);
                (quote!(#p::nn::#residual<#of>), quote!(#p::nn::#residual::new(#name::init(#rng))))
            }
            Around::Repeat => {
                let times = values.size("times").tokens();
                (quote!(::std::vec::Vec<#of>), quote!(#p::repeated(#times, || #name::init(&mut *#rng))))
            }
        };
        let whole = self.errors.len() == found_before && !entry.broken;
        Some(self.block(of, if whole { build } else { TokenStream::new() }))
    }

    /// `[layer, layer]`, one branch.
    pub(super) fn sequence(&mut self, entry: &Entry, name: &Ident) -> Option<Made> {
        if entry.layers.is_empty() && !entry.broken {
            let message = "this branch is empty: a branch that gives its input is written `linear`";
            self.errors.at(&entry.tokens, message);
        }
        self.inside(entry, name, None);
        let (of, rng) = (self.type_of_block(name), rng());
        Some(self.block(of, quote!(#name::init(#rng))))
    }

    /// The struct of the layers inside. The result is the shape before them, with what they tell of it.
    fn inside(&mut self, entry: &Entry, name: &Ident, joined: Option<Around>) -> Shape {
        let outer = (std::mem::replace(&mut self.start, self.shape.clone()), self.is_start);
        self.is_start = true;
        self.depth += 1;
        let fields = self.fields(&entry.layers, name, joined);
        self.depth -= 1;
        let text = tidy(entry.tokens.clone());
        self.blocks.push(Block { name: name.clone(), text, joined, fields });
        let before = std::mem::replace(&mut self.start, outer.0);
        if outer.1 {
            self.start = before.clone();
        }
        // Inside, a layer may have kept the shape: then it is still that of the start, if it was before.
        self.is_start = outer.1 && self.is_start;
        before
    }

    /// A layer of which the output takes the place of its input.
    fn keep(&mut self, before: &Shape, entry: &Entry, words: Words) {
        let ([first, second, third], after) = (words, self.shape.clone());
        let comparison = before.compare(&after, 0);
        match comparison {
            Comparison::Agree => {}
            Comparison::Differ => {
                let (before, after) = (before.show(), after.show());
                self.errors.at(&entry.path, format!("{first}{before}{second}{after}{third}"));
            }
            Comparison::Open => {
                let (before, after) = (before.tokens(), after.tokens());
                let arguments = quote!([#first, #second, #third], #before, #after);
                self.ask(call_at(&entry.path, quote!(unchanged), arguments));
            }
        }
        let shape = self.agreed(before, &after, &comparison);
        self.change_to(shape);
    }

    /// What is known of a shape that is told twice.
    fn agreed(&mut self, one: &Shape, other: &Shape, comparison: &Comparison) -> Shape {
        let (first, second) = (one.tokens(), other.tokens());
        match comparison {
            Comparison::Differ => Shape::broken(),
            // What depends on const parameters is no constant, and would grow from layer to layer.
            Comparison::Open if !self.generics.stand_in(&quote!(#first #second)) => {
                let p = crate_path();
                Shape::of(self.constant("SHAPE", quote!(#p::shape_rule::Shape), quote!(#first.agreed(#second))))
            }
            _ if one.is_unknown() || one.is_broken() || (other.is_exact() && !one.is_exact()) => other.clone(),
            _ => one.clone(),
        }
    }

    fn type_of_block(&self, name: &Ident) -> TokenStream {
        let arguments = self.generics.arguments(&self.generics.numbers);
        quote!(#name #arguments)
    }

    /// The field of the struct that was made last.
    fn block(&self, of: TokenStream, build: TokenStream) -> Made {
        let fields = self.blocks.last().map(|block| &block.fields[..]).unwrap_or_default();
        let customs = fields.iter().flat_map(|field| field.made.customs.iter().cloned()).collect();
        Made { of, generic: true, is_block: true, customs, build }
    }
}

/// Branches, each of which takes the same input.
pub(super) struct Branches {
    joined: Around,
    source: &'static str,
    outputs: Vec<Shape>,
    /// What they all agree in.
    common: Option<Shape>,
    /// How many mistakes there were before the branch.
    found_before: usize,
}

impl Branches {
    pub(super) fn new(joined: Around, checker: &Checker<'_>) -> Branches {
        Branches { joined, source: checker.source, outputs: Vec::new(), common: None, found_before: 0 }
    }

    /// Before a branch.
    pub(super) fn begin(&mut self, checker: &mut Checker<'_>) {
        self.found_before = checker.errors.len();
        checker.shape = checker.start.clone();
        checker.is_start = true;
        checker.source = match self.outputs.len() {
            0 => self.source,
            _ => "the input of every branch has",
        };
    }

    /// Behind a branch.
    pub(super) fn end(&mut self, entry: &Entry, checker: &mut Checker<'_>) {
        let (output, joined) = (checker.shape.clone(), self.joined);
        let layer = if joined == Around::Sum { "sum" } else { "concat" };
        let free = usize::from(joined == Around::Concat);
        let whole = checker.errors.len() == self.found_before;
        if let Some(common) = self.common.clone() {
            // The path of a sequence is not the user's.
            let at = if entry.is_sequence { entry.tokens.clone() } else { entry.path.to_token_stream() };
            let comparison = common.compare(&output, free);
            let first = &self.outputs[0];
            match comparison {
                Comparison::Differ if whole => {
                    let (one, other) = (first.show(), output.show());
                    let why = match joined {
                        Around::Concat => "they are joined along the last axis, and all others must agree",
                        _ => "a sum has terms of one shape",
                    };
                    checker.errors.at(at, format!("the branches of `{layer}` give {one} and {other}: {why}"));
                }
                Comparison::Open if whole => {
                    let (one, other) = (first.tokens(), output.tokens());
                    checker.ask(call_at(at, quote!(branches), quote!(#layer, #free, #one, #other)));
                }
                _ => {}
            }
            if joined == Around::Sum {
                self.common = Some(checker.agreed(&common, &output, &comparison));
            }
        } else {
            self.common = Some(output.clone());
        }
        self.outputs.push(output);
    }

    /// The shape behind all of them.
    pub(super) fn joined(self, checker: &mut Checker<'_>) -> Shape {
        checker.is_start = false;
        checker.source = super::check::LAYER_GIVES;
        let common = self.common.unwrap_or_else(Shape::broken);
        if self.joined == Around::Sum || self.outputs.iter().any(Shape::is_broken) {
            return common;
        }
        let width = self.outputs.iter().map(|shape| shape.axis(0)).reduce(Size::add).unwrap_or(Size::Unknown);
        let known = self.outputs.into_iter().find(|shape| !shape.is_unknown()).unwrap_or(common);
        known.ending(1, [width])
    }
}
