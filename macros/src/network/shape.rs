//! Sizes and shapes as the macro sees them: a literal is a number here, an expression the name of a constant in the
//! expansion. What a layer does to a shape is not known here.

use super::crate_path;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// One size.
#[derive(Clone)]
pub(crate) enum Size {
    /// A literal and its tokens: compared by the macro.
    Literal(usize, TokenStream),
    /// The name of a constant: compared by rustc.
    Const(TokenStream),
    /// A constant expression that may turn out to be unknown, behind a layer of the user's own.
    Perhaps(TokenStream),
    Unknown,
    /// Its mistake has been reported; nothing that follows from it is.
    Broken,
}

impl Size {
    /// An expression of type `usize`.
    pub(crate) fn tokens(&self) -> TokenStream {
        match self {
            Size::Literal(_, tokens) | Size::Const(tokens) | Size::Perhaps(tokens) => tokens.clone(),
            Size::Unknown | Size::Broken => {
                let p = crate_path();
                quote!(#p::shape_rule::UNKNOWN)
            }
        }
    }
}

/// The shape behind a layer, without the batch. Axes are counted from the end.
#[derive(Clone)]
pub(crate) struct Shape {
    last: Vec<Size>,
    rest: Rest,
}

/// What stands before the axes that are listed.
#[derive(Clone)]
enum Rest {
    Nothing,
    Unknown,
    /// The same axes of a constant of type `shape_rule::Shape`.
    Const(Ident),
    Broken,
}

impl Shape {
    pub(crate) fn unknown() -> Shape {
        Shape { last: Vec::new(), rest: Rest::Unknown }
    }

    /// Behind a mistake: says nothing and causes no further error.
    pub(crate) fn broken() -> Shape {
        Shape { last: Vec::new(), rest: Rest::Broken }
    }

    /// The value of a constant of type `shape_rule::Shape`.
    pub(crate) fn named(constant: Ident) -> Shape {
        Shape { last: Vec::new(), rest: Rest::Const(constant) }
    }

    /// These sizes, first axis first, and no others.
    pub(crate) fn exact(mut sizes: Vec<Size>) -> Shape {
        sizes.reverse();
        Shape { last: sizes, rest: Rest::Nothing }
    }

    pub(crate) fn axis(&self, from_end: usize) -> Size {
        match (self.last.get(from_end), &self.rest) {
            (Some(size), _) => size.clone(),
            (None, Rest::Const(constant)) => Size::Perhaps(quote!(#constant.axis(#from_end))),
            (None, Rest::Nothing | Rest::Unknown) => Size::Unknown,
            (None, Rest::Broken) => Size::Broken,
        }
    }

    pub(crate) fn with_axis(&self, from_end: usize, size: Size) -> Shape {
        let mut shape = self.clone();
        for k in shape.last.len()..=from_end {
            shape.last.push(self.axis(k));
        }
        shape.last[from_end] = size;
        shape
    }

    /// A constant expression of type `shape_rule::Shape`.
    pub(crate) fn tokens(&self) -> TokenStream {
        let p = crate_path();
        let sizes = self.last.iter().rev().map(Size::tokens);
        match &self.rest {
            Rest::Nothing => quote!(#p::shape_rule::Shape::exact(&[#(#sizes),*])),
            Rest::Const(constant) => quote!(#constant.ending(&[#(#sizes),*])),
            Rest::Unknown | Rest::Broken => quote!(#p::shape_rule::Shape::UNKNOWN.ending(&[#(#sizes),*])),
        }
    }

    /// An expression of the text for a summary: a string literal where every size is one.
    pub(crate) fn text(&self) -> TokenStream {
        let literals: Option<Vec<String>> = self
            .last
            .iter()
            .rev()
            .map(|size| if let Size::Literal(value, _) = size { Some(value.to_string()) } else { None })
            .collect();
        match literals {
            Some(sizes) if !sizes.is_empty() => {
                let text = format!("[{}]", sizes.join(", "));
                quote!(#text)
            }
            _ => {
                let shape = self.tokens();
                quote!(::std::string::ToString::to_string(&#shape))
            }
        }
    }
}
