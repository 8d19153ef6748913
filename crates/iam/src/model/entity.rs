//! What users and roles have in common.

use crate::{Error, keys, keys::Use, model};
use kv::{Record, Scan, Transaction};
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission};
use std::collections::{BTreeMap, BTreeSet};
use types::{AccountId, Arn, Tags, Timestamp};

/// Users and roles: who can have policies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    User = 0,
    Role = 1,
}

impl Kind {
    /// As in ARNs: `user`.
    pub(crate) fn noun(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Role => "role",
        }
    }

    /// As in texts and quotas: `User`.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::User => "User",
            Self::Role => "Role",
        }
    }
}

/// A user or role, without what only one of them has.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Entity {
    pub(crate) name: String,
    /// Begins and ends with a slash.
    pub(crate) path: String,
    /// `AIDA...` or `AROA...`; another one of the same name has another id.
    pub(crate) id: String,
    pub(crate) created: Timestamp,
    pub(crate) tags: Tags,
    /// Inline policies by name.
    pub(crate) inline: BTreeMap<String, String>,
    /// The ARNs of managed policies.
    pub(crate) attached: BTreeSet<String>,
    /// The ARN of the managed policy that bounds it.
    pub(crate) boundary: Option<String>,
}

/// A record that is a user or a role.
pub(crate) trait Owner: Record + Send + Sync {
    const KIND: Kind;
    /// The prefix of its ids.
    const ID_PREFIX: &'static str;
    /// How many there can be in an account.
    const QUOTA: i64;
    /// Characters of all its inline policies.
    const INLINE_CHARS: usize;

    /// Where its records lie.
    fn tag() -> kv::Tag;
    fn entity(&self) -> &Entity;
    fn entity_mut(&mut self) -> &mut Entity;

    /// Who may assume it, which only roles have.
    fn trust(&self) -> Option<&str> {
        None
    }

    /// How long its sessions may last, which only roles have.
    fn max_session_seconds(&self) -> u32 {
        0
    }

    fn arn(&self, account: &AccountId) -> Arn {
        arn(Self::KIND, account, &self.entity().path, &self.entity().name)
    }
}

fn arn(kind: Kind, account: &AccountId, path: &str, name: &str) -> Arn {
    Arn::global("iam", account, &format!("{}{path}{name}", kind.noun()))
}

impl Entity {
    pub(crate) fn new<T: Owner>(
        ctx: &Context,
        name: &str,
        path: Option<&str>,
        tags: &[model::Tag],
    ) -> Result<Self, Error> {
        Ok(Self {
            name: name.to_owned(),
            path: path.unwrap_or("/").to_owned(),
            id: model::unique_id(ctx, T::ID_PREFIX),
            created: ctx.now,
            tags: model::check_tags(ctx, Tags::new(), tags)?,
            inline: BTreeMap::new(),
            attached: BTreeSet::new(),
            boundary: None,
        })
    }
}

pub(crate) async fn find<T: Owner>(
    tx: &mut Transaction,
    account: &AccountId,
    name: &str,
) -> Result<Option<T>, kv::Error> {
    tx.get_record(&keys::named(T::tag(), account, name)).await
}

pub(crate) async fn get<T: Owner>(
    ctx: &Context,
    tx: &mut Transaction,
    name: &str,
) -> Result<T, Error> {
    let found = find(tx, ctx.account(), name).await?;
    found.ok_or_else(|| Error::unknown(T::KIND.noun(), name))
}

pub(crate) fn save<T: Owner>(
    ctx: &Context,
    tx: &mut Transaction,
    owner: &T,
) -> Result<(), kv::Error> {
    tx.put_record(keys::named(T::tag(), ctx.account(), &owner.entity().name), owner)
}

