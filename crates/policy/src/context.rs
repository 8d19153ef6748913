use crate::Principal;
use std::borrow::Cow;
use types::Timestamp;

/// The condition values of one request: keys, compared without regard to case, to one or more values.
#[derive(Clone, Debug, Default)]
pub struct Context {
    entries: Vec<(Cow<'static, str>, Values)>,
}

/// The values of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    One(String),
    Many(Vec<String>),
}

impl Values {
    pub(crate) fn as_slice(&self) -> &[String] {
        match self {
            Self::One(value) => std::slice::from_ref(value),
            Self::Many(values) => values,
        }
    }
}

impl Context {
    /// An empty context.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The keys that follow from the caller: `aws:PrincipalArn`, `aws:PrincipalAccount`,
    /// `aws:PrincipalType`, `aws:PrincipalIsAWSService`, `aws:PrincipalServiceName`, `aws:userid`
    /// and `aws:username`, each where it is documented to exist.
    #[must_use]
    pub fn of(principal: &Principal) -> Self {
        let mut context = Self::new();
        context.set("aws:PrincipalIsAWSService", principal.is_service().to_string());
        context.set("aws:PrincipalType", principal.type_name());
        if let Some(arn) = principal.policy_arn() {
            context.set("aws:PrincipalArn", arn);
        }
        if let Some(account) = principal.account() {
            context.set("aws:PrincipalAccount", account);
        }
        if let Some(id) = principal.user_id() {
            context.set("aws:userid", id);
        }
        if let Some(name) = principal.user_name() {
            context.set("aws:username", name);
        }
        if let Principal::Service { name } = principal {
            context.set("aws:PrincipalServiceName", name);
        }
        context
    }

    /// Sets a key with a single value, replacing what it had.
    pub fn set(&mut self, key: impl Into<Cow<'static, str>>, value: impl Into<String>) {
        self.put(key.into(), Values::One(value.into()));
    }

    /// Sets a multivalued key (`aws:TagKeys`, `dynamodb:Attributes`), which may be empty.
    pub fn set_all(
        &mut self,
        key: impl Into<Cow<'static, str>>,
        values: impl IntoIterator<Item = String>,
    ) {
        self.put(key.into(), Values::Many(values.into_iter().collect()));
    }

    /// Sets `aws:CurrentTime` and `aws:EpochTime`.
    pub fn set_time(&mut self, now: Timestamp) {
        self.set("aws:CurrentTime", now.to_iso8601());
        self.set("aws:EpochTime", now.as_secs().to_string());
    }

    fn put(&mut self, key: Cow<'static, str>, values: Values) {
        match self.entries.iter_mut().find(|(present, _)| present.eq_ignore_ascii_case(&key)) {
            Some((_, present)) => *present = values,
            None => self.entries.push((key, values)),
        }
    }

    pub(crate) fn get(&self, key: &str) -> Option<&Values> {
        let entry = self.entries.iter().find(|(present, _)| present.eq_ignore_ascii_case(key));
        entry.map(|(_, values)| values)
    }

    /// The value of a key that has exactly one: the others cannot stand for a variable.
    pub(crate) fn single(&self, key: &str) -> Option<&str> {
        match self.get(key)? {
            Values::One(value) => Some(value),
            Values::Many(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_compared_without_regard_to_case() {
        let mut context = Context::new();
        context.set("aws:SourceIp", "1.2.3.4");
        context.set("AWS:sourceip", "5.6.7.8");
        assert_eq!(context.single("aws:sourceIP"), Some("5.6.7.8"));
        assert_eq!(context.single("aws:other"), None);
    }

    #[test]
    fn a_time_gives_both_of_its_keys() {
        let mut context = Context::new();
        context.set_time(Timestamp::from_secs(1_700_000_000));
        assert_eq!(context.single("aws:CurrentTime"), Some("2023-11-14T22:13:20.000Z"));
        assert_eq!(context.single("aws:EpochTime"), Some("1700000000"));
    }
}
