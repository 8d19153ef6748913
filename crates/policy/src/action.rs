use crate::{
    Context, Malformed,
    pattern::{Pattern, Syntax},
};

/// `Action` or `NotAction`: patterns of `service:Operation`, without regard to case.
#[derive(Clone, Debug)]
pub(crate) struct Actions {
    negated: bool,
    patterns: Vec<Pattern>,
}

impl Actions {
    pub(crate) fn parse(texts: &[&str], negated: bool, place: &str) -> Result<Self, Malformed> {
        if texts.is_empty() {
            return Err(Malformed::new(place, "Policy statement must contain actions."));
        }
        let patterns: Result<_, _> = texts.iter().map(|text| parse_one(text, place)).collect();
        Ok(Self { negated, patterns: patterns? })
    }

    /// `action` is in lower case.
    pub(crate) fn match_action(&self, action: &str) -> bool {
        let context = Context::new();
        let found = self.patterns.iter().any(|p| p.matches(action, &context) == Some(true));
        found != self.negated
    }
}

fn parse_one(text: &str, place: &str) -> Result<Pattern, Malformed> {
    if text != "*" {
        let (service, operation) = text.split_once(':').unwrap_or_default();
        if service.is_empty() {
            let reason =
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
            return Err(Malformed::new(place, reason));
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '*' | '?' | '-' | '_');
        if operation.is_empty() || !operation.chars().all(fits) || !service.chars().all(fits) {
            return Err(Malformed::new(place, format!("Action {text} is not valid.")));
        }
    }
    Pattern::parse(&text.to_ascii_lowercase(), Syntax::WILDCARDS, place)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str, negated: bool) -> Actions {
        Actions::parse(&[text], negated, "Action").unwrap()
    }

    #[test]
    fn actions_match_without_regard_to_case() {
        assert!(one("SQS:Send*", false).match_action("sqs:sendmessage"));
        assert!(!one("sqs:Send*", false).match_action("sqs:receivemessage"));
        assert!(one("*", false).match_action("sqs:sendmessage"));
        assert!(one("sqs:Get?ueueUrl", false).match_action("sqs:getqueueurl"));
    }

    #[test]
    fn not_action_is_all_the_others() {
        assert!(!one("sqs:*", true).match_action("sqs:sendmessage"));
        assert!(one("sqs:*", true).match_action("sns:publish"));
    }

    #[test]
    fn texts_that_are_no_action_are_refused() {
        for bad in ["", "SendMessage", ":Send", "sqs:", "sqs:Send Message", "sqs:a:b"] {
            assert!(Actions::parse(&[bad], false, "Action").is_err(), "{bad}");
        }
        assert!(Actions::parse(&[], false, "Action").is_err());
    }
}
