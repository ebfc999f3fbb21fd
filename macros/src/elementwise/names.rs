//! The names in a formula: what they mean, and where that ends. What they are given is read in [`check`](super::check).

use super::check::{Number, Reader};
use super::functions::Function;
use super::graph::Node;
use crate::errors::nearest;
use proc_macro2::{Ident, TokenStream};
use quote::ToTokens;
use syn::{ExprPath, Pat};

/// What a name means; `None` after a mistake.
pub(super) struct Name {
    pub(super) word: Ident,
    pub(super) number: Option<Number>,
    pub(super) used: bool,
}

impl Reader<'_> {
    /// The names of a block end with it.
    pub(super) fn forget(&mut self, first: usize) {
        let unused = self.names.drain(first..).filter(|name| !name.used && !name.word.to_string().starts_with('_'));
        self.unused.extend(unused.map(|name| name.word));
    }

    /// Names in a pattern that is not understood: using them is no further mistake.
    pub(super) fn broken_names(&mut self, pattern: &Pat) {
        match pattern {
            Pat::Ident(name) => self.names.push(Name { word: name.ident.clone(), number: None, used: true }),
            Pat::Tuple(tuple) => tuple.elems.iter().for_each(|pattern| self.broken_names(pattern)),
            Pat::TupleStruct(tuple) => tuple.elems.iter().for_each(|pattern| self.broken_names(pattern)),
            Pat::Slice(slice) => slice.elems.iter().for_each(|pattern| self.broken_names(pattern)),
            Pat::Reference(reference) => self.broken_names(&reference.pat),
            Pat::Paren(paren) => self.broken_names(&paren.pat),
            _ => {}
        }
    }

    /// The last meaning of a name; of those of its word, the last of its own origin.
    pub(crate) fn lookup(&mut self, name: &Ident) -> Option<Option<Number>> {
        let last = |is_meant: &dyn Fn(&Name) -> bool| self.names.iter().rposition(is_meant);
        let place = last(&|known| known.word == *name && origin(&known.word) == origin(name));
        let place = place.or_else(|| last(&|known| known.word == *name))?;
        let found = &mut self.names[place];
        found.used = true;
        Some(found.number)
    }

    pub(super) fn is_known(&mut self, path: &ExprPath) -> bool {
        path.path.get_ident().is_some_and(|name| self.lookup(name).is_some())
    }

    pub(super) fn constant(&mut self, value: TokenStream) -> Number {
        let number = self.graph.constant_named(value.to_string(), value, false);
        Number::new(self.graph.leaf(Node::Const(number)))
    }

    /// An argument, what a `let` has named, or a const.
    pub(super) fn name(&mut self, path: &ExprPath) -> Option<Number> {
        let Some(name) = path.path.get_ident().filter(|_| path.qself.is_none()) else {
            return self.constant_path(path);
        };
        if let Some(number) = self.lookup(name) {
            return number;
        }
        let text = name.to_string();
        if !text.chars().any(char::is_lowercase) {
            return Some(self.constant(path.to_token_stream()));
        }
        if Function::find(&text).is_some() {
            return self.mistake(name, format!("`{text}` is a function: write `{text}(x)`"));
        }
        let mut known: Vec<String> = Vec::new();
        self.names.iter().map(|name| name.word.to_string()).for_each(|name| {
            if !known.contains(&name) {
                known.push(name)
            }
        });
        // A single letter is one slip away from every other.
        let meant = nearest(&text, known.iter().map(String::as_str)).filter(|_| text.chars().count() > 1);
        let hint = match meant {
            Some(meant) => format!("did you mean `{meant}`?"),
            None => {
                let list = known.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
                format!("there are {list}; a const is written in capitals")
            }
        };
        self.mistake(name, format!("`{text}` is neither an argument nor a `let` of the formula; {hint}"))
    }

    /// `std::f64::consts::PI`
    fn constant_path(&mut self, path: &ExprPath) -> Option<Number> {
        let segment = |name: &str| path.path.segments.iter().any(|segment| segment.ident == name);
        let first = path.path.segments.first().map(|segment| segment.ident.to_string());
        if first.as_ref() == Some(&self.generic) || first.as_deref() == Some("Self") {
            let generic = first.unwrap_or_default();
            let message = format!("`{generic}` has no constants here: write a literal, or a const of type `f64`");
            return self.mistake(path, message);
        }
        if segment("f32") {
            return self
                .mistake(path, "a constant of a formula is an `f64`, whatever the numbers are: write `f64` for `f32`");
        }
        Some(self.constant(path.to_token_stream()))
    }
}

/// Which expansion a word comes from. What a macro of rules declares is another name than one that it was given, also
/// where both have the same word; a procedural macro can see this only in how spans are printed.
fn origin(word: &Ident) -> Option<String> {
    let printed = format!("{:?}", word.span());
    printed.split_whitespace().next().filter(|first| first.starts_with('#')).map(String::from)
}
