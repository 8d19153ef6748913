//! The text of `Fn::Sub`: literals and `${variables}`.

/// A piece of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    /// Text to keep.
    Literal(String),
    /// The name between `${` and `}`.
    Variable(String),
}

/// Cuts a text into pieces. `${!Name}` is the literal `${Name}`; a `$` without a brace, a brace that
/// is not closed and a name with other characters than a reference can have are literals too.
pub(crate) fn pieces(text: &str) -> Vec<Piece> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(start) = rest.find("${") {
        literal.push_str(&rest[..start]);
        let inner = &rest[start + 2..];
        let Some(end) = inner.find('}') else {
            rest = &rest[start..];
            break;
        };
        let name = &inner[..end];
        if let Some(escaped) = name.strip_prefix('!') {
            literal.push_str(&format!("${{{escaped}}}"));
        } else if is_name(name.trim()) {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Variable(name.trim().to_owned()));
        } else {
            literal.push_str("${");
            rest = inner;
            continue;
        }
        rest = &inner[end + 1..];
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    pieces
}

fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | ':' | '_' | '-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_cut_at_its_variables() {
        let literal = |text: &str| Piece::Literal(text.into());
        let variable = |text: &str| Piece::Variable(text.into());
        let cases = [
            ("a${B}c", vec![literal("a"), variable("B"), literal("c")]),
            ("${A.Arn}${AWS::Region}", vec![variable("A.Arn"), variable("AWS::Region")]),
            ("${!A}", vec![literal("${A}")]),
            ("$${A}", vec![literal("$"), variable("A")]),
            ("${A", vec![literal("${A")]),
            ("$A", vec![literal("$A")]),
            ("${ A }", vec![variable("A")]),
            ("${a b ${C}", vec![literal("${a b "), variable("C")]),
            ("", vec![]),
        ];
        for (text, expected) in cases {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }
}
