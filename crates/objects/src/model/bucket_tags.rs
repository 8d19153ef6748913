//! The tags of a bucket.

use super::tags;
use crate::{Error, config, settings::Setting};
use kv::Record;
use serde::{Deserialize, Serialize};
use service::Context;
use types::Tags;

/// The tags of a bucket.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct BucketTags(pub(crate) Tags);

impl Record for BucketTags {
    const VERSION: u8 = 1;
}

impl Setting for BucketTags {
    const NAME: &'static str = "tags";
}

fn is_system(key: &str) -> bool {
    key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

fn refuse<T>(text: &str) -> Result<T, Error> {
    Err(Error::InvalidTag(text.to_owned()))
}

impl BucketTags {
    /// The tags that replace these. Those that begin with `aws:` are other services', by which
    /// stacks know their buckets again: callers from outside must leave them as they are.
    pub(crate) fn replaced_by(&self, ctx: &Context, new: Tags) -> Result<Self, Error> {
        let own: Tags = new.iter().filter(|(key, _)| !is_system(key)).map(owned).collect();
        if own.len() > config::BUCKET_TAGS {
            let text = format!("Bucket tag count cannot be greater than {}", config::BUCKET_TAGS);
            return Err(Error::BadRequest(text));
        }
        tags::check(&own, config::BUCKET_TAGS)?;
        if ctx.caller.source_ip.is_some() {
            let (before, after) = (self.of_system(), Self(new.clone()).of_system());
            if after.iter().any(|(key, value)| before.get(key) != Some(value)) {
                return refuse("System tags cannot be added/updated by requester");
            }
            if before.len() > after.len() {
                return refuse("System tags cannot be removed by requester");
            }
        }
        Ok(Self(new))
    }

    /// The tags that are other services'.
    pub(crate) fn of_system(&self) -> Tags {
        self.0.iter().filter(|(key, _)| is_system(key)).map(owned).collect()
    }
}

fn owned((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}
