//! Sizes and shapes as the macro sees them: a literal is a number here, an expression the name of a constant in the
//! expansion. What a layer does to a shape is not known here.

use super::crate_path;
use proc_macro2::{Literal, TokenStream};
use quote::{ToTokens, quote};
use std::ops::{Add, Div, Mul, Sub};

/// One size.
#[derive(Clone, Debug)]
pub(crate) enum Size {
    /// A literal and its tokens: compared by the macro.
    Literal(usize, TokenStream),
    /// A constant: compared by rustc.
    Const(TokenStream),
    /// A constant expression that may turn out to be unknown, behind a layer of the user's own.
    Perhaps(TokenStream),
    /// Computed by rustc, which may find that there is none; only on the way through a layer.
    Computed(TokenStream),
    /// There is none: what it would be.
    Impossible(String),
    Unknown,
    /// Its mistake has been reported; nothing that follows from it is.
    Broken,
}

impl Size {
    /// An expression of type `usize`.
    pub(crate) fn tokens(&self) -> TokenStream {
        match self {
            Size::Literal(_, tokens) | Size::Const(tokens) | Size::Perhaps(tokens) | Size::Computed(tokens) => {
                tokens.clone()
            }
            Size::Impossible(_) | Size::Unknown | Size::Broken => {
                let p = crate_path();
                quote!(#p::shape_rule::UNKNOWN)
            }
        }
    }

    fn show(&self) -> String {
        if let Size::Literal(value, _) = self { value.to_string() } else { "?".into() }
    }
}

impl From<usize> for Size {
    fn from(value: usize) -> Size {
        Size::Literal(value, Literal::usize_unsuffixed(value).to_token_stream())
    }
}

/// The arithmetic of sizes: the macro's of literals, rustc's of constants. What is not known absorbs it.
macro_rules! arithmetic {
    ($(
        $Trait:ident $method:ident $checked:ident $function:ident $sign:literal $otherwise:literal $always:literal;
    )*) => { $(
        impl<S: Into<Size>> $Trait<S> for Size {
            type Output = Size;

            fn $method(self, other: S) -> Size {
                use Size::{Broken, Computed, Const, Impossible, Literal, Perhaps, Unknown};
                let other = other.into();
                match (&self, &other) {
                    (Broken, _) | (_, Broken) => Broken,
                    (Impossible(why), _) | (_, Impossible(why)) => Impossible(why.clone()),
                    (Unknown, _) | (_, Unknown) => Unknown,
                    (Literal(a, _), Literal(b, _)) => match a.$checked(*b) {
                        Some(size) => Size::from(size),
                        None => Impossible(format!("{a} {} {b}, which is {}", $sign, $otherwise)),
                    },
                    pair => {
                        let (p, a, b) = (crate_path(), self.tokens(), other.tokens());
                        let value = quote!(#p::shape_rule::$function(#a, #b));
                        match pair {
                            (Computed(_), _) | (_, Computed(_)) => Computed(value),
                            _ if !$always => Computed(value),
                            (Perhaps(_), _) | (_, Perhaps(_)) => Perhaps(value),
                            _ => Const(value),
                        }
                    }
                }
            }
        }
    )* };
}

arithmetic! {
    Add add checked_add add "+" "too large" true;
    Sub sub checked_sub sub "-" "below zero" false;
    Mul mul checked_mul mul "*" "too large" true;
    Div div checked_div div "/" "no number" false;
}

/// The shape behind a layer, without the batch. Axes are counted from the end.
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    last: Vec<Size>,
    rest: Rest,
}

/// What stands before the axes that are listed.
#[derive(Clone, Debug)]
enum Rest {
    Nothing,
    Unknown,
    /// The axes of a constant expression of type `shape_rule::Shape`.
    Const(TokenStream),
    Broken,
}

/// How two shapes compare.
pub(crate) enum Comparison {
    /// They agree, as far as anything is known.
    Agree,
    Differ,
    /// That is left to rustc.
    Open,
}

impl Shape {
    pub(crate) fn unknown() -> Shape {
        Shape { last: Vec::new(), rest: Rest::Unknown }
    }

    /// Behind a mistake: says nothing and causes no further error.
    pub(crate) fn broken() -> Shape {
        Shape { last: Vec::new(), rest: Rest::Broken }
    }