/// Writes one that is new, with its boundary.
pub(crate) async fn create<T: Owner>(
    ctx: &Context,
    tx: &mut Transaction,
    owner: &mut T,
    boundary: Option<&str>,
) -> Result<(), Error> {
    let name = owner.entity().name.clone();
    if find::<T>(tx, ctx.account(), &name).await?.is_some() {
        let title = T::KIND.title();
        let text = format!("{title} with name {name} already exists.");
        return Err(Error::EntityAlreadyExists(text));
    }
    if model::count(ctx, tx, T::tag(), 1).await? >= T::QUOTA {
        return Err(Error::quota(&format!("{}sPerAccount", T::KIND.title()), T::QUOTA));
    }
    if boundary.is_some() {
        model::set_boundary(ctx, tx, owner, boundary).await?;
    }
    save(ctx, tx, owner)?;
    Ok(())
}

/// Deletes one that has no policies any more.
pub(crate) async fn remove<T: Owner>(
    ctx: &Context,
    tx: &mut Transaction,
    owner: &T,
) -> Result<(), Error> {
    let entity = owner.entity();
    if !entity.attached.is_empty() {
        return Err(Error::DeleteConflict("Cannot delete entity, must detach all policies first."));
    }
    if !entity.inline.is_empty() {
        return Err(Error::DeleteConflict("Cannot delete entity, must delete policies first."));
    }
    if let Some(boundary) = &entity.boundary {
        let user = (T::KIND, entity.name.as_str());
        model::uses::remove(ctx, tx, boundary, Use::Boundary, user)?;
    }
    model::count(ctx, tx, T::tag(), -1).await?;
    tx.delete(keys::named(T::tag(), ctx.account(), &entity.name))?;
    Ok(())
}

/// All of a kind below a path, in the order of their names.
pub(crate) async fn list<T: Owner>(
    ctx: &Context,
    tx: &mut Transaction,
    path_prefix: Option<&str>,
    page: &model::PageInput,
) -> Result<model::Page<T>, Error> {
    let prefix = path_prefix.unwrap_or("/");
    let mut range = keys::all_named(T::tag(), ctx.account());
    if let Some(after) = page.after()? {
        range = range.after(&keys::named(T::tag(), ctx.account(), &after));
    }
    let mut found = Vec::new();
    loop {
        let entries = tx.scan(&range, Scan::first(page.limit() + 1).snapshot()).await?;
        let Some(last) = entries.last() else { break };
        range = range.after(&last.key);
        for entry in &entries {
            let owner: T = kv::decode_record(&entry.value)?;
            if owner.entity().path.starts_with(prefix) {
                found.push(owner);
            }
        }
        if found.len() > page.limit() {
            break;
        }
    }
    Ok(model::Page::of(found, page, |owner| &owner.entity().name))
}

/// What one action on a user or role needs.
pub(crate) async fn permission<T: Owner>(
    ctx: &Context,
    tx: &mut Transaction,
    name: &str,
    action: &'static str,
) -> Result<Vec<Permission>, Fault> {
    let found = find::<T>(tx, ctx.account(), name).await?;
    let arn = match &found {
        Some(owner) => owner.arn(ctx.account()),
        None => arn(T::KIND, ctx.account(), "/", name),
    };
    let boundary = found.and_then(|mut owner| owner.entity_mut().boundary.take());
    let permission = permission_on(ctx, action, arn.as_str())?;
    Ok(vec![match boundary {
        Some(boundary) => permission.with_condition("iam:PermissionsBoundary", boundary),
        None => permission,
    }])
}

/// What an action on any resource of IAM needs.
///
/// Sessions of `GetSessionToken` may not use IAM: they carry no second factor.
pub(crate) fn permission_on(
    ctx: &Context,
    action: &'static str,
    resource: &str,
) -> Result<Permission, Error> {
    let temporary = ctx.caller.access_key_id.as_ref().is_some_and(|id| id.starts_with("ASIA"));
    let is_session = matches!(ctx.caller.principal, policy::Principal::Session { .. });
    if temporary && !is_session {
        return Err(Error::InvalidClientTokenId);
    }
    Ok(Permission::new(action, resource))
}
