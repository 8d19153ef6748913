//! The function's own record.

use super::{
    FunctionName, PolicyOwner, Settings,
    alias::find_alias,
    name::{LATEST, Qualifier, qualified},
    policy::document,
    version::find_version,
};
use crate::{Error, code::CodeRef, config, keys};
use kv::{Record, Scan, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use service::{Fault, Permission, Platform};
use types::{Arn, RequestId, Tags, Timestamp};

/// A version of a function. What is common to all of them lies in `$LATEST`.
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
    /// The number, if it is published.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) version: Option<u32>,
    /// `RecursiveLoop` is `Allow`. That of `$LATEST` counts.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) allows_loops: bool,
}

/// `RecursiveLoop`: what becomes of a function that runs in a loop of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum RecursiveLoop {
    /// It goes on.
    Allow,
    /// It is stopped.
    Terminate,
}

impl RecursiveLoop {
    /// What a function is configured to.
    pub(crate) fn of(function: &Function) -> Self {
        if function.allows_loops { Self::Allow } else { Self::Terminate }
    }
}

impl Record for Function {
    const VERSION: u8 = 1;
}

impl Function {
    /// `$LATEST`, or the number.
    pub(crate) fn version(&self) -> String {
        self.version.map_or_else(|| LATEST.to_owned(), |number| number.to_string())
    }

    /// The ARN with the version.
    pub(crate) fn qualified_arn(&self) -> Arn {
        qualified(&self.arn, &self.version())
    }

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

/// The version that a name means, which must exist: of an alias, the one that is not weighted.
pub(crate) async fn the(
    platform: &Platform,
    tx: &mut Transaction,
    name: &FunctionName,
) -> Result<Function, Error> {
    drawn(platform, tx, name, 1.0).await
}

/// The version that an invocation runs. `draw`, between 0 and 1, decides where an alias has weights.
pub(crate) async fn drawn(
    platform: &Platform,
    tx: &mut Transaction,
    name: &FunctionName,
    draw: f64,
) -> Result<Function, Error> {
    let found = match name.qualifier() {
        Qualifier::Latest => find(platform, tx, name.as_str()).await?,
        Qualifier::Version(number) => find_version(platform, tx, name.as_str(), number).await?,
        Qualifier::Alias(alias) => match find_alias(platform, tx, name.as_str(), alias).await? {
            Some(alias) => alias.function(platform, tx, draw).await?,
            None => None,
        },
    };
    found.ok_or_else(|| Error::FunctionNotFound(name.qualified_arn()))
}

/// Writes a version.
pub(crate) fn save(
    platform: &Platform,
    tx: &mut Transaction,
    function: &Function,
) -> Result<(), kv::Error> {
    let (account, region) = (&platform.account, &platform.region);
    let key = match function.version {
        None => keys::function(account, region, &function.name),
        Some(number) => keys::version(account, region, &function.name, number),
    };
    tx.put_record(key, function)
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

/// The permission that one action on one function needs, with the policy of the qualifier.
pub(crate) async fn permission(
    platform: &Platform,
    tx: &mut Transaction,
    name: &FunctionName,
    action: &'static str,
) -> Result<Vec<Permission>, Fault> {
    let owner = PolicyOwner::find(platform, tx, name).await?;
    let policy = owner.map(|owner| document(owner.statements())).transpose()?.flatten();
    Ok(vec![Permission::new(action, name.qualified_arn().as_str()).with_policy(policy)])
}

/// A revision that the caller expects must be the latest.
pub(crate) fn check_revision(latest: &RequestId, expected: Option<&str>) -> Result<(), Error> {
    match expected {
        Some(expected) if expected != latest.to_string() => {
            Err(Error::PreconditionFailed("GetFunction/GetAlias"))
        }
        _ => Ok(()),
    }
}

/// At most 50 tags, none of them AWS's own.
pub(crate) fn check_tags(tags: &Tags) -> Result<(), Error> {
    if tags.len() > config::TAGS {
        let message = "Number of tags exceeds resource tag limit.";
        return Err(Error::InvalidParameterValue(message.to_owned()));
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
