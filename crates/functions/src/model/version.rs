//! Published versions: what `$LATEST` was when they were published.

use super::{Function, check_revision, save};
use crate::{Error, Functions, config, keys};
use kv::{Key, Scan, Transaction};
use service::{Context, Platform};

/// The version of a number.
pub(crate) async fn find_version(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
    number: u32,
) -> Result<Option<Function>, kv::Error> {
    tx.get_record(&keys::version(&platform.account, &platform.region, function, number)).await
}

/// Versions after a number, in the order of the numbers.
pub(crate) async fn list_versions(
    platform: &Platform,
    tx: &mut Transaction,
    function: &str,
    after: u32,
    limit: usize,
) -> Result<Vec<Function>, kv::Error> {
    let (account, region) = (&platform.account, &platform.region);
    let range = keys::versions(account, region, function);
    let range = range.after(&keys::version(account, region, function, after));
    let entries = tx.scan(&range, Scan::first(limit)).await?;
    entries.iter().map(|entry| kv::decode_record(&entry.value)).collect()
}

/// What a request to publish expects and wants.
#[derive(Default)]
pub(crate) struct Publication<'a> {
    pub(crate) description: Option<&'a str>,
    pub(crate) code_sha256: Option<&'a str>,
    pub(crate) revision: Option<&'a str>,
}

/// Publishes `$LATEST`. If nothing has changed since the last version, that one is the answer.
///
/// # Errors
/// Code or revision are not the expected ones, or there are too many versions.
pub(crate) async fn publish(
    functions: &Functions,
    ctx: &Context,
    tx: &mut Transaction,
    latest: &Function,
    wanted: Publication<'_>,
) -> Result<Function, Error> {
    check_revision(&latest.revision, wanted.revision)?;
    let code = latest.code.id.base64();
    if let Some(expected) = wanted.code_sha256.filter(|expected| *expected != code) {
        return Err(Error::InvalidParameterValue(format!(
            "CodeSHA256 ({expected}) is different from current CodeSHA256 in $LATEST ({code}). \
             Please try again with the CodeSHA256 in $LATEST."
        )));
    }
    let platform = &functions.platform;
    let all = list_versions(platform, tx, &latest.name, 0, config::VERSIONS).await?;
    if let Some(last) = all.last()
        && is_same(functions, last, latest)?
    {
        return Ok(last.clone());
    }
    if all.len() >= config::VERSIONS {
        let text = format!("A function can have at most {} versions.", config::VERSIONS);
        return Err(Error::InvalidParameterValue(text));
    }
    let last_key = keys::last_version(&platform.account, &platform.region, &latest.name);
    for layer in &latest.settings.layers {
        functions.refer(tx, &layer.code.id).await?;
    }
    let mut published = Function {
        version: Some(next_number(tx, last_key).await?),
        modified: ctx.now,
        revision: ctx.ids().uuid(),
        code: functions.refer(tx, &latest.code.id).await?,
        statements: Vec::new(),
        tags: types::Tags::new(),
        ..latest.clone()
    };
    if let Some(description) = wanted.description {
        description.clone_into(&mut published.settings.description);
    }
    save(platform, tx, &published)?;
    Ok(published)
}

/// The number after the last one, which lies at `key`. A number is never used again, not even when
/// everything of that name was deleted.
pub(super) async fn next_number(tx: &mut Transaction, key: Key) -> Result<u32, Error> {
    let last = tx.get(&key).await?.and_then(|bytes| bytes[..].try_into().ok());
    let next = last.map_or(0, u32::from_be_bytes) + 1;
    tx.put(key, kv::Value::copy_from_slice(&next.to_be_bytes()))?;
    Ok(next)
}

/// Whether code and configuration are the same. A description may be a version's own.
fn is_same(functions: &Functions, one: &Function, other: &Function) -> Result<bool, Error> {
    let open = |function: &Function| {
        let sealed = function.settings.environment.as_ref();
        sealed.map(|sealed| functions.vault.open(sealed, &function.arn)).transpose()
    };
    let mut settings = other.settings.clone();
    settings.description.clone_from(&one.settings.description);
    settings.environment.clone_from(&one.settings.environment);
    Ok(one.code.id == other.code.id && one.settings == settings && open(one)? == open(other)?)
}
