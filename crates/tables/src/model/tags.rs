//! Tags of tables.

use super::table::{Name, Table};
use crate::{Error, Tables, config};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::Context;
use std::sync::Arc;
use types::Tags;

/// One tag, as requests and replies have it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Tag {
    pub(crate) key: String,
    pub(crate) value: String,
}

/// The table that an operation on tags names by its ARN.
pub(crate) async fn tagged(
    tables: &Tables,
    ctx: &Context,
    tx: &mut Transaction,
    arn: &str,
) -> Result<Arc<Table>, Error> {
    let missing = || Error::ArnNotFound(arn.to_owned());
    let name = parse_arn(arn, ctx)?;
    tables.find(ctx, tx, &name).await?.ok_or_else(missing)
}

/// The name in the ARN of a table.
pub(crate) fn parse_arn(arn: &str, ctx: &Context) -> Result<Name, Error> {
    if !arn.starts_with("arn:") {
        return Err(Error::invalid(format_args!("ARNs must start with 'arn:': {arn}")));
    }
    Name::parse(arn, ctx).map_err(|error| match error {
        Error::NotFound => Error::ArnNotFound(arn.to_owned()),
        _ => Error::validation(format!(
            "Invalid TableArn: Invalid ResourceArn provided as input {arn}"
        )),
    })
}

/// Checks the tags of a request.
pub(crate) fn parse_tags(ctx: &Context, list: &[Tag]) -> Result<Tags, Error> {
    let mut tags = Tags::new();
    for Tag { key, value } in list {
        if !config::TAG_KEY_CHARS.contains(&key.chars().count()) {
            return Err(Error::validation(format!("The Tag Key provided is invalid, Key: {key}")));
        }
        check_prefix(ctx, key)?;
        if value.chars().count() > config::TAG_VALUE_CHARS {
            let text = format!("The Tag Value provided is invalid, Value: {value}");
            return Err(Error::validation(text));
        }
        if tags.insert(key.clone(), value.clone()).is_some() {
            return Err(Error::validation(format!(
                "Duplicate Tag Keys provided as input: Duplicate Tag Key found {key}"
            )));
        }
    }
    check_count(&tags)?;
    Ok(tags)
}

/// Adds tags to a table's.
pub(crate) fn add_tags(ctx: &Context, table: &mut Table, list: &[Tag]) -> Result<(), Error> {
    if list.is_empty() {
        return Err(Error::validation("Atleast one Tag needs to be provided as Input."));
    }
    table.tags.extend(parse_tags(ctx, list)?);
    check_count(&table.tags)
}

/// Takes tags away.
pub(crate) fn remove_tags(ctx: &Context, table: &mut Table, keys: &[String]) -> Result<(), Error> {
    if keys.is_empty() {
        return Err(Error::validation("Atleast one Tag Key needs to be provided as Input."));
    }
    keys.iter().try_for_each(|key| check_prefix(ctx, key))?;
    table.tags.retain(|key, _| !keys.contains(key));
    Ok(())
}

/// The tags as replies have them.
pub(crate) fn tag_list(tags: &Tags) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

/// Only other services of the platform may use keys that begin with `aws:`, by which stacks know
/// their resources again.
fn check_prefix(ctx: &Context, key: &str) -> Result<(), Error> {
    let is_service = ctx.caller.source_ip.is_none();
    if is_system(key) && !is_service {
        return Err(Error::validation(format!("Tag Key cannot be prefixed with aws:, Key: {key}")));
    }
    Ok(())
}

fn is_system(key: &str) -> bool {
    key.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
}

fn check_count(tags: &Tags) -> Result<(), Error> {
    if tags.keys().filter(|key| !is_system(key)).count() > config::TAGS {
        let text = "Number of Tags exceed the current limit for the provided ResourceArn";
        return Err(Error::validation(text));
    }
    Ok(())
}
