use super::malformed;
use crate::Error;

/// Terms of an unstructured message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Terms {
    required: Vec<String>,
    optional: Vec<String>,
    excluded: Vec<String>,
}

impl Terms {
    pub(crate) fn match_message(&self, message: &str) -> bool {
        let contains = |term: &String| message.contains(term.as_str());
        if self.required.is_empty() && self.excluded.is_empty() {
            return self.optional.iter().any(contains);
        }
        self.required.iter().all(contains) && !self.excluded.iter().any(contains)
    }
}

pub(super) fn parse(text: &str) -> Result<Terms, Error> {
    let mut terms = Terms::default();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (list, behind) = match rest.as_bytes()[0] {
            b'?' => (&mut terms.optional, &rest[1..]),
            b'-' => (&mut terms.excluded, &rest[1..]),
            _ => (&mut terms.required, rest),
        };
        let (term, behind) = term(behind)?;
        list.push(term);
        rest = behind.trim_start();
    }
    Ok(terms)
}

/// One term and what is behind it. Other characters than letters, digits and underscores need
/// quotation marks; in them, a backslash takes the next character as it is.
fn term(text: &str) -> Result<(String, &str), Error> {
    let Some(quoted) = text.strip_prefix('"') else {
        let end = text.find(char::is_whitespace).unwrap_or(text.len());
        let (term, rest) = text.split_at(end);
        if term.starts_with('%') {
            return Err(super::regular_expression());
        }
        if term.is_empty() || !term.chars().all(|c| c.is_alphanumeric() || c == '_') {
            return Err(Error::invalid(format!("Invalid character(s) in term '{term}'")));
        }
        return Ok((term.to_owned(), rest));
    };
    let (term, rest) = quotation(quoted).ok_or_else(malformed)?;
    match rest.chars().next() {
        Some(next) if !next.is_whitespace() => Err(malformed()),
        _ => Ok((term, rest)),
    }
}

/// The text up to a closing quotation mark, and what is behind that.
pub(super) fn quotation(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut characters = text.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, &text[at + 1..])),
            '\\' => value.push(characters.next()?.1),
            other => value.push(other),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, message: &str) -> bool {
        parse(pattern).unwrap().match_message(message)
    }

    /// Examples in the form of the User Guide.
    #[test]
    fn terms_match_as_documented() {
        assert!(matches("ERROR", "[ERROR 400] BAD REQUEST"));
        assert!(!matches("ERROR", "[error 400]"), "case counts");
        assert!(matches("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS"));
        assert!(!matches("ERROR ARGUMENTS", "[ERROR 400] BAD REQUEST"));
        assert!(matches("?ERROR ?ARGUMENTS", "[ERROR 400] BAD REQUEST"));
        assert!(!matches("?ERROR ?ARGUMENTS", "[WARN 400] BAD REQUEST"));
        assert!(matches("\"BAD REQUEST\"", "[ERROR 400] BAD REQUEST"));
        assert!(!matches("\"BAD REQUEST\"", "REQUEST BAD"));
        assert!(matches("ERROR -ARGUMENTS", "[ERROR 400] BAD REQUEST"));
        assert!(!matches("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS"));
        assert!(matches("-\"a b\"", "ab") && !matches("-\"a b\"", "a b"));
        assert!(matches(r#""say \"hi\"""#, r#"they say "hi""#));
        assert!(matches("?WARN REQUEST", "[ERROR 400] BAD REQUEST"), "others make ? count nothing");
    }

    #[test]
    fn other_characters_need_quotation_marks() {
        for bad in ["/path", "a.b", "?", "-", "\"open", "\"a\"b", "a\"b\""] {
            assert!(matches!(parse(bad), Err(Error::InvalidParameter(_))), "{bad}");
        }
        assert!(matches(r#""/path""#, "GET /path"));
        assert!(matches("snake_case", "a snake_case b"));
    }
}
