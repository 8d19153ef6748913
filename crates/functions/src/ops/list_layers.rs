use crate::{
    Functions, config,
    model::{self, LayerItem},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists layers with their latest version.
pub(crate) struct ListLayers;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    compatible_runtime: Option<String>,
    compatible_architecture: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    layers: Vec<Layer>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_marker: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Layer {
    layer_name: String,
    layer_arn: types::Arn,
    latest_matching_version: LayerItem,
}

impl Operation for ListLayers {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListLayers";

    async fn permissions(
        _: &Functions,
        _: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![Permission::new("lambda:ListLayers", "*")])
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let platform = &functions.platform;
        let limit = input.max_items.unwrap_or(config::LIST_LAYERS).min(config::LIST_LAYERS);
        let after = model::read_marker(input.marker.as_deref())?;
        let names = model::layer_names(platform, tx, after.as_deref(), limit + 1).await?;
        let (page, next_marker) = model::page(&names, limit, Clone::clone);
        let (runtime, architecture) =
            (input.compatible_runtime.as_deref(), input.compatible_architecture.as_deref());
        let mut layers = Vec::new();
        for name in page {
            let versions = model::list_layer_versions(platform, tx, name, None).await?;
            let latest = versions.into_iter().find(|one| one.suits(runtime, architecture));
            layers.extend(latest.map(|latest| Layer {
                layer_name: name.clone(),
                layer_arn: latest.layer_arn.clone(),
                latest_matching_version: latest.item(),
            }));
        }
        Ok(Output { layers, next_marker })
    }
}
