use crate::{
    Functions, config, keys,
    model::{self, Function},
};
use kv::{Scan, Transaction};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use service::{Context, Fault, Operation, Permission};

/// Tells limits and use of the account.
pub(crate) struct GetAccountSettings;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    account_limit: Value,
    account_usage: Value,
}

/// Functions that are counted in one read.
const PAGE: usize = 1_000;

impl Operation for GetAccountSettings {
    type Service = Functions;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetAccountSettings";

    async fn permissions(
        _: &Functions,
        _: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![Permission::new("lambda:GetAccountSettings", "*")])
    }

    async fn run(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        _: &Input,
    ) -> Result<Output, Fault> {
        let mut after = None;
        let (mut count, mut size) = (0, 0);
        loop {
            let page = model::list(&functions.platform, tx, after.as_deref(), PAGE).await?;
            count += page.len();
            size += page.iter().map(|function| function.code.size).sum::<u64>();
            match page.last() {
                Some(last) if page.len() == PAGE => after = Some(last.name.clone()),
                _ => break,
            }
        }
        let (account, region) = (&functions.platform.account, &functions.platform.region);
        let mut range = keys::all_versions(account, region);
        loop {
            let page = tx.scan(&range, Scan::first(PAGE).snapshot()).await?;
            for entry in &page {
                size += kv::decode_record::<Function>(&entry.value)?.code.size;
            }
            match page.last() {
                Some(last) if page.len() == PAGE => range = range.after(&last.key),
                _ => break,
            }
        }
        let reserved = model::all_reserved(&functions.platform, tx).await?;
        let reserved = reserved.map_or(0, |all| all.instances as usize);
        Ok(Output {
            account_limit: json!({
                "TotalCodeSize": config::TOTAL_CODE_BYTES,
                "CodeSizeUnzipped": config::UNZIPPED_BYTES,
                "CodeSizeZipped": config::ZIPPED_BYTES,
                "ConcurrentExecutions": functions.max_instances,
                "UnreservedConcurrentExecutions": functions.max_instances.saturating_sub(reserved),
            }),
            account_usage: json!({"TotalCodeSize": size, "FunctionCount": count}),
        })
    }
}
