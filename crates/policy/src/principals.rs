use crate::{Malformed, Principal, json::Json};
use types::{AccountId, Arn};

/// `Principal` or `NotPrincipal` of a resource-based policy.
#[derive(Clone, Debug)]
pub(crate) struct Principals {
    negated: bool,
    named: Vec<Named>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Named {
    Everyone,
    Account(AccountId),
    Arn(Arn),
    Service(String),
    /// A federated identity or a canonical user: valid, and matched by no caller of ours.
    Other,
}

/// How directly a resource-based policy names a caller. The order is the strength.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Grant {
    /// Its account: access is handed to the account, whose own policies decide.
    Account,
    /// The role of its session.
    Role,
    /// The user, the session, the service, or everyone.
    Direct,
}

impl Principals {
    pub(crate) fn parse(json: &Json, negated: bool, place: &str) -> Result<Self, Malformed> {
        let mut named = Vec::new();
        match json {
            Json::String(text) if text == "*" => named.push(Named::Everyone),
            Json::Object(members) if !members.is_empty() => {
                for (kind, value) in members {
                    let place = format!("{place}.{kind}");
                    for text in value.texts(&place)? {
                        named.push(parse_one(kind, text, &place)?);
                    }
                }
            }
            _ => return Err(Malformed::new(place, "Invalid principal in policy.")),
        }
        if named.is_empty() {
            return Err(Malformed::new(place, "Invalid principal in policy."));
        }
        Ok(Self { negated, named })
    }

    /// How the statement applies to the caller, if it does.
    pub(crate) fn match_principal(&self, principal: &Principal) -> Option<Grant> {
        let found = self.named.iter().filter_map(|named| named.grant(principal)).max();
        match (self.negated, found) {
            (false, found) => found,
            (true, None) => Some(Grant::Direct),
            (true, Some(_)) => None,
        }
    }
}

fn parse_one(kind: &str, text: &str, place: &str) -> Result<Named, Malformed> {
    let refuse =
        || Malformed::new(place, format!("Invalid principal in policy: {kind:?}:{text:?}"));
    match kind {
        "AWS" if text == "*" => Ok(Named::Everyone),
        "AWS" => parse_aws(text).ok_or_else(refuse),
        "Service" if is_service(text) => Ok(Named::Service(text.to_owned())),
        "Federated" | "CanonicalUser" if !text.is_empty() => Ok(Named::Other),
        _ => Err(refuse()),
    }
}

fn parse_aws(text: &str) -> Option<Named> {
    if let Ok(account) = text.parse() {
        return Some(Named::Account(account));
    }
    let arn: Arn = text.parse().ok()?;
    let account: AccountId = arn.account().parse().ok()?;
    let (kind, name) = arn.resource().split_once('/').unwrap_or((arn.resource(), ""));
    let is_named = !name.is_empty() && !name.contains(['*', '?']);
    match (arn.service(), kind) {
        ("iam", "root") if name.is_empty() => Some(Named::Account(account)),
        ("iam", "user" | "role") if is_named => Some(Named::Arn(arn)),
        ("sts", "assumed-role") if is_named && name.contains('/') => Some(Named::Arn(arn)),
        ("sts", "federated-user") if is_named => Some(Named::Other),
        _ => None,
    }
}

fn is_service(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    text.contains('.') && text.chars().all(fits)
}

impl Named {
    fn grant(&self, principal: &Principal) -> Option<Grant> {
        match (self, principal) {
            (Self::Everyone, _) => Some(Grant::Direct),
            (Self::Account(account), Principal::Root { account: own }) => {
                (account == own).then_some(Grant::Direct)
            }
            (Self::Account(account), caller) => {
                (caller.account() == Some(account.as_str())).then_some(Grant::Account)
            }
            (Self::Arn(named), Principal::User { arn, .. }) => {
                (named == arn).then_some(Grant::Direct)
            }
            (Self::Arn(named), Principal::Session { arn, role, .. }) => match named {
                named if named == arn => Some(Grant::Direct),
                named if named == role => Some(Grant::Role),
                _ => None,
            },
            (Self::Service(named), Principal::Service { name }) => {
                (named == name).then_some(Grant::Direct)
            }
            (Self::Arn(_) | Self::Service(_) | Self::Other, _) => None,
        }
    }
}
