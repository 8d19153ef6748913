use crate::{
    Context, Malformed,
    pattern::{Pattern, Syntax},
};

/// `Resource` or `NotResource`.
#[derive(Clone, Debug)]
pub(crate) struct Resources {
    negated: bool,
    patterns: Vec<ArnPattern>,
}

/// `*`, or an ARN whose parts may hold wildcards and variables.
///
/// The first five parts are compared one by one, so that a `*` never runs over a colon; the sixth
/// holds the rest, whatever colons it has. A pattern with fewer parts must end with `*`, which then
/// stands for all that follows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ArnPattern {
    /// Empty for `*`.
    parts: Vec<Pattern>,
}

const ARN_PARTS: usize = 6;

impl ArnPattern {
    pub(crate) fn parse(text: &str, variables: bool, place: &str) -> Result<Self, Malformed> {
        if text == "*" {
            return Ok(Self { parts: Vec::new() });
        }
        let refuse =
            || Malformed::new(place, format!("Resource {text} must be in ARN format or \"*\"."));
        let syntax = Syntax { wildcards: true, variables };
        let texts = split_parts(text, variables);
        if texts[0] != "arn" {
            return Err(refuse());
        }
        let partition = texts.get(1).copied().unwrap_or_default();
        if !partition.contains(['*', '?']) && partition != "aws" {
            let reason = format!("Partition \"{partition}\" is not valid for resource \"{text}\".");
            return Err(Malformed::new(place, reason));
        }
        let parts: Result<Vec<_>, _> =
            texts.iter().map(|part| Pattern::parse(part, syntax, place)).collect();
        let parts = parts?;
        let is_whole = parts.len() == ARN_PARTS && texts.last().is_some_and(|t| !t.is_empty());
        if !is_whole && !parts.last().is_some_and(Pattern::ends_with_many) {
            return Err(refuse());
        }
        Ok(Self { parts })
    }

    /// Whether the ARN matches; `None` if a variable cannot be resolved.
    pub(crate) fn matches(&self, arn: &str, context: &Context) -> Option<bool> {
        let mut texts = arn.splitn(self.parts.len().max(1), ':');
        for part in &self.parts {
            let Some(text) = texts.next() else { return Some(false) };
            if !part.matches(text, context)? {
                return Some(false);
            }
        }
        Some(true)
    }
}

/// Splits at the first five colons that are not inside a variable.
fn split_parts(text: &str, variables: bool) -> Vec<&str> {
    let (mut parts, mut start, mut inside) = (Vec::new(), 0, false);
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' if variables && text[..at].ends_with('$') => inside = true,
            b'}' => inside = false,
            b':' if !inside && parts.len() + 1 < ARN_PARTS => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

impl Resources {
    pub(crate) fn parse(
        texts: &[&str],
        negated: bool,
        variables: bool,
        place: &str,
    ) -> Result<Self, Malformed> {
        if texts.is_empty() {
            return Err(Malformed::new(place, "Policy statement must contain resources."));
        }
        let patterns: Result<_, _> =
            texts.iter().map(|text| ArnPattern::parse(text, variables, place)).collect();
        Ok(Self { negated, patterns: patterns? })
    }

    /// Whether the statement is about this resource. A variable that cannot be resolved matches
    /// nothing; under `NotResource` it decides for refusal, which `is_deny` tells.
    pub(crate) fn match_resource(&self, resource: &str, context: &Context, is_deny: bool) -> bool {
        let mut unresolved = false;
        for pattern in &self.patterns {
            match pattern.matches(resource, context) {
                Some(true) => return !self.negated,
                Some(false) => {}
                None => unresolved = true,
            }
        }
        self.negated && (is_deny || !unresolved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matches(pattern: &str, arn: &str) -> bool {
        ArnPattern::parse(pattern, true, "Resource").unwrap().matches(arn, &Context::new()).unwrap()
    }

    #[test]
    fn arns_match_part_by_part() {
        let queue = "arn:aws:sqs:us-east-1:000000000000:orders";
        for good in [
            "*",
            queue,
            "arn:aws:sqs:*:*:orders",
            "arn:aws:sqs:us-*-1:000000000000:*",
            "arn:aws:sqs:*",
            "arn:*:sqs:*:000000000000:ord?rs",
        ] {
            assert!(matches(good, queue), "{good}");
        }
        for bad in [
            "arn:aws:sqs:us-east-1:000000000000:order",
            "arn:aws:sqs:eu-*:000000000000:orders",
            "arn:aws:sns:*",
            "arn:aws:*:orders:x:y",
            "arn:aws:sqs::000000000000:orders",
        ] {
            assert!(!matches(bad, queue), "{bad}");
        }
        assert!(matches("arn:aws:lambda:*:*:function:f:*", "arn:aws:lambda:r:1:function:f:live"));
        assert!(matches("arn:aws:s3:::b/*", "arn:aws:s3:::b/a:b/c"));
    }

    #[test]
    fn a_wildcard_inside_a_part_does_not_run_over_a_colon() {
        assert!(!matches("arn:aws:s*:orders:a:b", "arn:aws:sqs:orders:a:b:c"));
        assert!(!matches("arn:aws:logs:*:1:group", "arn:aws:logs:us:2:x:1:group"));
    }

    #[test]
    fn only_the_star_matches_what_has_no_arn() {
        assert!(matches("*", "*"));
        assert!(!matches("arn:aws:sqs:*", "*"));
    }

    #[test]
    fn a_variable_may_hold_the_colon_of_its_key() {
        let pattern =
            ArnPattern::parse("arn:aws:s3:::b/${aws:username}/*", true, "Resource").unwrap();
        let mut context = Context::new();
        context.set("aws:username", "jane");
        assert_eq!(pattern.matches("arn:aws:s3:::b/jane/x", &context), Some(true));
        assert_eq!(pattern.matches("arn:aws:s3:::b/john/x", &context), Some(false));
    }

    #[test]
    fn an_unresolved_variable_never_widens_what_is_allowed() {
        let text = ["arn:aws:s3:::b/${aws:username}"];
        let (arn, context) = ("arn:aws:s3:::b/x", Context::new());
        let only = Resources::parse(&text, false, true, "Resource").unwrap();
        let others = Resources::parse(&text, true, true, "NotResource").unwrap();
        for is_deny in [false, true] {
            assert!(!only.match_resource(arn, &context, is_deny));
            assert_eq!(others.match_resource(arn, &context, is_deny), is_deny);
        }
    }

    #[test]
    fn texts_that_are_no_resource_are_refused() {
        for bad in ["", "orders", "arn", "arn:aws:sqs", "arn:aws:sqs:r:1:", "arn:aws-cn:s3:::b"] {
            assert!(ArnPattern::parse(bad, true, "Resource").is_err(), "{bad}");
        }
        assert!(Resources::parse(&[], false, true, "Resource").is_err());
    }
}
