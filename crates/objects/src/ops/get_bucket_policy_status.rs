use crate::{
    Objects,
    model::{is_public, no_policy},
    settings::ToBucket,
};
use kv::Transaction;
use serde::Serialize;
use service::{Context, Fault, Operation, Permission};

/// Tells whether a bucket's policy opens it to everyone.
pub(crate) struct GetBucketPolicyStatus;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policy_status: Status,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Status {
    is_public: bool,
}

impl Operation for GetBucketPolicyStatus {
    type Service = Objects;
    type Input = ToBucket;
    type Output = Output;
    const NAME: &'static str = "GetBucketPolicyStatus";

    async fn permissions(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Vec<Permission>, Fault> {
        input.permissions(ctx, tx, "s3:GetBucketPolicyStatus").await
    }

    async fn run(
        _: &Objects,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Self::Input,
    ) -> Result<Output, Fault> {
        let bucket = input.find(ctx, tx).await?;
        let policy = bucket.policy.ok_or_else(no_policy)?;
        Ok(Output { policy_status: Status { is_public: is_public(&policy) } })
    }
}
