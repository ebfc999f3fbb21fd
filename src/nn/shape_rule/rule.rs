//! [`Rule`], how a layer changes a shape, as data in a constant of its type.

use super::{Arguments, Dim, MAX_RANK, Shape, UNKNOWN, differ, or_unknown, possible, text::Text, width};

/// How a layer changes the last axes of a shape: `shape [n] -> [n * 2]` in a `layer!`.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// The last axes that the layer expects.
    pub input: &'static [Dim],
    /// What it puts in their place.
    pub output: &'static [Dim],
    /// False for a layer that does not say.
    pub known: bool,
}

impl Rule {
    /// A layer that says nothing: it takes every shape, and what it gives is unknown.
    pub const NONE: Rule = Rule { input: &[], output: &[], known: false };

    /// `shape input -> output`
    pub const fn new(input: &'static [Dim], output: &'static [Dim]) -> Rule {
        Rule { input, output, known: true }
    }

    /// The shape behind the layer; nothing is known of it where the one before does not fit.
    pub const fn after(&self, arguments: Arguments<'_>, before: Shape) -> Shape {
        if !self.known || !self.fits(arguments, &before) {
            return Shape::UNKNOWN;
        }
        let mut sizes = [UNKNOWN; MAX_RANK];
        let mut i = 0;
        while i < self.output.len() && i < MAX_RANK {
            sizes[i] = self.output[i].size(arguments, &before);
            i += 1;
        }
        before.replaced(self.input.len(), sizes.split_at(i).0)
    }

    /// What the layer tells of the shape before it.
    pub const fn expects(&self, arguments: Arguments<'_>) -> Shape {
        let mut sizes = [UNKNOWN; MAX_RANK];
        let mut i = 0;
        while i < self.input.len() && i < MAX_RANK {
            sizes[i] = or_unknown(self.input[i].size(arguments, &Shape::UNKNOWN));
            i += 1;
        }
        Shape::UNKNOWN.ending(sizes.split_at(i).0)
    }

    /// Whether the shape before is, as far as it is known, what the layer expects.
    const fn fits(&self, arguments: Arguments<'_>, before: &Shape) -> bool {
        let mut i = 0;
        let mut fits = !before.exact || self.input.len() <= before.known;
        while i < self.input.len() {
            let expects = self.input[self.input.len() - 1 - i].size(arguments, before);
            fits = fits && differ(expects, before.axis(i)).is_none();
            i += 1;
        }
        fits
    }

    /// Panics (at compile time, where it is called) when the shape before does not fit, or there is none behind.
    #[track_caller]
    pub const fn check(&self, layer: &str, arguments: Arguments<'_>, before: Shape, source: &str) {
        let has_axis = !before.exact || before.known > 0;
        if self.input.len() == 1 && has_axis {
            width(layer, self.input[0].size(arguments, &before), before.axis(0), source);
        }
        if !self.fits(arguments, &before) {
            let mut text = Text::new().put(layer).put(" expects [");
            let mut i = 0;
            while i < self.input.len() {
                text = if i > 0 { text.put(", ") } else { text };
                text = text.size(self.input[i].size(arguments, &before));
                i += 1;
            }
            text.put("], but ").put(source).put(" ").shape(before).panic();
        }
        let mut i = 0;
        while i < self.input.len() + self.output.len() {
            let dim = if i < self.input.len() { &self.input[i] } else { &self.output[i - self.input.len()] };
            possible(layer, dim.size(arguments, &before), before);
            i += 1;
        }
    }
}

/// The rule of a layer that has none. An inherent constant `SHAPE_RULE` wins over this one.
pub trait NoShapeRule {
    /// Nothing is known.
    const SHAPE_RULE: Rule = Rule::NONE;
}

impl<L: ?Sized> NoShapeRule for L {}
