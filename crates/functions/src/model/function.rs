//! The function's own record.

use super::{FunctionName, Settings, policy::document};
use crate::{Error, code::CodeRef, config, keys};
use kv::{Record, Scan, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{Fault, Permission, Platform};
use types::{Arn, RequestId, Tags, Timestamp};

/// A function: its `$LATEST` version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Function {
    pub(crate) name: String,
    pub(crate) arn: Arn,
    pub(crate) created: Timestamp,
    /// The last change of code or configuration.
    pub(crate) modified: Timestamp,
    /// Changes with every change, its policy's included: `RevisionId`.
    pub(crate) revision: RequestId,
    /// Changes with code and configuration: instances of another one are outdated.
    pub(crate) instances: RequestId,
    pub(crate) code: CodeRef,
    pub(crate) settings: Settings,
    /// The statements of its policy.
    pub(crate) statements: Vec<Value>,
    pub(crate) tags: Tags,
}

impl Record for Function {
    const VERSION: u8 = 1;
}

impl Function {
    /// The log group that its output goes to.
    pub(crate) fn log_group(&self) -> String {
        let own = self.settings.log_group.clone();
        own.unwrap_or_else(|| format!("/aws/lambda/{}", self.name))
    }
}

/// The function of a name.
pub(crate) async fn find(
    platform: &Platform,
    tx: &mut Transaction,
    name: &str,
) -> Result<Option<Function>, kv::Error> {
    tx.get_record(&keys::function(&platform.account, &platform.region, name)).await
}

/// The function of a name, which must exist.
pub(crate) async fn the(
    platform: &Platform,
    tx: &mut Transaction,
    name: &FunctionName,
) -> Result<Function, Error> {
    let found = find(platform, tx, name.as_str()).await?;
    found.ok_or_else(|| Error::FunctionNotFound(name.qualified_arn()))
}

/// Writes a function.
pub(crate) fn save(
    platform: &Platform,
    tx: &mut Transaction,
    function: &Function,
) -> Result<(), kv::Error> {
    tx.put_record(keys::function(&platform.account, &platform.region, &function.name), function)
}

/// Functions after a name, in the order of the names.
pub(crate) async fn list(
    platform: &Platform,
    tx: &mut Transaction,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<Function>, kv::Error> {
    let mut range = keys::functions(&platform.account, &platform.region);
    if let Some(after) = after {
        range = range.after(&keys::function(&platform.account, &platform.region, after));
    }
    let entries = tx.scan(&range, Scan::first(limit).snapshot()).await?;
    entries.iter().map(|entry| kv::decode_record(&entry.value)).collect()
}

/// The permission that one action on one function needs, with the function's own policy.
pub(crate) async fn permission(
    platform: &Platform,
    tx: &mut Transaction,
    name: &FunctionName,
    action: &'static str,
) -> Result<Vec<Permission>, Fault> {
    let function = find(platform, tx, name.as_str()).await?;
    let policy = function.map(|function| document(&function.statements)).transpose()?.flatten();
    Ok(vec![Permission::new(action, name.qualified_arn().as_str()).with_policy(policy)])
}

/// A revision that the caller expects must be the latest.
pub(crate) fn check_revision(function: &Function, expected: Option<&str>) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != function.revision.to_string() => {
            Err(Error::PreconditionFailed)
        }
        _ => Ok(()),
    }
}

/// At most 50 tags, none of them AWS's own.
pub(crate) fn check_tags(tags: &Tags) -> Result<(), Error> {
    if tags.len() > config::TAGS {
        let message = format!("The number of tags exceeds the limit of {}.", config::TAGS);
        return Err(Error::InvalidParameterValue(message));
    }
    match tags.keys().find(|key| key.to_ascii_lowercase().starts_with("aws:")) {
        // Stacks tag their resources with names of this prefix.
        Some(key) if !key.starts_with("aws:cloudformation:") => {
            let message = format!("Tag keys cannot start with the prefix aws: {key}");
            Err(Error::InvalidParameterValue(message))
        }
        _ => Ok(()),
    }
}
