use crate::{Error, Stacks, keys, page::page};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the stacks that import an export.
pub(crate) struct ListImports;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    export_name: String,
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    imports: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl Operation for ListImports {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListImports";

    async fn permissions(
        _: &Stacks,
        ctx: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let arn = ctx.arn("cloudformation", "*");
        Ok(vec![Permission::new("cloudformation:ListImports", arn.as_str())])
    }

    async fn run(
        _: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let range = keys::imports(ctx.account(), &ctx.region, &input.export_name);
        let (entries, next_token) = page(tx, &range, input.next_token.as_ref(), false).await?;
        if entries.is_empty() && input.next_token.is_none() {
            let text = format!("Export '{}' is not imported by any stack.", input.export_name);
            return Err(Error::validation(text).into());
        }
        let name = |entry: &kv::Entry| String::from_utf8_lossy(&entry.value).into_owned();
        Ok(Output { imports: entries.iter().map(name).collect(), next_token })
    }
}
