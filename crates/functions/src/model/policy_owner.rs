//! What has a policy: `$LATEST`, a version or an alias, each its own.

use super::{
    Alias, Function, FunctionName,
    alias::find_alias,
    function::{find, save},
    name::Qualifier,
    version::find_version,
};
use crate::Error;
use kv::Transaction;
use serde_json::Value;
use service::Platform;
use types::RequestId;

/// The record whose policy a qualified name means.
pub(crate) enum PolicyOwner {
    Version(Box<Function>),
    Alias(Box<Alias>),
}

impl PolicyOwner {
    pub(crate) async fn find(
        platform: &Platform,
        tx: &mut Transaction,
        name: &FunctionName,
    ) -> Result<Option<Self>, kv::Error> {
        let version = match name.qualifier() {
            Qualifier::Latest => find(platform, tx, name.as_str()).await?,
            Qualifier::Version(number) => find_version(platform, tx, name.as_str(), number).await?,
            Qualifier::Alias(alias) => {
                let alias = find_alias(platform, tx, name.as_str(), alias).await?;
                return Ok(alias.map(|alias| Self::Alias(Box::new(alias))));
            }
        };
        Ok(version.map(|version| Self::Version(Box::new(version))))
    }

    /// The owner, which must exist.
    pub(crate) async fn the(
        platform: &Platform,
        tx: &mut Transaction,
        name: &FunctionName,
    ) -> Result<Self, Error> {
        let found = Self::find(platform, tx, name).await?;
        found.ok_or_else(|| Error::FunctionNotFound(name.qualified_arn()))
    }

    pub(crate) fn statements(&self) -> &[Value] {
        match self {
            Self::Version(version) => &version.statements,
            Self::Alias(alias) => &alias.statements,
        }
    }

    pub(crate) fn revision(&self) -> &RequestId {
        match self {
            Self::Version(version) => &version.revision,
            Self::Alias(alias) => &alias.revision,
        }
    }

    /// A revision that the caller expects must be the latest.
    pub(crate) fn check_revision(&self, expected: Option<&str>) -> Result<(), Error> {
        match expected {
            Some(expected) if expected != self.revision().to_string() => {
                Err(Error::PreconditionFailed("GetPolicy"))
            }
            _ => Ok(()),
        }
    }

    /// Writes it with other statements.
    pub(crate) fn set(
        self,
        platform: &Platform,
        tx: &mut Transaction,
        statements: Vec<Value>,
        revision: RequestId,
    ) -> Result<(), kv::Error> {
        match self {
            Self::Version(version) => {
                save(platform, tx, &Function { statements, revision, ..*version })
            }
            Self::Alias(alias) => Alias { statements, revision, ..*alias }.save(platform, tx),
        }
    }
}
