use crate::{
    Functions,
    model::{self, LayerName, LayerView},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission};

/// Tells a version of a layer.
pub(crate) struct GetLayerVersion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    layer_name: String,
    version_number: i64,
}

impl Operation for GetLayerVersion {
    type Service = Functions;
    type Input = Input;
    type Output = LayerView;
    const NAME: &'static str = "GetLayerVersion";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let (platform, name) = (&functions.platform, &input.layer_name);
        let action = "lambda:GetLayerVersion";
        model::layer_version_permission(platform, tx, name, input.version_number, action).await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<LayerView, Fault> {
        let platform = &functions.platform;
        let layer = LayerName::parse(platform, &input.layer_name)?;
        Ok(model::get_layer(platform, tx, &layer, input.version_number).await?.view())
    }
}
