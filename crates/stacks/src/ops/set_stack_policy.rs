use crate::{
    Error, Stacks,
    model::wanted,
    requests::{permission, policy_text},
};
use kv::Transaction;
use serde::Deserialize;
use service::{Context, Empty, Fault, Permission, PreparedOperation};

/// Gives a stack a policy.
pub(crate) struct SetStackPolicy;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: String,
    stack_policy_body: Option<String>,
    #[serde(rename = "StackPolicyURL")]
    stack_policy_url: Option<String>,
}

impl PreparedOperation for SetStackPolicy {
    type Service = Stacks;
    type Input = Input;
    type Output = Empty;
    type Prepared = Option<String>;
    const NAME: &'static str = "SetStackPolicy";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        permission(ctx, tx, "cloudformation:SetStackPolicy", &input.stack_name).await
    }

    async fn prepare(
        service: &Stacks,
        ctx: &Context,
        input: &Input,
    ) -> Result<Option<String>, Fault> {
        let (body, url) = (input.stack_policy_body.as_ref(), input.stack_policy_url.as_ref());
        policy_text(service, ctx, body, url).await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
        policy: &Option<String>,
    ) -> Result<Empty, Fault> {
        let tx = &mut service.open(tx);
        let mut stack = wanted(ctx, tx, &input.stack_name).await?;
        let missing = "Either StackPolicyBody or StackPolicyURL must be specified.";
        let policy = policy.clone().ok_or_else(|| Error::validation(missing))?;
        stack.policy = Some(policy);
        stack.save(tx)?;
        Ok(Empty {})
    }

    /// Nothing was stored.
    async fn release(_: &Stacks, _: &Option<String>) {}
}
