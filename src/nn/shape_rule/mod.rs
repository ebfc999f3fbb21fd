//! Shapes at compile time: what `network!` and `layer!` emit so that rustc compares each layer with the one before it.
//! Names no layer, no tensor and no tape; at run time only the text of a shape is asked for.
//!
//! Axes are counted from the end, because what stands before the features (batch, time) is open: axis 0 is the last.
//! A check is a `const` item without generic parameters, so that `cargo check` sees it, and its function is
//! `#[track_caller]`, so that the error stands at the user's token alone. What depends on a const parameter is an
//! inline `const` instead, which rustc evaluates for each value that the program uses.

mod check;
mod dim;
mod rule;
mod shape;
#[cfg(test)]
mod tests;
mod text;

pub use check::{branches, count, fraction, inferred, possible, rank, unchanged, width};
pub use dim::{Arguments, Dim};
pub use rule::{NoShapeRule, Rule};
pub use shape::Shape;

/// A size of which nothing is known. It absorbs arithmetic and fits everything.
pub const UNKNOWN: usize = usize::MAX;

/// What is no size: below zero, divided by zero or too large. It absorbs arithmetic, is reported at the layer that
/// computes it, and nothing that follows from it is.
pub const IMPOSSIBLE: usize = usize::MAX - 1;

/// The longest shape that is followed; axes before that are unknown.
pub const MAX_RANK: usize = 8;

/// `f(a, b)`: unknown when either is, impossible when there is no such number.
macro_rules! arithmetic {
    ($a:expr, $b:expr, $f:path) => {
        match ($a, $b) {
            (IMPOSSIBLE, _) | (_, IMPOSSIBLE) => IMPOSSIBLE,
            (UNKNOWN, _) | (_, UNKNOWN) => UNKNOWN,
            (a, b) => match $f(a, b) {
                Some(size) if size < IMPOSSIBLE => size,
                _ => IMPOSSIBLE,
            },
        }
    };
}

/// a + b
pub const fn add(a: usize, b: usize) -> usize {
    arithmetic!(a, b, usize::checked_add)
}

/// a - b; impossible below zero.
pub const fn sub(a: usize, b: usize) -> usize {
    arithmetic!(a, b, usize::checked_sub)
}

/// a b
pub const fn mul(a: usize, b: usize) -> usize {
    arithmetic!(a, b, usize::checked_mul)
}

/// a/b, rounded down; impossible for b = 0.
pub const fn div(a: usize, b: usize) -> usize {
    arithmetic!(a, b, usize::checked_div)
}

/// The size, where it is one.
pub const fn or_unknown(size: usize) -> usize {
    if size == IMPOSSIBLE { UNKNOWN } else { size }
}

/// Two sizes that are known and differ.
const fn differ(expects: usize, gives: usize) -> Option<(usize, usize)> {
    let (a, b) = (or_unknown(expects), or_unknown(gives));
    if a == UNKNOWN || b == UNKNOWN || a == b { None } else { Some((a, b)) }
}
