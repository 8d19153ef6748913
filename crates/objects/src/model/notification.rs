//! Which events of a bucket go where.

use crate::{Error, config};
use kv::Record;
use serde::{Deserialize, Serialize};
use types::Arn;

/// What happens to objects, as configurations and events name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    Put,
    Post,
    Copy,
    CompleteMultipartUpload,
    Delete,
    DeleteMarkerCreated,
    TaggingPut,
    TaggingDelete,
    Expire,
    ExpireToMarker,
}

impl Action {
    const ALL: [Self; 10] = [
        Self::Put,
        Self::Post,
        Self::Copy,
        Self::CompleteMultipartUpload,
        Self::Delete,
        Self::DeleteMarkerCreated,
        Self::TaggingPut,
        Self::TaggingDelete,
        Self::Expire,
        Self::ExpireToMarker,
    ];

    /// The name in event records.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Put => "ObjectCreated:Put",
            Self::Post => "ObjectCreated:Post",
            Self::Copy => "ObjectCreated:Copy",
            Self::CompleteMultipartUpload => "ObjectCreated:CompleteMultipartUpload",
            Self::Delete => "ObjectRemoved:Delete",
            Self::DeleteMarkerCreated => "ObjectRemoved:DeleteMarkerCreated",
            Self::TaggingPut => "ObjectTagging:Put",
            Self::TaggingDelete => "ObjectTagging:Delete",
            Self::Expire => "LifecycleExpiration:Delete",
            Self::ExpireToMarker => "LifecycleExpiration:DeleteMarkerCreated",
        }
    }

    /// Whether a configuration's event covers it.
    fn is(self, event: &str) -> bool {
        let Some(event) = event.strip_prefix("s3:") else { return false };
        match event.strip_suffix('*') {
            Some(kind) => kind.ends_with(':') && self.name().starts_with(kind),
            None => self.name() == event,
        }
    }
}

/// The events of a bucket and where they go.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Notifications {
    pub(crate) rules: Vec<Rule>,
}

impl Record for Notifications {
    const VERSION: u8 = 1;
}

/// One configuration.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) id: String,
    /// A queue or a function.
    pub(crate) target: Arn,
    pub(crate) events: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) filter: Vec<FilterRule>,
}

/// A condition on the key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct FilterRule {
    name: String,
    #[serde(default)]
    value: String,
}

impl Rule {
    fn prefix(&self) -> &str {
        self.affix("prefix")
    }

    fn suffix(&self) -> &str {
        self.affix("suffix")
    }

    fn affix(&self, name: &str) -> &str {
        let rule = self.filter.iter().find(|rule| rule.name.eq_ignore_ascii_case(name));
        rule.map_or("", |rule| &rule.value)
    }

    /// Whether it wants to hear of this.
    pub(crate) fn wants(&self, action: Action, key: &str) -> bool {
        self.events.iter().any(|event| action.is(event))
            && key.starts_with(self.prefix())
            && key.ends_with(self.suffix())
    }

    fn check(&self) -> Result<(), Error> {
        for event in &self.events {
            if !Action::ALL.iter().any(|action| action.is(event)) {
                return Err(Error::NotImplemented(format!("the event {event}")));
            }
        }
        for (index, rule) in self.filter.iter().enumerate() {
            let name = rule.name.to_ascii_lowercase();
            if name != "prefix" && name != "suffix" {
                let text = "filter rule name must be either prefix or suffix";
                return Err(Error::InvalidArgument(text.to_owned()));
            }
            if rule.value.len() > config::FILTER_CHARS {
                let text = "Size of filter rule value cannot exceed 1024 bytes in UTF-8";
                return Err(Error::InvalidArgument(text.to_owned()));
            }
            if self.filter[..index].iter().any(|other| other.name.eq_ignore_ascii_case(&name)) {
                let text = format!("Cannot specify more than one {name} rule in a filter.");
                return Err(Error::InvalidArgument(text));
            }
        }
        Ok(())
    }

    /// Whether one write could go by both.
    fn overlaps(&self, other: &Self) -> bool {
        let both = |action: &Action| {
            let by = |rule: &Self| rule.events.iter().any(|event| action.is(event));
            by(self) && by(other)
        };
        let (a, b) = (self.prefix(), other.prefix());
        let prefixes = a.starts_with(b) || b.starts_with(a);
        let (a, b) = (self.suffix(), other.suffix());
        let suffixes = a.ends_with(b) || b.ends_with(a);
        Action::ALL.iter().any(both) && prefixes && suffixes
    }
}

impl Notifications {
    /// Checks each configuration and all of them together.
    pub(crate) fn check(&self) -> Result<(), Error> {
        if self.rules.len() > config::NOTIFICATIONS {
            return Err(Error::InvalidArgument(format!(
                "A bucket can have at most {} notification configurations",
                config::NOTIFICATIONS
            )));
        }
        for (index, rule) in self.rules.iter().enumerate() {
            rule.check()?;
            for other in &self.rules[..index] {
                if other.id == rule.id {
                    let text = "Same ID used for multiple configurations. IDs must be unique";
                    return Err(Error::InvalidArgument(text.to_owned()));
                }
                if other.overlaps(rule) {
                    let text = "Configurations overlap. Configurations on the same bucket cannot \
                                share a common event type.";
                    return Err(Error::InvalidArgument(text.to_owned()));
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn rule(id: &str, events: &[&str], prefix: &str, suffix: &str) -> Rule {
        serde_json::from_value(json!({
            "id": id,
            "target": "arn:aws:sqs:eu-1:000000000000:q",
            "events": events,
            "filter": [{"Name": "Prefix", "Value": prefix}, {"Name": "suffix", "Value": suffix}],
        }))
        .unwrap()
    }

    #[test]
    fn a_rule_wants_its_events_of_its_keys() {
        let rule = rule("1", &["s3:ObjectCreated:*"], "in/", ".jpg");
        assert!(rule.wants(Action::Copy, "in/a.jpg"));
        assert!(!rule.wants(Action::Delete, "in/a.jpg"));
        assert!(!rule.wants(Action::Put, "in/a.png"));
        assert!(!rule.wants(Action::Put, "a.jpg"));
    }

    #[test]
    fn configurations_that_could_both_hear_of_a_write_are_refused() {
        let check = |a: Rule, b: Rule| Notifications { rules: vec![a, b] }.check();
        let all = |id| rule(id, &["s3:ObjectCreated:*"], "", "");
        let put = |id, prefix, suffix| rule(id, &["s3:ObjectCreated:Put"], prefix, suffix);
        assert!(check(all("1"), put("2", "a/", "")).is_err());
        assert!(check(put("1", "a/", ""), put("2", "b/", "")).is_ok());
        assert!(check(put("1", "", ".jpg"), put("2", "", ".png")).is_ok());
        assert!(check(put("1", "a/", ".jpg"), put("2", "a/b", "g")).is_err());
        assert!(check(all("1"), rule("2", &["s3:ObjectRemoved:*"], "", "")).is_ok());
        assert!(check(all("1"), rule("1", &["s3:ObjectRemoved:*"], "", "")).is_err());
    }

    #[test]
    fn events_that_never_happen_here_are_refused() {
        for event in ["s3:ObjectRestore:*", "s3:Replication:*", "ObjectCreated:*", "s3:Object*"] {
            let rules = vec![rule("1", &[event], "", "")];
            assert!(Notifications { rules }.check().is_err(), "{event}");
        }
    }
}
