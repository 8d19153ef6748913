//! `{ $.a.b = "x" && ($.c[0] > 7 || $.d IS NULL) }`

use super::{
    json::{Compare, Condition, Path, Step, Test},
    malformed, regular_expression,
    terms::quotation,
};
use crate::Error;

/// Parentheses inside each other.
const MAX_DEPTH: u32 = 32;

pub(super) fn parse(text: &str) -> Result<Condition, Error> {
    let inner = text.strip_prefix('{').and_then(|text| text.strip_suffix('}'));
    let mut parser = Parser { rest: inner.ok_or_else(malformed)?, depth: 0 };
    let condition = parser.any()?;
    parser.skip();
    if parser.rest.is_empty() { Ok(condition) } else { Err(malformed()) }
}

struct Parser<'a> {
    rest: &'a str,
    depth: u32,
}

impl Parser<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, token: &str) -> bool {
        self.skip();
        let behind = self.rest.strip_prefix(token);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }

    /// A word in any case, that no other letter follows.
    fn word(&mut self, word: &str) -> bool {
        self.skip();
        let Some((head, behind)) = self.rest.split_at_checked(word.len()) else { return false };
        let ends = !behind.starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let is_word = head.eq_ignore_ascii_case(word) && ends;
        if is_word {
            self.rest = behind;
        }
        is_word
    }

    /// `a || b`, which binds less than `&&`.
    fn any(&mut self) -> Result<Condition, Error> {
        let mut left = self.all()?;
        while self.take("||") {
            left = Condition::Or(Box::new(left), Box::new(self.all()?));
        }
        Ok(left)
    }

    fn all(&mut self) -> Result<Condition, Error> {
        let mut left = self.one()?;
        while self.take("&&") {
            left = Condition::And(Box::new(left), Box::new(self.one()?));
        }
        Ok(left)
    }

    fn one(&mut self) -> Result<Condition, Error> {
        if !self.take("(") {
            let path = self.path()?;
            return Ok(Condition::Test(path, self.test()?));
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(malformed());
        }
        let condition = self.any()?;
        self.depth -= 1;
        if self.take(")") { Ok(condition) } else { Err(malformed()) }
    }

    /// `$.a['b c'][0]`
    fn path(&mut self) -> Result<Path, Error> {
        if !self.take("$") {
            return Err(malformed());
        }
        let mut path = Path::new();
        loop {
            if let Some(rest) = self.rest.strip_prefix('.') {
                let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '@');
                let end = rest.find(|c| !is_name(c)).unwrap_or(rest.len());
                let (name, rest) = rest.split_at(end);
                if name.is_empty() {
                    return Err(malformed());
                }
                path.push(Step::Member(name.to_owned()));
                self.rest = rest;
            } else if let Some(rest) = self.rest.strip_prefix('[') {
                let (inner, rest) = rest.split_once(']').ok_or_else(malformed)?;
                path.push(bracket(inner.trim())?);
                self.rest = rest;
            } else if path.is_empty() {
                return Err(malformed());
            } else {
                return Ok(path);
            }
        }
    }

    fn test(&mut self) -> Result<Test, Error> {
        if self.word("IS") {
            return match () {
                () if self.word("TRUE") => Ok(Test::IsTrue),
                () if self.word("FALSE") => Ok(Test::IsFalse),
                () if self.word("NULL") => Ok(Test::IsNull),
                () => Err(malformed()),
            };
        }
        if self.word("NOT") {
            return if self.word("EXISTS") { Ok(Test::NotExists) } else { Err(malformed()) };
        }
        if self.word("EXISTS") {
            return Ok(Test::Exists);
        }
        let operators = [
            ("!=", Compare::NotEqual),
            (">=", Compare::GreaterOrEqual),
            ("<=", Compare::LessOrEqual),
            ("=", Compare::Equal),
            (">", Compare::Greater),
            ("<", Compare::Less),
        ];
        let found = operators.iter().find(|(token, _)| self.take(token));
        let (_, compare) = found.ok_or_else(malformed)?;
        self.operand(*compare)
    }

    fn operand(&mut self, compare: Compare) -> Result<Test, Error> {
        self.skip();
        if let Some(quoted) = self.rest.strip_prefix('"') {
            let (text, rest) = quotation(quoted).ok_or_else(malformed)?;
            self.rest = rest;
            return text_test(compare, text);
        }
        let is_bare =
            |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '+' | '.' | '*' | '%');
        let end = self.rest.find(|c| !is_bare(c)).unwrap_or(self.rest.len());
        let (bare, rest) = self.rest.split_at(end);
        if bare.is_empty() {
            return Err(malformed());
        }
        if bare.starts_with('%') {
            return Err(regular_expression());
        }
        self.rest = rest;
        match bare.parse::<f64>() {
            Ok(number) if number.is_finite() => Ok(Test::Number(compare, number)),
            _ => text_test(compare, bare.to_owned()),
        }
    }
}

