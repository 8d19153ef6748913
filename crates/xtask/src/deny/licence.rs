//! SPDX licence expressions: `MIT OR Apache-2.0`, `(A OR B) AND C`, and the old `A/B`.

use anyhow::{Result, ensure};

/// Whether the allowed licences satisfy the expression.
pub(crate) fn is_allowed(expression: &str, allowed: &[String]) -> Result<bool> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = Words { words: spaced.split_whitespace().collect(), next: 0, allowed };
    let answer = words.any_of()?;
    ensure!(words.next == words.words.len(), "cannot read the licence `{expression}`");
    Ok(answer)
}

struct Words<'a> {
    words: Vec<&'a str>,
    next: usize,
    allowed: &'a [String],
}

impl<'a> Words<'a> {
    fn any_of(&mut self) -> Result<bool> {
        let mut answer = self.all_of()?;
        while self.take("OR") {
            answer |= self.all_of()?;
        }
        Ok(answer)
    }

    fn all_of(&mut self) -> Result<bool> {
        let mut answer = self.one()?;
        while self.take("AND") {
            answer &= self.one()?;
        }
        Ok(answer)
    }

    fn one(&mut self) -> Result<bool> {
        if self.take("(") {
            let answer = self.any_of()?;
            ensure!(self.take(")"), "a parenthesis of the licence is not closed");
            return Ok(answer);
        }
        let mut name = self.name()?.to_owned();
        if self.take("WITH") {
            name = format!("{name} WITH {}", self.name()?);
        }
        Ok(self.allowed.contains(&name))
    }

    fn name(&mut self) -> Result<&'a str> {
        let word = self.words.get(self.next).copied().unwrap_or(")");
        ensure!(!["(", ")", "AND", "OR", "WITH"].contains(&word), "the licence lacks a name");
        self.next += 1;
        Ok(word)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.words.get(self.next) == Some(&word);
        self.next += usize::from(found);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(expression: &str) -> Option<bool> {
        let licences = ["MIT", "ISC", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        is_allowed(expression, &licences).ok()
    }

    #[test]
    fn one_allowed_alternative_is_enough_and_every_part_is_needed() {
        assert_eq!(allowed("MIT"), Some(true));
        assert_eq!(allowed("GPL-3.0 OR MIT"), Some(true));
        assert_eq!(allowed("GPL-3.0/MIT"), Some(true));
        assert_eq!(allowed("GPL-3.0 AND MIT"), Some(false));
        assert_eq!(allowed("(GPL-3.0 OR MIT) AND ISC"), Some(true));
        assert_eq!(allowed("GPL-3.0 OR MIT AND ISC"), Some(true));
        assert_eq!(allowed("Apache-2.0 WITH LLVM-exception"), Some(true));
        assert_eq!(allowed("Apache-2.0"), Some(false));
    }

    #[test]
    fn an_expression_that_cannot_be_read_is_an_error() {
        for expression in ["", "MIT OR", "(MIT", "MIT ISC", "OR MIT"] {
            assert_eq!(allowed(expression), None, "{expression}");
        }
    }
}
