//! The `Condition` element: one file per family of operators.

mod arn;
mod binary;
mod boolean;
mod date;
mod ip;
mod numeric;
mod operator;
mod order;
mod string;

use crate::{Context, Malformed, json::Json};
use operator::{Operator, Qualifier};

/// Tests one value of the request against all values of the policy.
///
/// `Some(true)` if any of them matches; `None` if none does and one of them, or the value itself,
/// could not be read: a variable without value, a number that is none.
pub(crate) trait Test: std::fmt::Debug + Send + Sync {
    fn any_matches(&self, value: &str, context: &Context) -> Option<bool>;
}

/// `Some(true)` if any is true, else `None` if any is unknown.
pub(crate) fn any_of(outcomes: impl Iterator<Item = Option<bool>>) -> Option<bool> {
    let mut all = Some(false);
    for outcome in outcomes {
        match outcome {
            Some(true) => return Some(true),
            Some(false) => {}
            None => all = None,
        }
    }
    all
}

/// All conditions of a statement, which must all hold.
#[derive(Debug, Default)]
pub(crate) struct Conditions(Vec<Condition>);

#[derive(Debug)]
struct Condition {
    key: String,
    qualifier: Qualifier,
    if_exists: bool,
    check: Check,
}

#[derive(Debug)]
enum Check {
    /// `Null`: whether the key must be absent.
    Absent(Vec<bool>),
    Test {
        negated: bool,
        test: Box<dyn Test>,
    },
}

impl Conditions {
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn parse(json: &Json, variables: bool, place: &str) -> Result<Self, Malformed> {
        let mut conditions = Vec::new();
        for (name, keys) in json.members(place)? {
            let place = format!("{place}.{name}");
            let operator = Operator::parse(name, &place)?;
            for (key, values) in keys.members(&place)? {
                let place = format!("{place}.{key}");
                conditions.push(Condition::parse(&operator, key, values, variables, &place)?);
            }
        }
        Ok(Self(conditions))
    }

    pub(crate) fn hold(&self, context: &Context, is_deny: bool) -> bool {
        self.0.iter().all(|condition| condition.holds(context, is_deny))
    }
}

impl Condition {
    fn parse(
        operator: &Operator,
        key: &str,
        values: &Json,
        variables: bool,
        place: &str,
    ) -> Result<Self, Malformed> {
        if !key.contains(':') {
            let reason =
                "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.";
            return Err(Malformed::new(place, reason));
        }
        let check = operator.check(&values.scalars(place)?, variables, place)?;
        let (qualifier, if_exists) = (operator.qualifier, operator.if_exists);
        Ok(Self { key: key.to_owned(), qualifier, if_exists, check })
    }

    fn holds(&self, context: &Context, is_deny: bool) -> bool {
        let values = context.get(&self.key).map(|values| values.as_slice());
        match &self.check {
            Check::Absent(wanted) => wanted.contains(&values.is_none_or(<[_]>::is_empty)),
            Check::Test { negated, test } => {
                let Some(values) = values else { return self.holds_when_absent(*negated) };
                let mut outcomes = values.iter().map(|value| {
                    match test.any_matches(value, context) {
                        Some(found) => found != *negated,
                        // What cannot be read never allows, and refuses under a negated operator.
                        None => *negated && is_deny,
                    }
                });
                match self.qualifier {
                    Qualifier::All => outcomes.all(|held| held),
                    Qualifier::Any => outcomes.any(|held| held),
                    Qualifier::Single if *negated => outcomes.all(|held| held),
                    Qualifier::Single => outcomes.any(|held| held),
                }
            }
        }
    }

    fn holds_when_absent(&self, negated: bool) -> bool {
        match self.qualifier {
            _ if self.if_exists => true,
            Qualifier::All => true,
            Qualifier::Any => false,
            Qualifier::Single => negated,
        }
    }
}

#[cfg(test)]
mod tests;
