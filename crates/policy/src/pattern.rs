use crate::{Context, Malformed};

/// A text with wildcards (`*`, `?`) and policy variables (`${aws:username}`).
///
/// The values of variables are taken literally: a `*` in a user's name is no wildcard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    tokens: Vec<Token>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Token {
    Text(String),
    /// `?`: exactly one character.
    One,
    /// `*`: any characters, or none.
    Many,
    Variable {
        key: String,
        default: Option<String>,
    },
}

/// What a pattern may contain.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) struct Syntax {
    pub(crate) wildcards: bool,
    /// Only in documents of version 2012-10-17.
    pub(crate) variables: bool,
}

impl Syntax {
    pub(crate) const WILDCARDS: Self = Self { wildcards: true, variables: false };
}

/// One step of a pattern whose variables are resolved.
#[derive(Clone, Copy)]
enum Piece<'a> {
    Text(&'a str),
    One,
    Many,
}

impl Pattern {
    pub(crate) fn parse(text: &str, syntax: Syntax, place: &str) -> Result<Self, Malformed> {
        let mut pattern = Self { tokens: Vec::new() };
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            if syntax.variables && rest.starts_with("${") {
                let end = rest.find('}').ok_or_else(|| {
                    Malformed::new(place, format!("Policy variable is not closed in {text:?}."))
                })?;
                pattern.push_variable(&rest[2..end], place)?;
                rest = &rest[end + 1..];
                continue;
            }
            match first {
                '*' if syntax.wildcards => pattern.push_many(),
                '?' if syntax.wildcards => pattern.tokens.push(Token::One),
                other => pattern.push_char(other),
            }
            rest = &rest[first.len_utf8()..];
        }
        Ok(pattern)
    }

    /// `${*}`, `${?}` and `${$}` stand for the characters themselves.
    fn push_variable(&mut self, inside: &str, place: &str) -> Result<(), Malformed> {
        if let "*" | "?" | "$" = inside {
            inside.chars().for_each(|character| self.push_char(character));
            return Ok(());
        }
        let refuse =
            || Malformed::new(place, format!("Policy variable ${{{inside}}} is not valid."));
        let (key, default) = match inside.split_once(',') {
            None => (inside.trim(), None),
            Some((key, quoted)) => {
                let quoted = quoted.trim();
                let inner = quoted.strip_prefix('\'').and_then(|text| text.strip_suffix('\''));
                (key.trim(), Some(inner.ok_or_else(refuse)?.to_owned()))
            }
        };
        if !key.contains(':') || key.contains(['$', '{', '*', '?', ' ']) {
            return Err(refuse());
        }
        self.tokens.push(Token::Variable { key: key.to_owned(), default });
        Ok(())
    }

    fn push_char(&mut self, character: char) {
        if let Some(Token::Text(text)) = self.tokens.last_mut() {
            text.push(character);
        } else {
            self.tokens.push(Token::Text(character.into()));
        }
    }

    fn push_many(&mut self) {
        if self.tokens.last() != Some(&Token::Many) {
            self.tokens.push(Token::Many);
        }
    }

    /// Whether the text matches; `None` if a variable has neither value nor default.
    pub(crate) fn matches(&self, text: &str, context: &Context) -> Option<bool> {
        match self.tokens.as_slice() {
            [Token::Many] => return Some(true),
            [Token::Text(whole)] => return Some(whole == text),
            [Token::Text(start), Token::Many] => return Some(text.starts_with(start.as_str())),
            _ => {}
        }
        let pieces: Option<Vec<_>> =
            self.tokens.iter().map(|token| resolve(token, context)).collect();
        Some(glob(&pieces?, text))
    }

    /// The text itself, with its variables resolved; wildcards stand for themselves.
    pub(crate) fn resolve(&self, context: &Context) -> Option<String> {
        let pieces: Option<Vec<_>> =
            self.tokens.iter().map(|token| resolve(token, context)).collect();
        let text = |piece| match piece {
            Piece::Text(text) => text,
            Piece::One => "?",
            Piece::Many => "*",
        };
        Some(pieces?.into_iter().map(text).collect())
    }

    pub(crate) fn ends_with_many(&self) -> bool {
        self.tokens.last() == Some(&Token::Many)
    }
}

fn resolve<'a>(token: &'a Token, context: &'a Context) -> Option<Piece<'a>> {
    Some(match token {
        Token::Text(text) => Piece::Text(text),
        Token::One => Piece::One,
        Token::Many => Piece::Many,
        Token::Variable { key, default } => {
            Piece::Text(context.single(key).or(default.as_deref())?)
        }
    })
}

/// Matches greedily and returns to the last `*` only, so that the time is bounded by the product of
/// both lengths, never exponential.
fn glob(pieces: &[Piece<'_>], text: &str) -> bool {
    let (mut piece, mut rest) = (0, text);
    // Behind the last `*`: the next piece, and the text that it has not swallowed yet.
    let mut retry: Option<(usize, &str)> = None;
    loop {
        let step = match pieces.get(piece) {
            None if rest.is_empty() => return true,
            None => None,
            Some(Piece::Many) => {
                retry = Some((piece + 1, rest));
                Some(rest)
            }
            Some(Piece::One) => without_first(rest),
            Some(Piece::Text(literal)) => rest.strip_prefix(literal),
        };
        if let Some(left) = step {
            (piece, rest) = (piece + 1, left);
            continue;
        }
        let Some((after, swallowed)) = retry else { return false };
        let Some(left) = without_first(swallowed) else { return false };
        retry = Some((after, left));
        (piece, rest) = (after, left);
    }
}

fn without_first(text: &str) -> Option<&str> {
    let mut characters = text.chars();
    characters.next().map(|_| characters.as_str())
}

#[cfg(test)]
mod tests;
