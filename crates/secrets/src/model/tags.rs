//! Tags of parameters.

use crate::{Error, config};
use serde::{Deserialize, Serialize};
use service::Context;
use types::Tags;

/// A tag in a request or reply.
#[derive(Debug, Clone, Deserialize, Serialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// `old` with `new` over it. Keys that begin with `aws:` are for the platform's own services, by
/// which stacks know their resources again.
///
/// # Errors
/// Too many tags, or a reserved key in a request from outside.
pub(crate) fn merge_tags(ctx: &Context, old: &Tags, new: &[Tag]) -> Result<Tags, Error> {
    let from_outside = ctx.caller.source_ip.is_some();
    let is_reserved = |key: &str| key.to_ascii_lowercase().starts_with("aws:");
    if let Some(tag) = new.iter().find(|tag| from_outside && is_reserved(&tag.key)) {
        let text = format!("The tag key {} begins with aws:, which is reserved.", tag.key);
        return Err(Error::validation(text));
    }
    let mut tags = old.clone();
    tags.extend(new.iter().map(|tag| (tag.key.clone(), tag.value.clone())));
    match tags.keys().filter(|key| !is_reserved(key)).count() {
        own if own > config::TAGS => Err(Error::TooManyTags),
        _ => Ok(tags),
    }
}

/// Tags as a reply lists them.
pub(crate) fn to_list(tags: &Tags) -> Vec<Tag> {
    let tag = |(key, value): (&String, &String)| Tag { key: key.clone(), value: value.clone() };
    tags.iter().map(tag).collect()
}
