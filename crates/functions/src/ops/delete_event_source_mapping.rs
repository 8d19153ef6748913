use crate::{
    Functions,
    model::{self, MappingView},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Fault, Operation, Permission, mapping};

/// Deletes an event source mapping.
pub(crate) struct DeleteEventSourceMapping;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    #[serde(rename = "UUID")]
    id: String,
}

impl Operation for DeleteEventSourceMapping {
    type Service = Functions;
    type Input = Input;
    type Output = MappingView;
    const NAME: &'static str = "DeleteEventSourceMapping";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::mapping_permission(
            &functions.platform,
            tx,
            &input.id,
            "lambda:DeleteEventSourceMapping",
        )
        .await
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<MappingView, Fault> {
        let platform = &functions.platform;
        let mapping = model::find_mapping(platform, tx, &input.id).await?;
        mapping::delete(tx, &platform.account, &platform.region, &mapping.id)?;
        Ok(model::view_mapping(platform, &mapping, Some("Deleting")))
    }
}
