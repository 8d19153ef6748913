//! When objects, old versions and unfinished uploads go by themselves ("Managing the lifecycle of
//! objects").

use super::{Object, Tag};
use crate::{Error, config, settings::Setting};
use kv::Record;
use serde::{Deserialize, Serialize};
use service::{Context, Seconds};
use std::time::Duration;
use types::Timestamp;

const DAY: Duration = Duration::from_secs(86_400);

/// The midnight in UTC at or after a time: what is due is due then.
pub(crate) fn midnight(at: Timestamp) -> Timestamp {
    let day = DAY.as_millis() as u64;
    Timestamp::from_millis(at.as_millis().div_ceil(day) * day)
}

/// What was said of a bucket's lifecycle.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Lifecycle {
    pub(crate) document: LifecycleDocument,
    /// What the request said of transitions, of which there are none.
    pub(crate) transition_size: String,
    /// By which its job knows whether it was replaced.
    pub(crate) generation: [u8; 16],
}

impl Record for Lifecycle {
    const VERSION: u8 = 1;
}

impl Setting for Lifecycle {
    const NAME: &'static str = "lifecycle";
}

/// `LifecycleConfiguration`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct LifecycleDocument {
    pub(crate) rules: Vec<LifecycleRule>,
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct LifecycleRule {
    #[serde(rename = "ID", default, skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    status: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    filter: Option<Filter>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expiration: Option<Expiration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    noncurrent_version_expiration: Option<NoncurrentExpiration>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    abort_incomplete_multipart_upload: Option<Abort>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct Filter {
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tag: Option<Tag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_size_greater_than: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_size_less_than: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    and: Option<And>,
}

