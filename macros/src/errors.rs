//! The mistakes of one macro call, collected so that all of them are reported at once, and "did you mean".
//! No grammar is known here.

use proc_macro2::TokenStream;
use quote::ToTokens;
use std::fmt::Display;

/// Mistakes in the order in which they were found.
#[derive(Default)]
pub(crate) struct Errors(Vec<syn::Error>);

impl Errors {
    /// A mistake at the user's own `tokens`, all of which are underlined.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.0.push(syn::Error::new_spanned(tokens, message));
    }

    /// A mistake that the parser found.
    pub(crate) fn push(&mut self, error: syn::Error) {
        self.0.push(error);
    }

    /// The mistakes of another list, behind those that are here.
    pub(crate) fn append(&mut self, others: Errors) {
        self.0.extend(others.0);
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// One `compile_error!` for each mistake.
    pub(crate) fn into_tokens(self) -> TokenStream {
        self.0.iter().map(syn::Error::to_compile_error).collect()
    }
}

/// The known word that `word` was probably meant to be: at most one slip of the finger away, two in a word of five
/// letters or more, or a word of which `word` is the beginning.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let slips = if word.chars().count() < 5 { 1 } else { 2 };
    let mut best: Option<(usize, &str)> = None;
    for candidate in known {
        let begins = word.len() >= 3 && candidate.starts_with(word);
        let away = if begins { 1 } else { distance(word, candidate) };
        if away <= slips && best.is_none_or(|(least, _)| away < least) {
            best = Some((away, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// "did you mean", or the list of what there is.
pub(crate) fn suggest(word: &str, known: &[&str], otherwise: impl Display) -> String {
    match nearest(word, known.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None => otherwise.to_string(),
    }
}

/// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
fn distance(from: &str, to: &str) -> usize {
    let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=to.len()).collect();
    for i in 1..=from.len() {
        let mut row = vec![i];
        for j in 1..=to.len() {
            let replaced = last[j - 1] + usize::from(from[i - 1] != to[j - 1]);
            let mut least = replaced.min(last[j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && from[i - 1] == to[j - 2] && from[i - 2] == to[j - 1] {
                least = least.min(before_last[j - 2] + 1);
            }
            row.push(least);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    last[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_word() {
        let known = ["relu", "selu", "tanh", "softmax", "dropout", "dense"];
        for (word, meant) in
            [("rellu", "relu"), ("tahn", "tanh"), ("softmx", "softmax"), ("drop", "dropout"), ("dens", "dense")]
        {
            assert_eq!(nearest(word, known), Some(meant), "{word}");
        }
        assert_eq!(nearest("hidden", known), None);
        assert_eq!(nearest("n", known), None);
    }

    #[test]
    fn the_distance_counts_a_swap_once() {
        assert_eq!(distance("tanh", "tahn"), 1);
        assert_eq!(distance("", "relu"), 4);
        assert_eq!(distance("gelu", "gelu"), 0);
    }
}
