//! [`Dim`], a size as a formula, and the [`Arguments`] it is evaluated for.

use super::{Shape, UNKNOWN, add, div, mul, or_unknown, sub};

/// A size as a formula over the arguments of a layer and the axes before it: data, so that it can stand in a constant.
#[derive(Clone, Copy, Debug)]
pub enum Dim {
    /// Not known; fits everything.
    Any,
    /// The size of an axis before the layer, counted from the end.
    Axis(usize),
    /// An argument of the layer, counted from 0.
    Argument(usize),
    /// An argument of the layer that is given by name, with what it is where it is not given.
    Named(&'static str, &'static Dim),
    /// A number.
    Size(usize),
    /// A sum.
    Add(&'static Dim, &'static Dim),
    /// A difference; there is none below zero.
    Sub(&'static Dim, &'static Dim),
    /// A product.
    Mul(&'static Dim, &'static Dim),
    /// A quotient, rounded down; there is none by zero.
    Div(&'static Dim, &'static Dim),
}

/// What a layer was given where it is used; [`UNKNOWN`] for what is no size.
#[derive(Clone, Copy, Debug)]
pub struct Arguments<'a> {
    /// Those without a name.
    pub by_place: &'a [usize],
    /// Those with a name.
    pub by_name: &'a [(&'a str, usize)],
}

impl Dim {
    /// The size for these arguments and this shape before the layer; [`IMPOSSIBLE`](super::IMPOSSIBLE) where there is
    /// none.
    pub const fn size(&self, arguments: Arguments<'_>, before: &Shape) -> usize {
        match self {
            Dim::Any => UNKNOWN,
            // What is impossible there has been reported.
            Dim::Axis(from_end) => or_unknown(before.axis(*from_end)),
            Dim::Argument(i) => {
                if *i < arguments.by_place.len() {
                    arguments.by_place[*i]
                } else {
                    UNKNOWN
                }
            }
            Dim::Named(name, otherwise) => {
                let mut i = 0;
                while i < arguments.by_name.len() {
                    if equal(arguments.by_name[i].0, name) {
                        return arguments.by_name[i].1;
                    }
                    i += 1;
                }
                otherwise.size(arguments, before)
            }
            Dim::Size(size) => *size,
            Dim::Add(a, b) => add(a.size(arguments, before), b.size(arguments, before)),
            Dim::Sub(a, b) => sub(a.size(arguments, before), b.size(arguments, before)),
            Dim::Mul(a, b) => mul(a.size(arguments, before), b.size(arguments, before)),
            Dim::Div(a, b) => div(a.size(arguments, before), b.size(arguments, before)),
        }
    }
}

/// `==` of two names, which is no constant function yet.
const fn equal(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    let mut i = 0;
    while i < a.len() && i < b.len() && a[i] == b[i] {
        i += 1;
    }
    i == a.len() && i == b.len()
}