#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields, default)]
struct And {
    #[serde(skip_serializing_if = "Option::is_none")]
    prefix: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tags: Vec<Tag>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_size_greater_than: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    object_size_less_than: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Expiration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    date: Option<Seconds>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    days: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expired_object_delete_marker: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct NoncurrentExpiration {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    noncurrent_days: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    newer_noncurrent_versions: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Abort {
    days_after_initiation: Option<u32>,
}

fn invalid<T>(text: &str) -> Result<T, Error> {
    Err(Error::InvalidArgument(text.to_owned()))
}

/// Whether a number of days after `at` has come, counted to the next midnight.
fn is_due(at: Timestamp, days: u32, now: Timestamp) -> bool {
    midnight(at + DAY * days) <= now
}

impl Lifecycle {
    /// What a document says, checked, with an id for each rule.
    pub(crate) fn new(
        ctx: &Context,
        document: &LifecycleDocument,
        transition_size: &str,
    ) -> Result<Self, Error> {
        let mut document = document.clone();
        let count = document.rules.len();
        if count == 0 || count > config::LIFECYCLE_RULES {
            return Err(Error::MalformedXml);
        }
        for rule in &mut document.rules {
            rule.check()?;
            rule.id = rule.id.take().filter(|id| !id.is_empty());
            rule.id.get_or_insert_with(|| ctx.ids().uuid().to_string());
        }
        let mut ids: Vec<_> = document.rules.iter().map(|rule| &rule.id).collect();
        ids.sort_unstable();
        ids.dedup();
        if ids.len() < count {
            return invalid("Rule ID must be unique. Found same ID for more than one rule");
        }
        let transition_size = transition_size.to_owned();
        Ok(Self { document, transition_size, generation: ctx.ids().bytes() })
    }

    fn active(&self) -> impl Iterator<Item = &LifecycleRule> {
        self.document.rules.iter().filter(|rule| rule.status == "Enabled")
    }

    /// Whether the current version of a key is to go.
    pub(crate) fn expires(
        &self,
        key: &str,
        object: &Object,
        at: Timestamp,
        now: Timestamp,
    ) -> bool {
        self.active().any(|rule| rule.fits(key, object) && rule.expires(at, now))
    }

    /// Whether a delete marker behind which nothing is left is to go.
    pub(crate) fn clears(&self, key: &str, at: Timestamp, now: Timestamp) -> bool {
        self.active().any(|rule| {
            let expiration = rule.expiration.as_ref();
            let is_asked = expiration.is_some_and(|e| e.expired_object_delete_marker == Some(true));
            let by_age = rule.expires(at, now) && !rule.is_narrow();
            key.starts_with(rule.prefix()) && (is_asked || by_age)
        })
    }

    /// Whether a version is to go that stopped to be current at `at`, while `newer` others did
    /// after it. `object` is none of a delete marker.
    pub(crate) fn expires_noncurrent(
        &self,
        key: &str,
        object: Option<&Object>,
        (at, newer): (Timestamp, u32),
        now: Timestamp,
    ) -> bool {
        self.active().any(|rule| {
            let Some(expiration) = &rule.noncurrent_version_expiration else { return false };
            let fits = match object {
                Some(object) => rule.fits(key, object),
                None => key.starts_with(rule.prefix()) && !rule.is_narrow(),
            };
            fits && newer >= expiration.newer_noncurrent_versions.unwrap_or(0)
                && expiration.noncurrent_days.is_some_and(|days| is_due(at, days, now))
        })
    }

    /// Whether an upload that was begun at `at` is to be aborted.
    pub(crate) fn aborts(&self, key: &str, at: Timestamp, now: Timestamp) -> bool {
        self.active().any(|rule| {
            let abort = rule.abort_incomplete_multipart_upload.as_ref();
            let days = abort.and_then(|abort| abort.days_after_initiation);
            key.starts_with(rule.prefix()) && days.is_some_and(|days| is_due(at, days, now))
        })
    }
}

impl LifecycleRule {
    fn check(&self) -> Result<(), Error> {
        if self.id.as_ref().is_some_and(|id| id.chars().count() > config::RULE_ID_CHARS) {
            return invalid("ID length should not exceed allowed limit of 255");
        }
        if self.prefix.is_some() && self.filter.is_some() {
            return Err(Error::MalformedXml);
        }
        if self.filter.as_ref().is_some_and(|filter| filter.members() > 1) {
            return Err(Error::MalformedXml);
        }
        if let Some(expiration) = &self.expiration {
            expiration.check()?;
        }
        if self.noncurrent_version_expiration.as_ref().is_some_and(|e| e.noncurrent_days == Some(0))
        {
            return invalid(
                "'NoncurrentDays' for NoncurrentVersionExpiration action must be a positive integer",
            );
        }
        let abort = self.abort_incomplete_multipart_upload.as_ref();
        if abort.is_some_and(|abort| abort.days_after_initiation.unwrap_or(0) == 0) {
            return invalid(
                "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive \
                 integer",
            );
        }
        if abort.is_some() && self.is_narrow() {
            let text = "AbortIncompleteMultipartUpload cannot be specified with Tags or sizes.";
            return Err(Error::InvalidRequest(text.to_owned()));
        }
        if self.expiration.is_none() && self.noncurrent_version_expiration.is_none() {
            abort.map(drop).ok_or_else(|| {
                let text = "At least one action needs to be specified in a rule.";
                Error::InvalidRequest(text.to_owned())
            })?;
        }
        Ok(())
    }

    fn prefix(&self) -> &str {
        let filter = self.filter.as_ref();
        let of_filter = filter.and_then(|filter| {
            filter.prefix.as_deref().or_else(|| filter.and.as_ref()?.prefix.as_deref())
        });
        self.prefix.as_deref().or(of_filter).unwrap_or_default()
    }

    fn tags(&self) -> impl Iterator<Item = &Tag> {
        let filter = self.filter.as_ref();
        let one = filter.and_then(|filter| filter.tag.as_ref());
        let and = filter.and_then(|filter| filter.and.as_ref());
        one.into_iter().chain(and.into_iter().flat_map(|and| &and.tags))
    }

    /// The sizes between which an object must lie.
    fn sizes(&self) -> (Option<u64>, Option<u64>) {
        let Some(filter) = &self.filter else { return (None, None) };
        match &filter.and {
            Some(and) => (and.object_size_greater_than, and.object_size_less_than),
            None => (filter.object_size_greater_than, filter.object_size_less_than),
        }
    }

    /// Whether it looks at more than keys.
    fn is_narrow(&self) -> bool {
        self.tags().next().is_some() || self.sizes() != (None, None)
    }

    fn fits(&self, key: &str, object: &Object) -> bool {
        let (greater, less) = self.sizes();
        key.starts_with(self.prefix())
            && greater.is_none_or(|size| object.size > size)
            && less.is_none_or(|size| object.size < size)
            && self.tags().all(|tag| object.tags.get(&tag.key) == Some(&tag.value))
    }

    fn expires(&self, at: Timestamp, now: Timestamp) -> bool {
        let Some(expiration) = &self.expiration else { return false };
        expiration.days.is_some_and(|days| is_due(at, days, now))
            || expiration.date.is_some_and(|Seconds(date)| date <= now)
    }
}

impl Filter {
    fn members(&self) -> usize {
        let there = [
            self.prefix.is_some(),
            self.tag.is_some(),
            self.object_size_greater_than.is_some(),
            self.object_size_less_than.is_some(),
            self.and.is_some(),
        ];
        there.iter().filter(|there| **there).count()
    }
}

impl Expiration {
    fn check(&self) -> Result<(), Error> {
        let members =
            [self.date.is_some(), self.days.is_some(), self.expired_object_delete_marker.is_some()];
        if members.iter().filter(|there| **there).count() != 1 {
            return Err(Error::MalformedXml);
        }
        if self.days == Some(0) {
            return invalid("'Days' for Expiration action must be a positive integer");
        }
        match self.date {
            Some(Seconds(date)) if midnight(date) != date => {
                invalid("'Date' must be at midnight GMT")
            }
            _ => Ok(()),
        }
    }
}
