//! The comparisons that a macro leaves to rustc: each panics, at compile time, with what was found and what was
//! expected. How a shape comes about is not known here.

use super::{IMPOSSIBLE, MAX_RANK, Shape, UNKNOWN, differ, text::Text};

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

/// A size that a layer computes: there must be one.
#[track_caller]
pub const fn possible(layer: &str, size: usize, before: Shape) {
    if size == IMPOSSIBLE {
        let text = Text::new().put(layer).put(" gives no shape");
        let text = if before.known > 0 { text.put(" behind ").shape(before) } else { text };
        text.put(": a size would be below zero, divided by zero or too large").panic();
    }
}

/// A probability of dropping: from 0 up to, not including, 1.
#[track_caller]
pub const fn fraction(layer: &str, p: f64) {
    if !(p >= 0.0 && p < 1.0) {
        Text::new().put(layer).put(" takes a probability from 0.0 up to, not including, 1.0").panic();
    }
}

/// Fewer axes than the layer needs, where all of them are known.
#[track_caller]
pub const fn rank(layer: &str, needs: &str, axes: usize, gives: Shape, source: &str) {
    if gives.exact && gives.known < axes {
        let text = Text::new().put(layer).put(" expects ").put(needs);
        text.put(", but ").put(source).put(" ").shape(gives).panic();
    }
}

/// How many times a `repeat` repeats: once at least.
#[track_caller]
pub const fn count(layer: &str, times: usize) {
    if times == 0 {
        Text::new().put("`").put(layer).put("` repeats its layers at least once, found 0").panic();
    }
}

/// Layers whose output takes the place of their input, or is added to it; `words` are the sentence around the two.
#[track_caller]
pub const fn unchanged(words: [&str; 3], before: Shape, after: Shape) {
    if differ_from(&before, &after, 0) {
        let text = Text::new().put(words[0]).shape(before).put(words[1]).shape(after);
        text.put(words[2]).panic();
    }
}

/// Two branches, whose shapes agree but for the `free` last axes.
#[track_caller]
pub const fn branches(layer: &str, free: usize, first: Shape, other: Shape) {
    if differ_from(&first, &other, free) {
        let text = Text::new().put("the branches of `").put(layer).put("` give ").shape(first).put(" and ");
        let text = text.shape(other).put(if free == 0 { ": a sum has terms of one shape" } else { ALL_BUT_THE_LAST });
        text.panic();
    }
}

const ALL_BUT_THE_LAST: &str = ": they are joined along the last axis, and all others must agree";

/// Whether it is known that two shapes differ in an axis before the `free` last ones.
pub(super) const fn differ_from(a: &Shape, b: &Shape, free: usize) -> bool {
    let mut i = free;
    while i < MAX_RANK {
        if differ(a.axis(i), b.axis(i)).is_some() {
            return true;
        }
        i += 1;
    }
    (a.exact && b.known > a.known) || (b.exact && a.known > b.known)
}
