use crate::{Error, Logs, model};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Operation, Permission};
use types::Tags;

/// Creates a log group.
pub(crate) struct CreateLogGroup;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: String,
    log_group_class: Option<String>,
    #[serde(default)]
    deletion_protection_enabled: bool,
    #[serde(default)]
    tags: Tags,
}

impl Operation for CreateLogGroup {
    type Service = Logs;
    type Input = Input;
    type Output = Empty;
    const NAME: &'static str = "CreateLogGroup";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let name = &input.log_group_name;
        let mut permissions = super::on_group(ctx, "logs:CreateLogGroup", name);
        if !input.tags.is_empty() {
            permissions.extend(super::on_group(ctx, "logs:TagResource", name));
        }
        Ok(permissions)
    }

    async fn run(
        _: &Logs,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Empty, Fault> {
        let name = &input.log_group_name;
        if let Some(class) = input.log_group_class.as_deref().filter(|class| *class != "STANDARD") {
            return Err(Error::Unsupported(format!("the log group class {class}")).into());
        }
        if input.deletion_protection_enabled {
            return Err(Fault::unsupported(
                "parameter deletionProtectionEnabled of CreateLogGroup",
            ));
        }
        if name.starts_with("aws/") {
            return Err(
                Error::invalid("Log groups starting with AWS/ are reserved for AWS.").into()
            );
        }
        let (account, region) = (ctx.account(), &ctx.region);
        if model::find_group(tx, account, region, name).await?.is_some() {
            return Err(Error::GroupExists.into());
        }
        let tags = model::merge_tags(ctx, name, &Tags::new(), &input.tags)?;
        model::create_group(tx, (account, region), name, &tags, ctx.ids(), ctx.now)?;
        Ok(Empty {})
    }
}
