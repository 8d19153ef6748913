//! Tags of users, roles and policies.

use crate::{Error, config};
use serde::{Deserialize, Serialize};
use service::{Context, Permission};
use types::Tags;

/// A tag in a request or reply.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// `old` with `new` over it. Keys that begin with `aws:` are for the platform's own services.
pub(crate) fn check_tags(ctx: &Context, mut old: Tags, new: &[Tag]) -> Result<Tags, Error> {
    let from_outside = ctx.caller.source_ip.is_some();
    for (index, Tag { key, value }) in new.iter().enumerate() {
        if from_outside && key.to_ascii_lowercase().starts_with("aws:") {
            let text = "User specified tag keys cannot start with 'aws:'.";
            return Err(Error::InvalidInput(text.to_owned()));
        }
        if new[..index].iter().any(|other| other.key.eq_ignore_ascii_case(key)) {
            let text = "Duplicate tag keys found. Please note that Tag keys are case insensitive.";
            return Err(Error::InvalidInput(text.to_owned()));
        }
        // Keys are compared without regard to case and kept as they were written last.
        old.retain(|kept, _| !kept.eq_ignore_ascii_case(key));
        old.insert(key.clone(), value.clone());
    }
    let own = old.keys().filter(|key| !key.starts_with("aws:")).count();
    if own > config::TAGS {
        let text = format!("The number of tags has reached the maximum limit of {}.", config::TAGS);
        return Err(Error::LimitExceeded(text));
    }
    Ok(old)
}

/// Whether tags are given that are not the platform's own, so that the caller must be allowed to.
pub(crate) fn has_own_tags(tags: &[Tag]) -> bool {
    tags.iter().any(|tag| !tag.key.starts_with("aws:"))
}

/// The condition keys that a request with tags has.
pub(crate) fn tag_conditions(permission: Permission, tags: &[Tag]) -> Permission {
    permission.with_values("aws:TagKeys", tags.iter().map(|tag| tag.key.clone()).collect())
}

/// Tags as a reply lists them.
pub(crate) fn to_list(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag { key: key.clone(), value: value.clone() };
    tags.iter().map(tag).collect()
}
