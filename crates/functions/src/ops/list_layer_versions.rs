use crate::{
    Error, Functions, config,
    model::{self, LayerItem, LayerName, LayerVersion},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the versions of a layer, the latest first.
pub(crate) struct ListLayerVersions;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    layer_name: String,
    compatible_runtime: Option<String>,
    compatible_architecture: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    layer_versions: Vec<LayerItem>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

impl Operation for ListLayerVersions {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListLayerVersions";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let layer = LayerName::parse(&functions.platform, &input.layer_name)?;
        Ok(vec![Permission::new("lambda:ListLayerVersions", layer.arn().as_str())])
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let layer = LayerName::parse(platform, &input.layer_name)?;
        let limit = input.max_items.unwrap_or(config::LIST_LAYERS).min(config::LIST_LAYERS);
        let before = model::read_marker(input.marker.as_deref())?;
        let before = before.map(|text| text.parse()).transpose();
        let before =
            before.map_err(|_| Error::InvalidParameterValue("Invalid Marker".to_owned()))?;
        let mut found = model::list_layer_versions(platform, tx, layer.as_str(), before).await?;
        let (runtime, architecture) =
            (input.compatible_runtime.as_deref(), input.compatible_architecture.as_deref());
        found.retain(|version| version.suits(runtime, architecture));
        let (page, next_marker) = model::page(&found, limit, |last| last.version.to_string());
        Ok(Output { layer_versions: page.iter().map(LayerVersion::item).collect(), next_marker })
    }
}
