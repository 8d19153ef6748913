use crate::{
    Functions,
    model::{self, LayerName, LayerView},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Tells the version of a layer that an ARN names.
pub(crate) struct GetLayerVersionByArn;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    arn: String,
}

impl Operation for GetLayerVersionByArn {
    type Service = Functions;
    type Input = Input;
    type Output = LayerView;
    const NAME: &'static str = "GetLayerVersionByArn";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let (layer, number) = LayerName::of_version(platform, &input.arn)?;
        let action = "lambda:GetLayerVersion";
        Ok(vec![model::layer_permission(platform, tx, &layer, number, action).await?])
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<LayerView, Fault> {
        let platform = &functions.platform;
        let (layer, number) = LayerName::of_version(platform, &input.arn)?;
        Ok(model::get_layer(platform, tx, &layer, number.into()).await?.view())
    }
}
