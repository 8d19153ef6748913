//! Text to tokens.

use std::ops::Range;

/// What a token is; its text is the part of the source at its span.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// A bare name, keyword or function: a letter, then letters, digits and underscores.
    Word,
    /// `#name`.
    Name,
    /// `:value`.
    Value,
    /// Digits.
    Index,
    /// An operator or a punctuation mark of the grammar.
    Symbol,
    /// A character that the grammar has no use for.
    Unknown,
    /// The end of the text.
    End,
}

/// The tokens of an expression with their spans in bytes; the last is [`Token::End`].
pub(crate) fn tokens(source: &str) -> Vec<(Token, Range<usize>)> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        if matches!(first, ' ' | '\t' | '\r' | '\n') {
            at += 1;
            continue;
        }
        let (token, length) = token(&source[at..], first);
        tokens.push((token, at..at + length));
        at += length;
    }
    tokens.push((Token::End, at..at));
    tokens
}

fn token(rest: &str, first: char) -> (Token, usize) {
    let word = |from: usize| {
        let tail = rest[from..].bytes();
        from + tail.take_while(|b| b.is_ascii_alphanumeric() || *b == b'_').count()
    };
    match first {
        'a'..='z' | 'A'..='Z' => (Token::Word, word(1)),
        '0'..='9' => (Token::Index, rest.bytes().take_while(u8::is_ascii_digit).count()),
        '#' if word(1) > 1 => (Token::Name, word(1)),
        ':' if word(1) > 1 => (Token::Value, word(1)),
        '<' if rest.starts_with("<>") || rest.starts_with("<=") => (Token::Symbol, 2),
        '>' if rest.starts_with(">=") => (Token::Symbol, 2),
        '<' | '>' | '=' | '(' | ')' | '[' | ']' | '.' | ',' | '+' | '-' => (Token::Symbol, 1),
        other => (Token::Unknown, other.len_utf8()),
    }
}
