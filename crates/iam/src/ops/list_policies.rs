use crate::{
    Iam,
    model::{self, Page, PageInput},
    shapes::PolicyShape,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Lists managed policies: AWS's, then those of the account.
pub(crate) struct ListPolicies;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    scope: Option<String>,
    #[serde(default)]
    only_attached: bool,
    path_prefix: Option<String>,
    policy_usage_filter: Option<String>,
    marker: Option<String>,
    max_items: Option<usize>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    policies: Vec<PolicyShape>,
    is_truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    marker: Option<String>,
}

impl Operation for ListPolicies {
    type Service = Iam;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "ListPolicies";

    async fn permissions(
        _: &Iam,
        ctx: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(vec![model::permission_on(ctx, "iam:ListPolicies", "*")?])
    }

    async fn run(
        _: &Iam,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let page = PageInput::new(input.marker.as_deref(), input.max_items);
        let mut all = Vec::new();
        if input.scope.as_deref() != Some("Local") && !input.only_attached {
            all.extend(crate::managed::all().map(PolicyShape::aws));
        }
        if input.scope.as_deref() != Some("AWS") {
            for policy in model::local_policies(ctx, tx).await? {
                all.push(PolicyShape::local(ctx, tx, &policy).await?);
            }
        }
        all.retain(|policy| input.selects(policy));
        let page = Page::cut_after(all, &page, |policy| &policy.arn)?;
        Ok(Output { is_truncated: page.is_truncated(), policies: page.items, marker: page.marker })
    }
}

impl Input {
    fn selects(&self, policy: &PolicyShape) -> bool {
        let inside = policy.path.starts_with(self.path_prefix.as_deref().unwrap_or("/"));
        let (permits, bounds) =
            (policy.attachment_count > 0, policy.permissions_boundary_usage_count > 0);
        let used = match self.policy_usage_filter.as_deref() {
            Some("PermissionsPolicy") => permits,
            Some("PermissionsBoundary") => bounds,
            _ => permits || bounds,
        };
        let wants_used = self.only_attached || self.policy_usage_filter.is_some();
        inside && (used || !wants_used)
    }
}
