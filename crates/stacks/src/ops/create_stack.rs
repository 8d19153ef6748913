use crate::{
    Error, Stacks,
    model::{Actor, OnFailure, Purpose, Stack, StackStatus, find},
    requests::{
        DeploymentConfigInput, ParameterInput, Proposal, Source, TagInput, Token, Wishes,
        begin_create, check_name, check_token, deployment, new_place, no_notifications, on_failure,
        permission_with_role, policy_text, register, standard_deployment, usable_role,
    },
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission, PreparedOperation};
use std::time::Duration;

/// Creates a stack.
pub(crate) struct CreateStack;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: String,
    template_body: Option<String>,
    #[serde(rename = "TemplateURL")]
    template_url: Option<String>,
    #[serde(default)]
    parameters: Vec<ParameterInput>,
    disable_rollback: Option<bool>,
    timeout_in_minutes: Option<u32>,
    #[serde(default)]
    capabilities: Vec<String>,
    #[serde(rename = "RoleARN")]
    role_arn: Option<String>,
    on_failure: Option<OnFailure>,
    #[serde(default)]
    tags: Vec<TagInput>,
    client_request_token: Option<String>,
    enable_termination_protection: Option<bool>,
    retain_except_on_create: Option<bool>,
    stack_policy_body: Option<String>,
    #[serde(rename = "StackPolicyURL")]
    stack_policy_url: Option<String>,
    #[serde(rename = "NotificationARNs", default)]
    notification_arns: Vec<String>,
    deployment_config: Option<DeploymentConfigInput>,
}

/// What lay in buckets, or came with the request.
pub(crate) struct Brought {
    source: Option<Source>,
    policy: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    stack_id: String,
}

impl PreparedOperation for CreateStack {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    type Prepared = Brought;
    const NAME: &'static str = "CreateStack";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        let (action, role) = ("cloudformation:CreateStack", input.role_arn.as_ref());
        permission_with_role(ctx, tx, action, &input.stack_name, role).await
    }

    async fn prepare(service: &Stacks, ctx: &Context, input: &Input) -> Result<Brought, Fault> {
        let (body, url) = (input.template_body.as_ref(), input.template_url.as_ref());
        let source = Source::read(service, ctx, body, url, &input.parameters).await?;
        let (body, url) = (input.stack_policy_body.as_ref(), input.stack_policy_url.as_ref());
        let policy = policy_text(service, ctx, body, url).await?;
        Ok(Brought { source, policy })
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
        brought: &Brought,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let name = &input.stack_name;
        check_name(name)?;
        no_notifications(&input.notification_arns)?;
        standard_deployment(input.deployment_config.as_ref())?;
        let token = input.client_request_token.as_ref();
        if let Some(found) = find(ctx, tx, name).await? {
            return match check_token(&found, Self::NAME, token)? {
                Token::Seen => Ok(Output { stack_id: found.id() }),
                Token::New => Err(Error::StackExists(name.clone()).into()),
            };
        }
        let place = new_place(ctx, name);
        let role = usable_role(input.role_arn.as_ref())?;
        let actor = Actor::of(&ctx.caller, role.as_ref())?;
        let wishes = Wishes {
            source: brought.source.as_ref(),
            caller: &ctx.caller,
            use_previous_template: false,
            parameters: &input.parameters,
            tags: Some(&input.tags),
            capabilities: &input.capabilities,
            role,
            is_change_set: false,
        };
        let proposal = Proposal::check(service, tx, &place, None, wishes).await?;
        let mut deployment = deployment(ctx, Purpose::Create, actor, token);
        deployment.on_failure = on_failure(input.on_failure, input.disable_rollback)?;
        let minutes = |minutes: u32| Duration::from_secs(u64::from(minutes) * 60);
        deployment.deadline = input.timeout_in_minutes.map(|timeout| ctx.now + minutes(timeout));
        let mut stack = Stack::new(place, StackStatus::CreateInProgress, ctx.now);
        stack.disable_rollback = deployment.on_failure == OnFailure::DoNothing;
        stack.timeout_minutes = input.timeout_in_minutes;
        stack.termination_protection = input.enable_termination_protection.unwrap_or(false);
        stack.retain_except_on_create = input.retain_except_on_create.unwrap_or(false);
        stack.policy.clone_from(&brought.policy);
        stack.token = token.map(|token| (token.clone(), Self::NAME.to_owned()));
        register(tx, &stack).await?;
        begin_create(ctx, tx, &mut stack, proposal, deployment)?;
        Ok(Output { stack_id: stack.id() })
    }

    /// Nothing was stored.
    async fn release(_: &Stacks, _: &Brought) {}
}