    /// The value of a constant expression of type `shape_rule::Shape`.
    pub(crate) fn of(constant: TokenStream) -> Shape {
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
            (None, Rest::Const(constant)) => {
                let k = Literal::usize_unsuffixed(from_end - self.last.len());
                Size::Perhaps(quote!(#constant.axis(#k)))
            }
            (None, Rest::Nothing | Rest::Unknown) => Size::Unknown,
            (None, Rest::Broken) => Size::Broken,
        }
    }

    /// The shape without its `removed` last axes, and `sizes` in their place.
    pub(crate) fn ending<const N: usize>(&self, removed: usize, sizes: [Size; N]) -> Shape {
        let mut last: Vec<Size> = sizes.into();
        last.reverse();
        last.extend(self.last.iter().skip(removed).cloned());
        let rest = match &self.rest {
            Rest::Const(constant) if removed > self.last.len() => {
                let more = Literal::usize_unsuffixed(removed - self.last.len());
                Rest::Const(quote!(#constant.without(#more)))
            }
            other => other.clone(),
        };
        Shape { last, rest }
    }

    /// All axes as one.
    pub(crate) fn flat(&self) -> Shape {
        match self.rest {
            Rest::Nothing => Shape::exact(vec![self.last.iter().rev().cloned().fold(Size::from(1), Size::mul)]),
            Rest::Unknown => Shape::exact(vec![Size::Unknown]),
            Rest::Broken => Shape::broken(),
            Rest::Const(_) => {
                let shape = self.tokens();
                Shape::of(quote!(#shape.flat()))
            }
        }
    }

    /// The shape in which an axis of which nothing was known has a size.
    pub(crate) fn with_axis(&self, from_end: usize, size: Size) -> Shape {
        let mut shape = self.clone();
        if matches!(self.rest, Rest::Unknown) {
            while shape.last.len() <= from_end {
                shape.last.push(Size::Unknown);
            }
        }
        if let Some(axis @ Size::Unknown) = shape.last.get_mut(from_end) {
            *axis = size;
        }
        shape
    }

    /// What one of its sizes would be, of which there is none.
    pub(crate) fn impossible(&self) -> Option<&str> {
        self.last.iter().find_map(|size| if let Size::Impossible(why) = size { Some(why.as_str()) } else { None })
    }

    /// The sizes that rustc computes, of which there may be none; and the shape in which these are then not known.
    pub(crate) fn settled(mut self) -> (Vec<TokenStream>, Shape) {
        let mut computed = Vec::new();
        for size in &mut self.last {
            if let Size::Computed(tokens) = size {
                let p = crate_path();
                computed.push(tokens.clone());
                *size = Size::Perhaps(quote!(#p::shape_rule::or_unknown(#tokens)));
            }
        }
        (computed, self)
    }

    /// Whether nothing at all is known of it.
    pub(crate) fn is_unknown(&self) -> bool {
        self.last.is_empty() && matches!(self.rest, Rest::Unknown)
    }

    /// Whether the number of its axes is known.
    pub(crate) fn is_exact(&self) -> bool {
        matches!(self.rest, Rest::Nothing)
    }

    pub(crate) fn is_broken(&self) -> bool {
        matches!(self.rest, Rest::Broken) || self.last.iter().any(|size| matches!(size, Size::Broken))
    }

    /// Whether it has fewer axes than that; `None` when only rustc can tell.
    pub(crate) fn has_fewer_axes_than(&self, axes: usize) -> Option<bool> {
        match self.rest {
            Rest::Nothing => Some(self.last.len() < axes),
            Rest::Const(_) if self.last.len() < axes => None,
            _ => Some(false),
        }
    }

    /// Compares two shapes but for their `free` last axes.
    pub(crate) fn compare(&self, other: &Shape, free: usize) -> Comparison {
        if self.is_broken() || other.is_broken() {
            return Comparison::Agree;
        }
        let mut open = matches!(self.rest, Rest::Const(_)) || matches!(other.rest, Rest::Const(_));
        for axis in free..self.last.len().max(other.last.len()) {
            match (self.axis(axis), other.axis(axis)) {
                (Size::Literal(a, _), Size::Literal(b, _)) if a != b => return Comparison::Differ,
                (Size::Literal(..), Size::Literal(..)) | (Size::Unknown, _) | (_, Size::Unknown) => {}
                _ => open = true,
            }
        }
        let shorter = |a: &Shape, b: &Shape| matches!(a.rest, Rest::Nothing) && a.last.len() < b.last.len();
        match open {
            _ if shorter(self, other) || shorter(other, self) => Comparison::Differ,
            true => Comparison::Open,
            false => Comparison::Agree,
        }
    }

    /// A constant expression of type `shape_rule::Shape`.
    pub(crate) fn tokens(&self) -> TokenStream {
        let p = crate_path();
        let sizes: Vec<_> = self.last.iter().rev().map(Size::tokens).collect();
        match &self.rest {
            Rest::Nothing => quote!(#p::shape_rule::Shape::exact(&[#(#sizes),*])),
            Rest::Const(constant) if sizes.is_empty() => constant.clone(),
            Rest::Const(constant) => quote!(#constant.followed_by(&[#(#sizes),*])),
            Rest::Unknown | Rest::Broken => quote!(#p::shape_rule::Shape::UNKNOWN.ending(&[#(#sizes),*])),
        }
    }

    /// `[28, 64]`, for a message.
    pub(crate) fn show(&self) -> String {
        format!("[{}]", self.last.iter().rev().map(Size::show).collect::<Vec<_>>().join(", "))
    }

    /// An expression of the text for a summary: a string literal where every size is one.
    pub(crate) fn text(&self) -> TokenStream {
        let all_literal = self.last.iter().all(|size| matches!(size, Size::Literal(..)));
        if all_literal && !self.last.is_empty() && !matches!(self.rest, Rest::Const(_)) {
            self.show().to_token_stream()
        } else {
            let shape = self.tokens();
            quote!(::std::string::ToString::to_string(&#shape))
        }
    }
}
