//! Managed policies: the customers', which are stored, and AWS's, which are a table.

use super::Kind;
use crate::{Error, config, keys, keys::Use, managed, model};
use kv::{Record, Scan, Transaction};
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission};
use std::collections::BTreeMap;
use types::{AccountId, Arn, Tags, Timestamp};

/// A customer managed policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Policy {
    pub(crate) name: String,
    /// Begins and ends with a slash.
    pub(crate) path: String,
    /// `ANPA...`
    pub(crate) id: String,
    pub(crate) description: Option<String>,
    pub(crate) created: Timestamp,
    pub(crate) updated: Timestamp,
    pub(crate) tags: Tags,
    /// Number of the version in force.
    pub(crate) default: u32,
    /// Number of the next version; numbers are not used again.
    pub(crate) next: u32,
    pub(crate) versions: BTreeMap<u32, Version>,
}

/// One version of a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Version {
    pub(crate) text: String,
    pub(crate) created: Timestamp,
}

impl Record for Policy {
    const VERSION: u8 = 1;
}

impl Policy {
    pub(crate) fn arn(&self, account: &AccountId) -> Arn {
        Arn::global("iam", account, &format!("policy{}{}", self.path, self.name))
    }

    /// The version that a request calls `v7`.
    pub(crate) fn version(&self, arn: &str, id: &str) -> Result<(u32, &Version), Error> {
        let number = id.strip_prefix('v').and_then(|number| number.parse().ok());
        let found = number.and_then(|number| Some((number, self.versions.get(&number)?)));
        found.ok_or_else(|| Error::unknown_version(arn, id))
    }

    /// A policy with its first version, in the root path.
    pub(crate) fn new(ctx: &Context, name: &str, text: &str) -> Self {
        let version = Version { text: text.to_owned(), created: ctx.now };
        Self {
            name: name.to_owned(),
            path: "/".to_owned(),
            id: model::unique_id(ctx, "ANPA"),
            description: None,
            created: ctx.now,
            updated: ctx.now,
            tags: Tags::new(),
            default: 1,
            next: 2,
            versions: BTreeMap::from([(1, version)]),
        }
    }

    /// Adds a version, which is not in force yet.
    pub(crate) fn add_version(&mut self, ctx: &Context, text: &str) -> Result<u32, Error> {
        if self.versions.len() >= config::POLICY_VERSIONS {
            return Err(Error::LimitExceeded(format!(
                "A managed policy can have up to {} versions. Before you create a new version, you \
                 must delete an existing version.",
                config::POLICY_VERSIONS
            )));
        }
        let number = self.next;
        self.versions.insert(number, Version { text: text.to_owned(), created: ctx.now });
        self.next += 1;
        self.updated = ctx.now;
        Ok(number)
    }
}

/// What the ARN of a managed policy points at.
pub(crate) enum PolicyRef {
    /// One of AWS's, which cannot be changed.
    Aws(&'static managed::Managed),
    /// One of this account's.
    Local(Policy),
}

impl PolicyRef {
    /// Reads an ARN and finds its policy.
    pub(crate) async fn find(
        tx: &mut Transaction,
        account: &AccountId,
        arn: &str,
    ) -> Result<Option<Self>, Error> {
        match parse(arn)? {
            (owner, _) if owner == "aws" => Ok(managed::find(arn).map(Self::Aws)),
            (owner, name) if owner == account.as_str() => {
                let key = keys::named(keys::POLICY, account, &name);
                let found: Option<Policy> = tx.get_record(&key).await?;
                let same = found.filter(|policy| policy.arn(account).as_str() == arn);
                Ok(same.map(Self::Local))
            }
            _ => Ok(None),
        }
    }

    /// As [`PolicyRef::find`]; one that is not there is an error.
    pub(crate) async fn get(ctx: &Context, tx: &mut Transaction, arn: &str) -> Result<Self, Error> {
        let found = Self::find(tx, ctx.account(), arn).await?;
        found.ok_or_else(|| Error::unknown_policy(arn))
    }

