use crate::{Stacks, keys, model::Export, page::page};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists what the stacks of the region export.
pub(crate) struct ListExports;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    exports: Vec<ExportShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListExports {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListExports";

    async fn permissions(
        _: &Stacks,
        ctx: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let arn = ctx.arn("cloudformation", "*");
        Ok(vec![Permission::new("cloudformation:ListExports", arn.as_str())])
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let range = keys::exports(ctx.account(), &ctx.region);
        let (entries, next_token) = page(tx, &range, input.next_token.as_ref(), false).await?;
        let mut exports = Vec::new();
        for entry in entries {
            let Export { name, value, stack_id } = tx.decode(&entry)?;
            exports.push(ExportShape { exporting_stack_id: stack_id, name, value });
        }
        Ok(Output { exports, next_token })
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ExportShape {
    exporting_stack_id: String,
    name: String,
    value: String,
}