fn text_test(compare: Compare, text: String) -> Result<Test, Error> {
    match compare {
        Compare::Equal => Ok(Test::Text(true, text)),
        Compare::NotEqual => Ok(Test::Text(false, text)),
        _ => Err(malformed()),
    }
}

/// `0` or `'name'`
fn bracket(inner: &str) -> Result<Step, Error> {
    if let Ok(index) = inner.parse() {
        return Ok(Step::Element(index));
    }
    let quoted = |mark| inner.strip_prefix(mark).and_then(|inner| inner.strip_suffix(mark));
    let name = quoted('\'').or_else(|| quoted('"')).filter(|name| !name.is_empty());
    name.map(|name| Step::Member(name.to_owned())).ok_or_else(malformed)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = r#"{
        "eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111", "id": 7, "ratio": 0.5,
        "arrayKey": ["value", "another value"], "ok": true, "no": false, "nothing": null,
        "user": {"name": "ada", "some key": 1}
    }"#;

    fn holds(pattern: &str) -> bool {
        parse(pattern).unwrap().holds(&serde_json::from_str(MESSAGE).unwrap())
    }

    #[test]
    fn conditions_hold_as_documented() {
        for pattern in [
            r#"{ $.eventType = "UpdateTrail" }"#,
            r#"{ $.sourceIPAddress != 123.123.* }"#,
            r#"{ $.sourceIPAddress = "111.*" }"#,
            r#"{ $.arrayKey[0] = "value" }"#,
            "{ $.id = 7 }",
            "{ $.id >= 7 && $.id <= 7 && $.id > 6.5 && $.id < 1e1 && $.id != 8 }",
            "{ $.nothing IS NULL }",
            "{ $.ok is true }",
            "{ $.no IS FALSE }",
            "{ $.missing NOT EXISTS }",
            "{ $.ok EXISTS }",
            "{ $.id = 1 || $.user.name = ada }",
            "{ ($.id = 1 || $.id = 7) && ($.ratio = 0.5) }",
            "{ $.id = 7 || $.id = 1 && $.id = 2 }",
            "{ $.user['some key'] = 1 }",
            "{$.id=7}",
        ] {
            assert!(holds(pattern), "{pattern}");
        }
    }

    #[test]
    fn conditions_fail_as_documented() {
        for pattern in [
            "{ $.id = 8 }",
            "{ $.missing = 1 }",
            "{ $.missing != 1 }",
            "{ $.nothing NOT EXISTS }",
            "{ $.ok = true_ }",
            "{ $.user = 1 }",
            "{ $.id = 7 && $.id = 1 }",
            r#"{ $.eventType = "updatetrail" }"#,
        ] {
            assert!(!holds(pattern), "{pattern}");
        }
    }

    #[test]
    fn what_is_malformed_is_refused() {
        let deep = format!("{{ {}$.a=1{} }}", "(".repeat(40), ")".repeat(40));
        for pattern in [
            "{",
            "{}",
            "{ $ = 1 }",
            "{ $. = 1 }",
            "{ $.a }",
            "{ $.a = }",
            "{ $.a = \"x }",
            "{ a = 1 }",
            "{ $.a > \"x\" }",
            "{ ($.a = 1 }",
            "{ $.a = 1 && }",
            "{ $.a IS 7 }",
            "{ $.a[x] = 1 }",
            "{ $.a = 1 } x",
            &deep,
        ] {
            assert!(matches!(parse(pattern), Err(Error::InvalidParameter(_))), "{pattern}");
        }
        assert!(matches!(parse("{ $.a = %x% }"), Err(Error::Unsupported(_))));
    }
}