    /// A policy that can be changed.
    pub(crate) async fn own(
        ctx: &Context,
        tx: &mut Transaction,
        arn: &str,
    ) -> Result<Policy, Error> {
        match Self::get(ctx, tx, arn).await? {
            Self::Local(policy) => Ok(policy),
            Self::Aws(_) => {
                let text = format!("Policy {arn} is managed by AWS and cannot be changed.");
                Err(Error::AccessDenied(text))
            }
        }
    }
}

/// Owner and name of a policy's ARN.
fn parse(arn: &str) -> Result<(String, String), Error> {
    let invalid = || Error::InvalidInput(format!("ARN {arn} is not valid."));
    let parsed: Arn = arn.parse().map_err(|_| invalid())?;
    let name = parsed.resource().strip_prefix("policy/").and_then(|rest| rest.rsplit('/').next());
    match name {
        Some(name) if parsed.service() == "iam" && parsed.region().is_empty() => {
            Ok((parsed.account().to_owned(), name.to_owned()))
        }
        _ => Err(invalid()),
    }
}

/// The text in force of a managed policy.
pub(crate) async fn default_text(
    tx: &mut Transaction,
    account: &AccountId,
    arn: &str,
) -> Result<Option<String>, Error> {
    Ok(match PolicyRef::find(tx, account, arn).await? {
        None => None,
        Some(PolicyRef::Aws(policy)) => Some(policy.text.clone()),
        Some(PolicyRef::Local(policy)) => {
            policy.versions.get(&policy.default).map(|version| version.text.clone())
        }
    })
}

pub(crate) fn save_policy(
    ctx: &Context,
    tx: &mut Transaction,
    policy: &Policy,
) -> Result<(), kv::Error> {
    tx.put_record(keys::named(keys::POLICY, ctx.account(), &policy.name), policy)
}

/// Writes a policy that is new.
pub(crate) async fn create_policy(
    ctx: &Context,
    tx: &mut Transaction,
    policy: &Policy,
) -> Result<(), Error> {
    let key = keys::named(keys::POLICY, ctx.account(), &policy.name);
    if tx.get(&key).await?.is_some() {
        let name = &policy.name;
        return Err(Error::EntityAlreadyExists(format!(
            "A policy called {name} already exists. Duplicate names are not allowed."
        )));
    }
    if model::count(ctx, tx, keys::POLICY, 1).await? >= config::POLICIES {
        return Err(Error::quota("PoliciesPerAccount", config::POLICIES));
    }
    save_policy(ctx, tx, policy)?;
    Ok(())
}

/// Deletes a policy that nothing uses and that has only its default version.
pub(crate) async fn delete_policy(
    ctx: &Context,
    tx: &mut Transaction,
    policy: &Policy,
) -> Result<(), Error> {
    for used_as in [Use::Permissions, Use::Boundary] {
        let range = keys::attachments(ctx.account(), &policy.name, used_as);
        if !tx.scan(&range, Scan::first(1)).await?.is_empty() {
            return Err(Error::DeleteConflict("Cannot delete a policy attached to entities."));
        }
    }
    if policy.versions.len() > 1 {
        return Err(Error::DeleteConflict(
            "This policy has more than one version. Before you delete a policy, you must delete \
             the policy's versions. The default version is deleted with the policy.",
        ));
    }
    model::count(ctx, tx, keys::POLICY, -1).await?;
    tx.delete(keys::named(keys::POLICY, ctx.account(), &policy.name))?;
    bump_epoch(ctx, tx)?;
    Ok(())
}

/// Makes every compiled set of policies that refers to a customer managed one be compiled anew:
/// needed whenever an ARN may mean another text than before.
pub(crate) fn bump_epoch(ctx: &Context, tx: &mut Transaction) -> Result<(), kv::Error> {
    let epoch: [u8; 16] = ctx.ids().bytes();
    tx.put(keys::policy_epoch(ctx.account()), kv::Value::copy_from_slice(&epoch))
}

/// All customer managed policies, in the order of their names.
pub(crate) async fn local_policies(
    ctx: &Context,
    tx: &mut Transaction,
) -> Result<Vec<Policy>, Error> {
    let limit = config::POLICIES as usize;
    let range = keys::all_named(keys::POLICY, ctx.account());
    let entries = tx.scan(&range, Scan::first(limit).snapshot()).await?;
    Ok(entries.iter().map(|entry| kv::decode_record(&entry.value)).collect::<Result<_, _>>()?)
}

/// What one action on a managed policy needs.
pub(crate) fn policy_permission(
    ctx: &Context,
    arn: &str,
    action: &'static str,
) -> Result<Vec<Permission>, Fault> {
    parse(arn)?;
    Ok(vec![model::permission_on(ctx, action, arn)?])
}

/// Who uses which customer managed policy. AWS's are not counted.
pub(crate) mod uses {
    use super::*;

    pub(crate) fn add(
        ctx: &Context,
        tx: &mut Transaction,
        arn: &str,
        used_as: Use,
        owner: (Kind, &str),
    ) -> Result<(), Error> {
        match key(ctx, arn, used_as, owner)? {
            Some(key) => Ok(tx.put(key, kv::Value::new())?),
            None => Ok(()),
        }
    }

    pub(crate) fn remove(
        ctx: &Context,
        tx: &mut Transaction,
        arn: &str,
        used_as: Use,
        owner: (Kind, &str),
    ) -> Result<(), Error> {
        match key(ctx, arn, used_as, owner)? {
            Some(key) => Ok(tx.delete(key)?),
            None => Ok(()),
        }
    }

    fn key(
        ctx: &Context,
        arn: &str,
        used_as: Use,
        owner: (Kind, &str),
    ) -> Result<Option<kv::Key>, Error> {
        let (account, name) = parse(arn)?;
        let is_local = account == ctx.account().as_str();
        Ok(is_local.then(|| keys::attached(ctx.account(), &name, used_as, owner)))
    }

    /// How many users and roles use a policy.
    pub(crate) async fn count(
        ctx: &Context,
        tx: &mut Transaction,
        policy: &str,
        used_as: Use,
    ) -> Result<usize, Error> {
        let range = keys::attachments(ctx.account(), policy, used_as);
        let most = (config::USERS + config::ROLES) as usize;
        Ok(tx.scan(&range, Scan::first(most).snapshot()).await?.len())
    }
}
