//! Stack policies: which updates of which resources a stack allows.
//!
//! Source: "Prevent updates to stack resources", AWS CloudFormation User Guide.

use crate::Error;
use serde::Deserialize;
use std::collections::BTreeMap;

/// Bytes of a stack policy.
pub(crate) const POLICY_BYTES: usize = 16_384;

/// What an update does to a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Modify,
    Replace,
    Delete,
}

impl Action {
    fn name(self) -> &'static str {
        match self {
            Self::Modify => "Update:Modify",
            Self::Replace => "Update:Replace",
            Self::Delete => "Update:Delete",
        }
    }
}

/// The actions that a statement can name.
const ACTIONS: [&str; 4] = ["Update:*", "Update:Modify", "Update:Replace", "Update:Delete"];

/// A stack policy. What no statement allows is denied.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct StackPolicy {
    statement: Many<Statement>,
    #[serde(rename = "Version")]
    _version: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Statement {
    #[serde(rename = "Sid")]
    _sid: Option<String>,
    effect: Effect,
    action: Option<Many<String>>,
    not_action: Option<Many<String>>,
    principal: String,
    resource: Option<Many<String>>,
    not_resource: Option<Many<String>>,
    #[serde(default)]
    condition: BTreeMap<Operator, BTreeMap<Key, Many<String>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum Effect {
    Allow,
    Deny,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
enum Operator {
    StringEquals,
    StringLike,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
enum Key {
    ResourceType,
}

/// One, or a list.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Many<T> {
    List(Vec<T>),
    One(T),
}

impl<T> Many<T> {
    fn items(&self) -> &[T] {
        match self {
            Self::List(list) => list,
            Self::One(one) => std::slice::from_ref(one),
        }
    }
}

impl StackPolicy {
    /// Reads a policy.
    ///
    /// # Errors
    /// `ValidationError` if it is too long, or none.
    pub(crate) fn parse(text: &str) -> Result<Self, Error> {
        if text.len() > POLICY_BYTES {
            return Err(Error::validation(format!(
                "1 validation error detected: Value at 'stackPolicyBody' failed to satisfy \
                 constraint: Member must have length less than or equal to {POLICY_BYTES}"
            )));
        }
        let invalid = || Error::validation("Error validating stack policy: Invalid stack policy");
        let policy: Self = serde_json::from_str(text).map_err(|_| invalid())?;
        match policy.statement.items().iter().all(Statement::is_valid) {
            true => Ok(policy),
            false => Err(invalid()),
        }
    }

    /// Whether a resource may be updated in this way.
    ///
    /// # Errors
    /// The official reason why not.
    pub(crate) fn check(&self, action: Action, id: &str, kind: &str) -> Result<(), String> {
        let mut allowed = false;
        for (index, statement) in self.statement.items().iter().enumerate() {
            match statement.effect {
                _ if !statement.applies(action, id, kind) => {}
                Effect::Allow => allowed = true,
                Effect::Deny => {
                    return Err(format!(
                        "Action denied by stack policy: Statement [#{}] does not allow [{}] for \
                         resource [{}];",
                        index + 1,
                        list(&statement.action).unwrap_or_else(|| action.name().to_owned()),
                        list(&statement.resource).unwrap_or_else(|| resource(id)),
                    ));
                }
            }
        }
        let (action, resource) = (action.name(), resource(id));
        let denied = || {
            format!(
                "Action denied by stack policy: No statement allows [{action}] for resource \
                 [{resource}];"
            )
        };
        if allowed { Ok(()) } else { Err(denied()) }
    }
}

fn resource(id: &str) -> String {
    format!("LogicalResourceId/{id}")
}

fn list(items: &Option<Many<String>>) -> Option<String> {
    items.as_ref().map(|items| items.items().join(", "))
}

impl Statement {
    fn is_valid(&self) -> bool {
        let actions = self.action.iter().chain(&self.not_action).flat_map(Many::items);
        let resources = self.resource.iter().chain(&self.not_resource).flat_map(Many::items);
        self.principal == "*"
            && self.action.is_some() != self.not_action.is_some()
            && self.resource.is_some() != self.not_resource.is_some()
            && actions.into_iter().all(|action| ACTIONS.contains(&action.as_str()))
            && resources.into_iter().all(|one| one == "*" || one.starts_with("LogicalResourceId/"))
    }

    fn applies(&self, action: Action, id: &str, kind: &str) -> bool {
        let resource = resource(id);
        let any = |items: &Many<String>, text: &str| {
            items.items().iter().any(|pattern| is_like(pattern, text))
        };
        let named = match (&self.action, &self.not_action) {
            (Some(actions), _) => any(actions, action.name()),
            (None, others) => others.as_ref().is_some_and(|others| !any(others, action.name())),
        };
        let meant = match (&self.resource, &self.not_resource) {
            (Some(resources), _) => any(resources, &resource),
            (None, others) => others.as_ref().is_some_and(|others| !any(others, &resource)),
        };
        let holds = |(operator, keys): (&Operator, &BTreeMap<Key, Many<String>>)| {
            keys.values().all(|types| match operator {
                Operator::StringEquals => types.items().iter().any(|one| one == kind),
                Operator::StringLike => any(types, kind),
            })
        };
        named && meant && self.condition.iter().all(holds)
    }
}

/// Whether a text is like a pattern with `*` and `?`.
fn is_like(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) =
        (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    // Where the last star stands, and how much of the text it covers so far.
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                None => return false,
                Some((at, covered)) => {
                    star = Some((at, covered + 1));
                    (p, t) = (at + 1, covered + 1);
                }
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn policy(statements: serde_json::Value) -> StackPolicy {
        StackPolicy::parse(&json!({"Statement": statements}).to_string()).unwrap()
    }

    const TABLE: &str = "AWS::DynamoDB::Table";

    #[test]
    fn what_no_statement_allows_is_denied() {
        let allow = json!({"Effect": "Allow", "Action": "Update:Modify", "Principal": "*",
            "Resource": ["LogicalResourceId/Web*", "LogicalResourceId/D?"]});
        let policy = policy(allow);
        assert_eq!(policy.check(Action::Modify, "WebServer", TABLE), Ok(()));
        assert_eq!(policy.check(Action::Modify, "DB", TABLE), Ok(()));
        let reason = policy.check(Action::Replace, "DB", TABLE).unwrap_err();
        assert_eq!(
            reason,
            "Action denied by stack policy: No statement allows [Update:Replace] for resource \
             [LogicalResourceId/DB];"
        );
        assert!(policy.check(Action::Modify, "Other", TABLE).is_err());
    }

    #[test]
    fn a_denial_wins_over_what_is_allowed() {
        let policy = policy(json!([
            {"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"},
            {"Effect": "Deny", "Action": ["Update:Replace", "Update:Delete"], "Principal": "*",
             "Resource": "*", "Condition": {"StringLike": {"ResourceType": ["AWS::Dynamo*"]}}},
        ]));
        assert_eq!(policy.check(Action::Modify, "T", TABLE), Ok(()));
        assert_eq!(policy.check(Action::Delete, "T", "AWS::SQS::Queue"), Ok(()));
        assert_eq!(
            policy.check(Action::Delete, "T", TABLE).unwrap_err(),
            "Action denied by stack policy: Statement [#2] does not allow [Update:Replace, \
             Update:Delete] for resource [*];"
        );
    }

    #[test]
    fn what_is_not_named_can_be_meant() {
        let policy = policy(json!([
            {"Effect": "Allow", "NotAction": "Update:Delete", "Principal": "*",
             "NotResource": "LogicalResourceId/Keep"},
        ]));
        assert_eq!(policy.check(Action::Replace, "T", TABLE), Ok(()));
        assert!(policy.check(Action::Delete, "T", TABLE).is_err());
        assert!(policy.check(Action::Modify, "Keep", TABLE).is_err());
    }

    #[test]
    fn what_is_no_policy_is_refused() {
        let statement = json!({"Effect": "Allow", "Action": "Update:*", "Principal": "*",
            "Resource": "*"});
        let with = |name: &str, value: serde_json::Value| {
            let mut statement = statement.clone();
            statement[name] = value;
            json!({"Statement": [statement]}).to_string()
        };
        StackPolicy::parse(&with("Sid", json!("one"))).unwrap();
        for text in [
            "{}".to_owned(),
            "no".to_owned(),
            with("Action", json!("s3:*")),
            with("Principal", json!("me")),
            with("Resource", json!("arn:aws:s3:::x")),
            with("NotResource", json!("*")),
            with("Colour", json!("red")),
            with("Condition", json!({"Bool": {"ResourceType": "x"}})),
            format!("{}{}", with("Sid", json!("x")), " ".repeat(POLICY_BYTES)),
        ] {
            assert!(StackPolicy::parse(&text).is_err(), "{text}");
        }
    }

    #[test]
    fn stars_cover_as_much_as_they_must() {
        for (pattern, text, like) in [
            ("*", "", true),
            ("a*c", "abcbc", true),
            ("a*b", "abc", false),
            ("a?c", "abc", true),
            ("a", "ab", false),
            ("**", "x", true),
        ] {
            assert_eq!(is_like(pattern, text), like, "{pattern} {text}");
        }
    }
}
