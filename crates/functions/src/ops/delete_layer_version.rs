use crate::{Functions, keys, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a version of a layer; functions that use it keep it. One that is gone is deleted.
pub(crate) struct DeleteLayerVersion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    layer_name: String,
    version_number: i64,
}

impl Operation for DeleteLayerVersion {
    type Service = Functions;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteLayerVersion";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (platform, name) = (&functions.platform, &input.layer_name);
        let action = "lambda:DeleteLayerVersion";
        model::layer_version_permission(platform, tx, name, input.version_number, action).await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let platform = &functions.platform;
        let (layer, number) =
            model::layer_version(platform, &input.layer_name, input.version_number)?;
        if let Some(found) = model::find_layer(platform, tx, &layer, number).await? {
            functions.release(tx, &found.code.id, ctx.now).await?;
            let (account, region) = (&platform.account, &platform.region);
            tx.delete(keys::layer(account, region, layer.as_str(), number))?;
        }
        Ok(Empty {})
    }
}
