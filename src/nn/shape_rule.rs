//! Shapes at compile time: what `network!` and `layer!` emit so that rustc compares each layer with the one before it.
//! Names no layer, no tensor and no tape; at run time only the text of a shape is asked for.
//!
//! Axes are counted from the end, because what stands before the features (batch, time) is open: axis 0 is the last.
//! A check is a `const` item without generic parameters, so that `cargo check` sees it, and its function is
//! `#[track_caller]`, so that the error stands at the user's token alone.

/// A size of which nothing is known. It absorbs arithmetic and fits everything.
pub const UNKNOWN: usize = usize::MAX;

/// The longest shape that is followed; axes before that are unknown.
pub const MAX_RANK: usize = 8;

/// The shape behind a layer, without the batch: its last axes, and whether there may be others before them.
///
/// ```
/// use gradtape::__private::shape_rule::{Shape, UNKNOWN};
/// let image = Shape::exact(&[3, 28, 28]);
/// assert_eq!((image.axis(2), image.axis(3)), (3, UNKNOWN));
/// assert_eq!(image.ending(&[64]).to_string(), "[3, 28, 64]");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shape {
    axes: [usize; MAX_RANK],
    known: usize,
    exact: bool,
}

impl Shape {
    /// Nothing is known.
    pub const UNKNOWN: Shape = Shape { axes: [UNKNOWN; MAX_RANK], known: 0, exact: false };

    /// These axes and no others (up to [`MAX_RANK`]).
    pub const fn exact(sizes: &[usize]) -> Shape {
        let mut shape = Shape::UNKNOWN.ending(sizes);
        shape.exact = sizes.len() <= MAX_RANK;
        shape
    }

    /// The same shape with its last axes replaced.
    pub const fn ending(self, sizes: &[usize]) -> Shape {
        self.replaced(sizes.len(), sizes)
    }

    /// The size of an axis, counted from the end; [`UNKNOWN`] where it is not known or not there.
    pub const fn axis(&self, from_end: usize) -> usize {
        if from_end < self.known { self.axes[from_end] } else { UNKNOWN }
    }

    /// Takes the last `removed` axes away and puts `sizes` in their place.
    const fn replaced(self, removed: usize, sizes: &[usize]) -> Shape {
        let mut shape = Shape { axes: [UNKNOWN; MAX_RANK], known: 0, exact: self.exact };
        let mut i = 0;
        while i < sizes.len() && i < MAX_RANK {
            shape.axes[i] = sizes[sizes.len() - 1 - i];
            i += 1;
        }
        let mut k = removed;
        while k < self.known && i < MAX_RANK {
            shape.axes[i] = self.axes[k];
            (i, k) = (i + 1, k + 1);
        }
        shape.known = i;
        shape
    }
}

/// `[28, 64]`, with `?` for an axis that is not known; `?` when none is.
impl core::fmt::Display for Shape {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        if (0..self.known).all(|i| self.axes[i] == UNKNOWN) {
            return f.write_str("?");
        }
        for i in (0..self.known).rev() {
            f.write_str(if i + 1 == self.known { "[" } else { ", " })?;
            match self.axes[i] {
                UNKNOWN => f.write_str("?")?,
                size => write!(f, "{size}")?,
            }
        }
        f.write_str("]")
    }
}

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
    /// A difference; below zero it is not known.
    Sub(&'static Dim, &'static Dim),
    /// A product.
    Mul(&'static Dim, &'static Dim),
    /// A quotient, rounded down; by zero it is not known.
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

/// `f(a, b)`, unknown when either is or when there is no such number.
macro_rules! arithmetic {
    ($a:expr, $b:expr, $f:path) => {
        match ($a, $b) {
            (UNKNOWN, _) | (_, UNKNOWN) => UNKNOWN,
            (a, b) => match $f(a, b) {
                Some(size) => size,
                None => UNKNOWN,
            },
        }
    };
}

