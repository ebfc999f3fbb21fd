//! Words of other libraries (PyTorch, Keras, JAX) and what they are called here. The words of this library stand in the
//! tables of `network!`.

use crate::errors;
use crate::tokens::snake;
use std::fmt::Display;

/// A word used elsewhere, in lower case without `_`, and the word here; `None` where there is no such thing here,
/// though another word looks alike.
type Words = &'static [(&'static str, Option<&'static str>)];

/// Layers.
pub(crate) const LAYERS: Words = &[
    ("identity", Some("linear")),
    ("fullyconnected", Some("dense")),
    ("fc", Some("dense")),
    ("parallel", Some("concat")),
    ("add", Some("sum")),
    ("concatenate", Some("concat")),
    ("cat", Some("concat")),
    ("skip", Some("residual")),
    ("skipconnection", Some("residual")),
    ("alphadropout", None),
    ("spatialdropout", None),
];

/// Activations.
pub(crate) const ACTIVATIONS: Words = &[
    ("identity", Some("linear")),
    ("swish", Some("silu")),
    ("logistic", Some("sigmoid")),
    ("leaky", Some("leaky_relu")),
    ("logsoftmax", Some("log_softmax")),
    ("prelu", None),
    ("rrelu", None),
    ("crelu", None),
    ("celu", None),
    ("relu6", None),
    ("hardswish", None),
    ("hardtanh", None),
    ("hardsigmoid", None),
    ("softmin", None),
];

/// Named arguments of layers.
pub(crate) const ARGUMENTS: Words = &[
    ("units", Some("outputs")),
    ("outfeatures", Some("outputs")),
    ("infeatures", Some("inputs")),
    ("inputdim", Some("inputs")),
    ("usebias", Some("bias")),
    ("withbias", Some("bias")),
    ("kernelinitializer", Some("init")),
    ("kernelinit", Some("init")),
    ("weightinit", Some("init")),
    ("initializer", Some("init")),
    ("rate", Some("p")),
    ("prob", Some("p")),
    ("probability", Some("p")),
    ("negativeslope", Some("slope")),
    ("count", Some("times")),
];

/// Functions that draw the first values of a parameter.
pub(crate) const INITIALIZERS: Words = &[
    ("he", Some("he_normal")),
    ("kaiming", Some("he_normal")),
    ("kaiminguniform", Some("he_uniform")),
    ("kaimingnormal", Some("he_normal")),
    ("glorot", Some("xavier_uniform")),
    ("glorotuniform", Some("xavier_uniform")),
    ("glorotnormal", Some("xavier_normal")),
    ("randn", Some("normal(0.0, 1.0)")),
    ("rand", Some("uniform(0.0, 1.0)")),
    ("randomnormal", Some("normal(0.0, 0.05)")),
    ("randomuniform", Some("uniform(-0.05, 0.05)")),
    ("gaussian", Some("normal(0.0, 1.0)")),
    ("full", Some("constant(1.0)")),
];

/// What the word is called here: `Some(None)` where it is known and there is no such thing.
pub(crate) fn find(words: Words, word: &str) -> Option<Option<&'static str>> {
    let flat = snake(word).replace('_', "");
    words.iter().find(|(elsewhere, _)| *elsewhere == flat).map(|(_, here)| *here)
}

/// What the word is called here.
pub(crate) fn here(words: Words, word: &str) -> Option<&'static str> {
    find(words, word).flatten()
}

/// "it is called", "did you mean", or the list of what there is.
pub(crate) fn suggest(words: Words, word: &str, known: &[&str], list: impl Display) -> String {
    match find(words, word) {
        Some(Some(here)) if known.contains(&here) => format!("it is called `{here}` here"),
        Some(_) => list.to_string(),
        None => errors::suggest(word, known, list),
    }
}

/// Why a bare word is no initializer, where that can be told: the words of `network!` and of `layer!`.
pub(crate) fn unknown_initializer(word: &str, known: &[&str]) -> Option<String> {
    let hint = match here(INITIALIZERS, word) {
        Some(here) => format!("it is called `{here}` here"),
        None => format!("did you mean `{}`?", errors::nearest(word, known.iter().copied())?),
    };
    Some(format!(
        "unknown initializer `{word}`; {hint} (a function of your own with this name is written `self::{word}`)"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_word_of_another_library_has_its_name_here() {
        for (words, word, meant) in [
            (ACTIVATIONS, "swish", "silu"),
            (LAYERS, "Identity", "linear"),
            (ARGUMENTS, "in_features", "inputs"),
            (ARGUMENTS, "use_bias", "bias"),
            (INITIALIZERS, "glorot_uniform", "xavier_uniform"),
            (INITIALIZERS, "kaiming_normal", "he_normal"),
        ] {
            assert_eq!(here(words, word), Some(meant), "{word}");
        }
        assert_eq!(suggest(ACTIVATIONS, "prelu", &["relu"], "the list"), "the list");
        assert_eq!(suggest(ARGUMENTS, "units", &["p"], "it takes `p`"), "it takes `p`");
        assert_eq!(suggest(ACTIVATIONS, "rellu", &["relu"], ""), "did you mean `relu`?");
    }
}
