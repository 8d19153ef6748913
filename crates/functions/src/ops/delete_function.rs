use crate::{
    Error, Functions, config, keys,
    model::{self, Function, FunctionName, InvokeConfig, Qualifier},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};

/// Deletes a function with its versions, aliases, URLs and settings, or one version. Event source
/// mappings stay, as on AWS.
pub(crate) struct DeleteFunction;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    qualifier: Option<String>,
}

impl Operation for DeleteFunction {
    type Service = Functions;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "DeleteFunction";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::permission(platform, tx, &name, "lambda:DeleteFunction").await
    }

    async fn run(
        functions: &Functions,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        let invalid = |text: &str| Err(Error::InvalidParameterValue(text.to_owned()).into());
        match name.qualifier() {
            Qualifier::Latest if name.is_qualified() => {
                invalid("$LATEST version cannot be deleted without deleting the function.")
            }
            Qualifier::Latest => delete_all(functions, ctx, tx, &name).await,
            Qualifier::Version(_) => delete_version(functions, ctx, tx, &name).await,
            Qualifier::Alias(_) => invalid("Deletion of aliases is not currently supported."),
        }
    }
}

/// Deletes a function with its versions and aliases.
async fn delete_all(
    functions: &Functions,
    ctx: &Context,
    tx: &mut Transaction,
    name: &FunctionName,
) -> Result<Empty, Fault> {
    let platform = &functions.platform;
    let (account, region) = (&platform.account, &platform.region);
    let latest = model::the(platform, tx, name).await?;
    for version in model::list_versions(platform, tx, name.as_str(), 0, config::VERSIONS).await? {
        forget(functions, ctx, tx, &version).await?;
    }
    for alias in model::aliases(platform, tx, name.as_str()).await? {
        tx.delete(keys::alias(account, region, name.as_str(), &alias.name))?;
    }
    for url in model::urls_of(platform, tx, name.as_str()).await? {
        url.delete(platform, tx)?;
    }
    for config in InvokeConfig::all(platform, tx, name.as_str()).await? {
        let of = FunctionName::of_arn(platform, &config.function)?;
        tx.delete(keys::invoke_config(account, region, &of.place()))?;
    }
    for one in model::all_provisioned_of(platform, tx, name.as_str()).await? {
        model::unprovision(platform, tx, name.as_str(), &one.qualifier).await?;
    }
    model::reserve(platform, tx, name.as_str(), None, functions.max_instances).await?;
    functions.release_all(tx, &latest, ctx.now).await?;
    tx.delete(keys::function(account, region, name.as_str()))?;
    functions.retire(&latest);
    Ok(Empty {})
}

/// Deletes one version, which no alias may name.
async fn delete_version(
    functions: &Functions,
    ctx: &Context,
    tx: &mut Transaction,
    name: &FunctionName,
) -> Result<Empty, Fault> {
    let platform = &functions.platform;
    let version = model::the(platform, tx, name).await?;
    let number = version.version();
    let aliases = model::aliases(platform, tx, name.as_str()).await?;
    let users: Vec<String> =
        aliases.into_iter().filter(|alias| alias.names(&number)).map(|alias| alias.name).collect();
    if !users.is_empty() {
        return Err(Error::Conflict(format!(
            "Unable to delete version because the following aliases reference it: [{}]",
            users.join(", ")
        ))
        .into());
    }
    tx.delete(keys::invoke_config(&platform.account, &platform.region, &name.place()))?;
    model::unprovision(platform, tx, name.as_str(), &number).await?;
    forget(functions, ctx, tx, &version).await?;
    functions.retire_version(&version);
    Ok(Empty {})
}

async fn forget(
    functions: &Functions,
    ctx: &Context,
    tx: &mut Transaction,
    version: &Function,
) -> Result<(), Fault> {
    let platform = &functions.platform;
    functions.release_all(tx, version, ctx.now).await?;
    let number = version.version.unwrap_or_default();
    Ok(tx.delete(keys::version(&platform.account, &platform.region, &version.name, number))?)
}
