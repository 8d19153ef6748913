use crate::{
    Iam,
    model::{self, Page, PageInput, PolicyRef, Version},
    shapes::VersionShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists the versions of a managed policy, newest first.
pub(crate) struct ListPolicyVersions;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    policy_arn: String,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    versions: Vec<VersionShape>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListPolicyVersions {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListPolicyVersions";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        model::policy_permission(ctx, &input.policy_arn, "iam:ListPolicyVersions")
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let page = PageInput::new(input.marker.as_deref(), input.max_items);
        let versions = match PolicyRef::get(ctx, tx, &input.policy_arn).await? {
            PolicyRef::Aws(managed) => vec![VersionShape::aws(managed)],
            PolicyRef::Local(policy) => {
                let versions = policy.versions.iter().rev();
                let shape = |(number, version): (&u32, &Version)| {
                    VersionShape::listed(&policy, *number, version.created)
                };
                versions.map(shape).collect()
            }
        };
        let page = Page::cut_after(versions, &page, |version| &version.version_id)?;
        Ok(Output { is_truncated: page.is_truncated(), versions: page.items, marker: page.marker })
    }
}
