//! Tokens as a person writes them, for messages, documentation and summaries.

use proc_macro2::{Delimiter, Spacing, TokenStream, TokenTree};

/// `dense(784, 128, relu)` from any spacing.
pub(crate) fn tidy(tokens: TokenStream) -> String {
    let mut text = String::new();
    write(tokens, &mut text);
    text
}

fn write(tokens: TokenStream, text: &mut String) {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    for (i, token) in tokens.iter().enumerate() {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{ ", " }"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => {
                let character = punct.as_char();
                let starts = i == 0 || matches!(&tokens[i - 1], TokenTree::Punct(before) if before.as_char() != '>');
                match character {
                    ',' => text.push_str(if i + 1 == tokens.len() { "" } else { ", " }),
                    '.' | ':' | '?' | '!' | '\'' => text.push(character),
                    // A sign: nothing stands before it but another operator.
                    '-' | '&' | '*' if starts => text.push(character),
                    _ => {
                        let joined = i > 0
                            && matches!(&tokens[i - 1], TokenTree::Punct(before) if before.spacing() == Spacing::Joint);
                        text.push_str(if joined || text.is_empty() || text.ends_with(' ') { "" } else { " " });
                        text.push(character);
                        text.push_str(if punct.spacing() == Spacing::Joint { "" } else { " " });
                    }
                }
            }
            TokenTree::Ident(_) | TokenTree::Literal(_) => {
                let word_before = i > 0 && matches!(tokens[i - 1], TokenTree::Ident(_) | TokenTree::Literal(_));
                text.push_str(if word_before { " " } else { "" });
                text.push_str(&token.to_string());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::tidy;

    #[test]
    fn spacing_is_that_of_rustfmt() {
        for tidied in [
            "dense(784, 128, relu)",
            "dense(HIDDEN * 2, n() + 1, leaky_relu(0.1), bias = false)",
            "my::Gate(128, -0.5, [1, 2], size as usize)",
            "Gate(A << 2, !X, &Y, x.len())",
            "relu",
        ] {
            let spread = tidied.replace(", ", " ,\n ").replace('(', " ( ");
            assert_eq!(tidy(spread.parse().expect("these are tokens")), tidied);
        }
        assert_eq!(tidy("dense(784,128,)".parse().expect("these are tokens")), "dense(784, 128)");
    }
}
