//! What a row of the table of layers is made of. Which rows there are is not known here.

use super::shape::{Shape, Size};
use proc_macro2::{Ident, Span, TokenStream};

/// One row of the table: what a layer is called, which arguments it takes, what it does to the shape and how it is
/// built.
pub(crate) struct Layer {
    pub(crate) name: &'static str,
    /// Arguments by place; each may be given by name as well.
    pub(crate) positional: &'static [Parameter],
    /// Arguments that are only given by name.
    pub(crate) named: &'static [Parameter],
    /// The last axes that there must be before the layer, in words for a message.
    pub(crate) axes: &'static [&'static str],
    pub(crate) effect: Effect,
    /// The field of the generated struct; `None` for an entry that makes none.
    pub(crate) field: Option<Field>,
}

/// What a layer does to the shape.
pub(crate) enum Effect {
    /// It stays.
    Keeps,
    /// The shape behind the layer, from its arguments and the shape before it; or why there is none.
    Gives(fn(&Values, &Shape) -> Result<Shape, String>),
    /// That depends on the layers inside.
    Around(Around),
}

/// A layer that has others inside.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Around {
    /// One after the other, and their input is added to what they give.
    Residual,
    /// One after the other, over and over.
    Repeat,
    /// Beside each other, and added.
    Sum,
    /// Beside each other, and joined along the last axis.
    Concat,
}

/// How the field of a layer is declared and filled.
pub(crate) struct Field {
    /// The type in `gradtape::nn`, and whether it has the number type as parameter.
    pub(crate) of: &'static str,
    pub(crate) generic: bool,
    /// What makes it, from the arguments and the name of the generator of random numbers; it stands behind the type.
    pub(crate) build: fn(&Values, &Ident) -> TokenStream,
}

/// One parameter of a layer.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) takes: Takes,
    pub(crate) optional: bool,
    /// The axis (counted from the end) of the shape before the layer that it must be equal to.
    pub(crate) axis: Option<usize>,
    /// The size that it is where it is left out.
    pub(crate) default: Option<usize>,
}

/// What a parameter takes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// A size: any constant expression of type `usize`.
    Size,
    /// All the positional arguments that are left, at least one.
    Sizes,
    /// How often: any constant expression of type `usize`.
    Count,
    /// A probability of dropping, in [0, 1): any constant expression of type `f64`.
    Fraction,
    Activation,
    /// `true` or `false`.
    Flag,
    /// A function of `nn::init`, or the path of one.
    Initializer,
}

impl Parameter {
    pub(crate) const fn new(name: &'static str, takes: Takes) -> Parameter {
        Parameter { name, takes, optional: false, axis: None, default: None }
    }

    pub(crate) const fn optional(mut self) -> Parameter {
        self.optional = true;
        self
    }

    /// It agrees with that axis of the shape before the layer, and may be left out where the axis is known.
    pub(crate) const fn equal_to_axis(mut self, from_end: usize) -> Parameter {
        self.axis = Some(from_end);
        self
    }

    /// A size that may be left out, and what it is then.
    #[allow(dead_code, reason = "the layers of today have no such size")]
    pub(crate) const fn or(mut self, size: usize) -> Parameter {
        (self.optional, self.default) = (true, Some(size));
        self
    }

    /// Of type `usize`.
    pub(crate) fn is_whole(&self) -> bool {
        matches!(self.takes, Takes::Size | Takes::Sizes | Takes::Count)
    }
}

impl Around {
    /// Whether the layers inside stand beside each other.
    pub(crate) fn has_branches(self) -> bool {
        matches!(self, Around::Sum | Around::Concat)
    }
}

impl Layer {
    /// `dense(inputs, outputs, activation)`
    pub(crate) fn usage(&self) -> String {
        let mut words: Vec<&str> = self.positional.iter().map(|parameter| parameter.name).collect();
        match self.around() {
            None => {}
            Some(around) if around.has_branches() => words.extend(["branch", "branch"]),
            Some(_) => words.extend(["layer", "layer"]),
        }
        if words.is_empty() { self.name.to_string() } else { format!("{}({})", self.name, words.join(", ")) }
    }

    /// What it does with the layers inside.
    pub(crate) fn around(&self) -> Option<Around> {
        if let Effect::Around(around) = self.effect { Some(around) } else { None }
    }
}

/// The arguments of one entry, checked, by the names of their parameters.
#[derive(Default)]
pub(crate) struct Values {
    values: Vec<(&'static str, Value)>,
    /// Where the names stand of those that were given by name.
    names: Vec<(&'static str, Span)>,
}

/// A checked argument.
pub(crate) enum Value {
    Sizes(Vec<Size>),
    Tokens(TokenStream),
    Flag(bool),
}

impl Values {
    pub(crate) fn set(&mut self, name: &'static str, value: Value) {
        self.values.push((name, value));
    }

    pub(crate) fn named_at(&mut self, name: &'static str, span: Span) {
        self.names.push((name, span));
    }

    /// The method that an argument stands for, where its name was written: what an editor shows of the one, it shows of
    /// the other.
    pub(crate) fn method(&self, name: &str, method: &str) -> Ident {
        let at = self.names.iter().find(|(known, _)| *known == name).map_or_else(Span::call_site, |(_, span)| *span);
        Ident::new(method, at.resolved_at(Span::call_site()))
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }

    /// Broken where the argument was.
    pub(crate) fn size(&self, name: &str) -> Size {
        self.sizes(name).pop().unwrap_or(Size::Broken)
    }

    pub(crate) fn sizes(&self, name: &str) -> Vec<Size> {
        if let Some(Value::Sizes(sizes)) = self.get(name) { sizes.clone() } else { Vec::new() }
    }

    pub(crate) fn tokens(&self, name: &str) -> Option<TokenStream> {
        if let Some(Value::Tokens(tokens)) = self.get(name) { Some(tokens.clone()) } else { None }
    }

    pub(crate) fn flag(&self, name: &str) -> Option<bool> {
        if let Some(Value::Flag(flag)) = self.get(name) { Some(*flag) } else { None }
    }
}
