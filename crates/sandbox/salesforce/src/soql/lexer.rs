//! Words of a query.

use super::malformed;
use crate::errors::ApiError;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// A name or key word.
    Word(String),
    /// A quoted text, escapes resolved.
    Text(String),
    /// Anything that starts like a number: number, day or instant.
    Figure(String),
    /// `( ) ,` or a comparison.
    Sign(&'static str),
}

/// Longest first, so that `<=` is not read as `<`.
const SIGNS: [&str; 10] = ["!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ","];

pub(super) fn tokens(query: &str) -> Result<Vec<Token>, ApiError> {
    let mut tokens = Vec::new();
    let mut rest = query.trim_start();
    while let Some(first) = rest.chars().next() {
        let (token, behind) = if first == '\'' {
            quoted(&rest[1..])?
        } else if let Some(sign) = SIGNS.iter().find(|s| rest.starts_with(**s)) {
            (Token::Sign(sign), &rest[sign.len()..])
        } else if first.is_ascii_digit() || matches!(first, '-' | '+' | '.') {
            let (figure, behind) = split(rest, |c| c.is_ascii_alphanumeric() || "+-.:".contains(c));
            (Token::Figure(figure.to_owned()), behind)
        } else if first.is_ascii_alphabetic() {
            let (word, behind) = split(rest, |c| c.is_ascii_alphanumeric() || "_.".contains(c));
            (Token::Word(word.to_owned()), behind)
        } else {
            return Err(malformed(format!("unexpected token: '{first}'")));
        };
        tokens.push(token);
        rest = behind.trim_start();
    }
    Ok(tokens)
}

fn split(text: &str, belongs: impl Fn(char) -> bool) -> (&str, &str) {
    text.split_at(text.find(|c| !belongs(c)).unwrap_or(text.len()))
}

/// Reads a text behind its opening quote.
fn quoted(text: &str) -> Result<(Token, &str), ApiError> {
    let mut out = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '\'' => return Ok((Token::Text(out), &text[at + 1..])),
            '\\' => {
                let (_, escaped) = chars.next().ok_or_else(|| malformed("unterminated string literal"))?;
                out.push(match escaped {
                    'n' | 'N' => '\n',
                    'r' | 'R' => '\r',
                    't' | 'T' => '\t',
                    '\'' | '"' | '\\' | '_' | '%' => escaped,
                    other => {
                        return Err(malformed(format!(
                            "invalid string literal: illegal character sequence '\\{other}'"
                        )));
                    }
                });
            }
            c => out.push(c),
        }
    }
    Err(malformed("unterminated string literal"))
}