impl Dim {
    /// The size for these arguments and this shape before the layer.
    pub const fn size(&self, arguments: Arguments<'_>, before: &Shape) -> usize {
        match self {
            Dim::Any => UNKNOWN,
            Dim::Axis(from_end) => before.axis(*from_end),
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
            Dim::Add(a, b) => arithmetic!(a.size(arguments, before), b.size(arguments, before), usize::checked_add),
            Dim::Sub(a, b) => arithmetic!(a.size(arguments, before), b.size(arguments, before), usize::checked_sub),
            Dim::Mul(a, b) => arithmetic!(a.size(arguments, before), b.size(arguments, before), usize::checked_mul),
            Dim::Div(a, b) => arithmetic!(a.size(arguments, before), b.size(arguments, before), usize::checked_div),
        }
    }
}

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

    /// The shape behind the layer.
    pub const fn after(&self, arguments: Arguments<'_>, before: Shape) -> Shape {
        if !self.known {
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

    /// Panics (at compile time, where it is called) when the shape before does not fit.
    #[track_caller]
    pub const fn check(&self, layer: &str, arguments: Arguments<'_>, before: Shape, source: &str) {
        if self.input.len() == 1 {
            width(layer, self.input[0].size(arguments, &before), before.axis(0), source);
            return;
        }
        let mut i = 0;
        let mut fits = !before.exact || self.input.len() <= before.known;
        while i < self.input.len() {
            let expects = self.input[self.input.len() - 1 - i].size(arguments, &before);
            fits = fits && (differ(expects, before.axis(i)).is_none());
            i += 1;
        }
        if !fits {
            let mut text = Text::new().put(layer).put(" expects [");
            let mut i = 0;
            while i < self.input.len() {
                text = if i > 0 { text.put(", ") } else { text };
                text = text.size(self.input[i].size(arguments, &before));
                i += 1;
            }
            text = text.put("], but ").put(source).put(" [");
            let mut i = before.known;
            while i > 0 {
                i -= 1;
                text = text.size(before.axis(i));
                text = if i > 0 { text.put(", ") } else { text };
            }
            text.put("]").panic();
        }
    }
}

/// The rule of a layer that has none. An inherent constant `SHAPE_RULE` wins over this one.
pub trait NoShapeRule {
    /// Nothing is known.
    const SHAPE_RULE: Rule = Rule::NONE;
}

impl<L: ?Sized> NoShapeRule for L {}

/// `dense expects 100 inputs, but the layer before it gives 128`
#[track_caller]
pub const fn width(layer: &str, expects: usize, gives: usize, source: &str) {
    if let Some((expects, gives)) = differ(expects, gives) {
        let text = Text::new().put(layer).put(" expects ").size(expects);
        text.put(if expects == 1 { " input" } else { " inputs" })
            .put(", but ")
            .put(source)
            .put(" ")
            .size(gives)
            .panic();
    }
}

/// A size that was left out and is taken from the layer before: it must be known there.
#[track_caller]
pub const fn inferred(size: usize, message: &str) {
    if size == UNKNOWN {
        Text::new().put(message).panic();
    }
}

/// A probability of dropping: from 0 up to, not including, 1.
#[track_caller]
pub const fn fraction(layer: &str, p: f64) {
    if !(p >= 0.0 && p < 1.0) {
        Text::new().put(layer).put(" takes a probability from 0.0 up to, not including, 1.0").panic();
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

const fn differ(expects: usize, gives: usize) -> Option<(usize, usize)> {
    if expects == UNKNOWN || gives == UNKNOWN || expects == gives { None } else { Some((expects, gives)) }
}

/// A message built at compile time, where `format!` does not exist. What does not fit is left out.
#[derive(Clone, Copy)]
struct Text {
    bytes: [u8; 240],
    len: usize,
}

impl Text {
    const fn new() -> Text {
        Text { bytes: [0; 240], len: 0 }
    }

    const fn put(mut self, text: &str) -> Text {
        let text = text.as_bytes();
        let mut i = 0;
        while i < text.len() && self.len < self.bytes.len() {
            self.bytes[self.len] = text[i];
            (self.len, i) = (self.len + 1, i + 1);
        }
        self
    }

    const fn size(self, size: usize) -> Text {
        if size == UNKNOWN {
            return self.put("?");
        }
        let (rest, digit) = (size / 10, size % 10);
        let before = if rest > 0 { self.size(rest) } else { self };
        before.put("0123456789".split_at(digit).1.split_at(1).0)
    }

    #[track_caller]
    const fn panic(self) -> ! {
        match core::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => panic!("{}", text),
            Err(_) => panic!("the shapes of two layers differ"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NONE: Arguments<'_> = by_place(&[]);

    const fn by_place(sizes: &[usize]) -> Arguments<'_> {
        Arguments { by_place: sizes, by_name: &[] }
    }

    const N: Dim = Dim::Argument(0);
    const DOUBLE: Rule = Rule::new(&[N], &[Dim::Mul(&N, &Dim::Size(2))]);

    #[test]
    fn a_rule_replaces_the_last_axes_and_keeps_the_others() {
        assert_eq!(DOUBLE.after(by_place(&[64]), Shape::exact(&[10, 64])), Shape::exact(&[10, 128]));
        let pooled = Rule::new(&[Dim::Any, Dim::Any], &[Dim::Div(&Dim::Axis(1), &Dim::Size(2))]);
        assert_eq!(pooled.after(NONE, Shape::exact(&[3, 9, 5])), Shape::exact(&[3, 4]));
        assert_eq!(DOUBLE.after(by_place(&[UNKNOWN]), Shape::exact(&[64])), Shape::exact(&[UNKNOWN]));
        assert_eq!(Rule::NONE.after(by_place(&[64]), Shape::exact(&[64])), Shape::UNKNOWN);
    }

    #[test]
    fn an_argument_with_a_name_is_what_it_is_given_or_else_its_default() {
        const KERNEL: Dim = Dim::Named("kernel", &Dim::Add(&N, &Dim::Size(1)));
        let before = Shape::UNKNOWN;
        let size = |by_name| KERNEL.size(Arguments { by_place: &[4], by_name }, &before);
        assert_eq!(size(&[]), 5);
        assert_eq!(size(&[("kern", 8), ("kernels", 8), ("kernel", 7)]), 7);
        assert_eq!(size(&[("kernel", UNKNOWN)]), UNKNOWN);
    }

    #[test]
    fn the_unknown_absorbs_arithmetic() {
        let before = Shape::UNKNOWN;
        const ONE: Dim = Dim::Size(1);
        for dim in [
            Dim::Add(&Dim::Any, &ONE),
            Dim::Mul(&ONE, &Dim::Any),
            Dim::Sub(&Dim::Size(0), &ONE),
            Dim::Div(&ONE, &Dim::Size(0)),
        ] {
            assert_eq!(dim.size(NONE, &before), UNKNOWN, "{dim:?}");
        }
        assert_eq!(Dim::Add(&Dim::Size(usize::MAX - 1), &Dim::Size(5)).size(NONE, &before), UNKNOWN);
    }

    #[test]
    fn a_shape_shows_what_is_known_of_it() {
        assert_eq!(Shape::UNKNOWN.to_string(), "?");
        assert_eq!(Shape::UNKNOWN.ending(&[128]).to_string(), "[128]");
        assert_eq!(Shape::exact(&[16, UNKNOWN, UNKNOWN]).to_string(), "[16, ?, ?]");
        assert_eq!(Shape::UNKNOWN.ending(&[UNKNOWN]).to_string(), "?");
    }

    #[test]
    fn an_inherent_rule_wins_over_the_fallback() {
        struct Plain;
        struct Ruled;
        impl Ruled {
            const SHAPE_RULE: Rule = DOUBLE;
        }
        const { assert!(!Plain::SHAPE_RULE.known && Ruled::SHAPE_RULE.known) }
    }

    #[test]
    fn what_fits_or_is_unknown_passes() {
        width("dense", 3, 3, "the layer before it gives");
        width("dense", UNKNOWN, 3, "the layer before it gives");
        DOUBLE.check("Double", by_place(&[64]), Shape::UNKNOWN, "the layer before it gives");
        inferred(7, "not known");
        fraction("dropout", 0.0);
    }

    #[test]
    #[should_panic(expected = "dense expects 1 input, but the layer before it gives 1208")]
    fn a_width_that_differs_panics_with_both() {
        width("dense", 1, 1208, "the layer before it gives");
    }

    #[test]
    #[should_panic(expected = "Pair expects [2, ?], but the layer before it gives [3, 4]")]
    fn a_shape_that_differs_panics_with_both() {
        Rule::new(&[Dim::Size(2), Dim::Any], &[]).check(
            "Pair",
            NONE,
            Shape::exact(&[3, 4]),
            "the layer before it gives",
        );
    }

    #[test]
    #[should_panic(expected = "Pair expects [?, ?], but the layer before it gives [4]")]
    fn a_rank_that_is_too_small_panics() {
        Rule::new(&[Dim::Any, Dim::Any], &[]).check("Pair", NONE, Shape::exact(&[4]), "the layer before it gives");
    }

    #[test]
    #[should_panic(expected = "dropout takes a probability")]
    fn a_probability_of_one_panics() {
        fraction("dropout", 1.0);
    }
}
