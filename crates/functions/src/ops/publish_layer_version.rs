use super::create_function::take_code;
use crate::{
    Functions,
    code::CodeId,
    model::{self, About, CodeLocation, LayerName, LayerView},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Permission, PreparedOperation};

/// Publishes a package as the next version of a layer.
pub(crate) struct PublishLayerVersion;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    layer_name: String,
    content: CodeLocation,
    #[serde(default)]
    description: String,
    license_info: Option<String>,
    #[serde(default)]
    compatible_runtimes: Vec<String>,
    #[serde(default)]
    compatible_architectures: Vec<String>,
}

impl PreparedOperation for PublishLayerVersion {
    type Service = Functions;
    type Input = Input;
    type Output = LayerView;
    type Prepared = CodeId;
    const NAME: &'static str = "PublishLayerVersion";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let layer = LayerName::parse(&functions.platform, &input.layer_name)?;
        Ok(vec![Permission::new("lambda:PublishLayerVersion", layer.arn().as_str())])
    }

    async fn prepare(functions: &Functions, ctx: &Context, input: &Input) -> Result<CodeId, Fault> {
        take_code(functions, ctx, &input.content).await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
        code: &CodeId,
    ) -> Result<LayerView, Fault> {
        let layer = LayerName::parse(&functions.platform, &input.layer_name)?;
        let about = About {
            description: input.description.clone(),
            license_info: input.license_info.clone(),
            compatible_runtimes: input.compatible_runtimes.clone(),
            compatible_architectures: input.compatible_architectures.clone(),
        };
        Ok(model::publish_layer(functions, ctx, tx, &layer, code, about).await?.view())
    }

    /// Code that nothing refers to goes by itself, after a grace.
    async fn release(_: &Functions, _: &CodeId) {}
}
