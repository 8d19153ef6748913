use crate::{
    Error, Objects,
    model::{Split, legal_hold, needs_lock, set_lock},
    to_object::ToObject,
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Keeps a version of an object until it is let go again.
pub(crate) struct PutObjectLegalHold;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Own {
    legal_hold: Option<LegalHold>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct LegalHold {
    status: Option<String>,
}

impl Operation for PutObjectLegalHold {
    type Service = Objects;
    type Input = Split<ToObject, Own>;
    type Output = Empty;
    const NAME: &'static str = "PutObjectLegalHold";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        let action = "s3:PutObjectLegalHold";
        input.0.permissions(ctx, tx, action, action).await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        Split(to, own): &Self::Input,
    ) -> Result<Empty, Fault> {
        let bucket = to.find(ctx, tx).await?;
        needs_lock(&bucket)?;
        let status = own.legal_hold.as_ref().and_then(|hold| hold.status.as_deref());
        let status = status.and_then(|status| legal_hold(status).ok());
        let held = status.ok_or(Error::MalformedXml)?;
        set_lock(tx, &bucket, &to.key, to.version_id.as_deref(), |lock| {
            lock.legal_hold = held;
            Ok(())
        })
        .await?;
        Ok(Empty {})
    }
}
