use crate::{
    Objects,
    model::{lock_of, needs_lock, no_lock},
    to_object::ToObject,
};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Fault, Operation, Permission};

/// Tells whether a version of an object is kept until it is let go.
pub(crate) struct GetObjectLegalHold;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    legal_hold: LegalHold,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct LegalHold {
    status: &'static str,
}

impl Operation for GetObjectLegalHold {
    type Service = Objects;
    type Input = ToObject;
    type Output = Output;
    const NAME: &'static str = "GetObjectLegalHold";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        let action = "s3:GetObjectLegalHold";
        input.permissions(ctx, tx, action, action).await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.find(ctx, tx).await?;
        needs_lock(&bucket)?;
        let lock = lock_of(tx, &bucket, &input.key, input.version_id.as_deref()).await?;
        if lock.is_open() {
            return Err(no_lock().into());
        }
        Ok(Output { legal_hold: LegalHold { status: if lock.legal_hold { "ON" } else { "OFF" } } })
    }
}
