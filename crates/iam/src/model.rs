//! Stored records, and the rules of IAM as functions on a transaction.

mod access_key;
mod caller;
mod document;
mod entity;
mod grants;
mod page;
mod policy;
mod role;
mod tags;
mod user;

pub(crate) use access_key::{
    AccessKey, KeyOwner, delete_key, get_key, keys_of, new_key, new_secret, save_key,
};
pub(crate) use caller::{permission_on_user, user_or_caller};
pub(crate) use document::{identity_policy, managed_policy, trust_policy, url_encode};
pub(crate) use entity::{
    Entity, Kind, Owner, create, get, list, permission, permission_on, remove, save,
};
pub(crate) use grants::{attach, detach, put_inline, set_boundary};
pub(crate) use page::{Page, PageInput};
pub(crate) use policy::{
    Policy, PolicyRef, Version, bump_epoch, create_policy, default_text, delete_policy,
    local_policies, policy_permission, save_policy, uses,
};
pub(crate) use role::Role;
pub(crate) use tags::{Tag, check_tags, has_own_tags, tag_conditions, to_list};
pub(crate) use user::User;

use kv::Transaction;
use service::Context;

/// Counts one more (or one less) of a kind, and tells how many there were. The count conflicts with
/// nothing, so that a quota may be passed by as many as are created at the same moment.
pub(crate) async fn count(
    ctx: &Context,
    tx: &mut Transaction,
    counted: kv::Tag,
    delta: i64,
) -> Result<i64, kv::Error> {
    let key = crate::keys::count(ctx.account(), counted);
    let before = tx.get_snapshot(&key).await?;
    let before =
        before.and_then(|value| value.first_chunk().copied()).map_or(0, i64::from_le_bytes);
    tx.add(key, delta)?;
    Ok(before)
}

/// A unique id: a prefix that says of what, and 17 characters.
pub(crate) fn unique_id(ctx: &Context, prefix: &str) -> String {
    format!("{prefix}{}", ctx.ids().text(17, clock::Ids::UPPER))
}
