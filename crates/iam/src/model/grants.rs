//! Giving policies to users and roles, and taking them away.

use super::{Owner, PolicyRef, uses};
use crate::{Error, config, keys::Use, model};
use kv::Transaction;
use service::Context;

/// All inline policies of one user or role, with white space, which the quota does not count.
const INLINE_BYTES: usize = 512 * 1024;

/// Attaches a managed policy; one that is attached already stays.
pub(crate) async fn attach<T: Owner>(
    ctx: &Context,
    tx: &mut Transaction,
    owner: &mut T,
    arn: &str,
) -> Result<(), Error> {
    if PolicyRef::find(tx, ctx.account(), arn).await?.is_none() {
        let text = format!("Policy {arn} does not exist or is not attachable.");
        return Err(Error::NoSuchEntity(text));
    }
    let entity = owner.entity_mut();
    entity.attached.insert(arn.to_owned());
    if entity.attached.len() > config::ATTACHED_POLICIES {
        let name = format!("PoliciesPer{}", T::KIND.title());
        return Err(Error::quota(&name, config::ATTACHED_POLICIES));
    }
    uses::add(ctx, tx, arn, Use::Permissions, (T::KIND, &entity.name))
}

/// Detaches a managed policy.
pub(crate) fn detach<T: Owner>(
    ctx: &Context,
    tx: &mut Transaction,
    owner: &mut T,
    arn: &str,
) -> Result<(), Error> {
    let entity = owner.entity_mut();
    if !entity.attached.remove(arn) {
        return Err(Error::unknown_policy(arn));
    }
    uses::remove(ctx, tx, arn, Use::Permissions, (T::KIND, &entity.name))
}

/// Writes an inline policy over one of the same name.
pub(crate) fn put_inline<T: Owner>(owner: &mut T, name: &str, text: &str) -> Result<(), Error> {
    model::identity_policy(text)?;
    let entity = owner.entity_mut();
    entity.inline.insert(name.to_owned(), text.to_owned());
    let chars = |text: &String| text.chars().filter(|c| !c.is_whitespace()).count();
    let total: usize = entity.inline.values().map(chars).sum();
    let bytes: usize = entity.inline.values().map(String::len).sum();
    if total > T::INLINE_CHARS || bytes > INLINE_BYTES {
        let (limit, kind) = (T::INLINE_CHARS, T::KIND.noun());
        let text =
            format!("Maximum policy size of {limit} bytes exceeded for {kind} {}", entity.name);
        return Err(Error::LimitExceeded(text));
    }
    Ok(())
}

/// Bounds a user or role by a managed policy, or by none.
pub(crate) async fn set_boundary<T: Owner>(
    ctx: &Context,
    tx: &mut Transaction,
    owner: &mut T,
    arn: Option<&str>,
) -> Result<(), Error> {
    if let Some(arn) = arn
        && PolicyRef::find(tx, ctx.account(), arn).await?.is_none()
    {
        let text = format!("Scope ARN: {arn} does not exist or is not attachable.");
        return Err(Error::NoSuchEntity(text));
    }
    let entity = owner.entity_mut();
    let before = std::mem::replace(&mut entity.boundary, arn.map(str::to_owned));
    if let Some(before) = before {
        uses::remove(ctx, tx, &before, Use::Boundary, (T::KIND, &entity.name))?;
    }
    if let Some(arn) = arn {
        uses::add(ctx, tx, arn, Use::Boundary, (T::KIND, &entity.name))?;
    }
    Ok(())
}
