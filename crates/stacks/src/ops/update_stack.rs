use crate::{
    Error, Stacks,
    model::{Actor, Purpose, wanted},
    requests::{
        DeploymentConfigInput, ParameterInput, Proposal, Source, TagInput, Token, Wishes,
        begin_update, changes_of, check_token, check_update, deployment, no_notifications,
        permission_with_role, policy_text, standard_deployment, usable_role,
    },
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission, PreparedOperation};

/// Updates a stack.
pub(crate) struct UpdateStack;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: String,
    template_body: Option<String>,
    #[serde(rename = "TemplateURL")]
    template_url: Option<String>,
    use_previous_template: Option<bool>,
    #[serde(default)]
    parameters: Vec<ParameterInput>,
    #[serde(default)]
    capabilities: Vec<String>,
    #[serde(rename = "RoleARN")]
    role_arn: Option<String>,
    tags: Option<Vec<TagInput>>,
    client_request_token: Option<String>,
    disable_rollback: Option<bool>,
    retain_except_on_create: Option<bool>,
    stack_policy_body: Option<String>,
    #[serde(rename = "StackPolicyURL")]
    stack_policy_url: Option<String>,
    stack_policy_during_update_body: Option<String>,
    #[serde(rename = "StackPolicyDuringUpdateURL")]
    stack_policy_during_update_url: Option<String>,
    #[serde(rename = "NotificationARNs", default)]
    notification_arns: Vec<String>,
    deployment_config: Option<DeploymentConfigInput>,
}

/// What lay in buckets, or came with the request.
pub(crate) struct Brought {
    source: Option<Source>,
    policy: Option<String>,
    policy_during: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    stack_id: String,
}

impl PreparedOperation for UpdateStack {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    type Prepared = Brought;
    const NAME: &'static str = "UpdateStack";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        let (action, role) = ("cloudformation:UpdateStack", input.role_arn.as_ref());
        permission_with_role(ctx, tx, action, &input.stack_name, role).await
    }

    async fn prepare(service: &Stacks, ctx: &Context, input: &Input) -> Result<Brought, Fault> {
        let (body, url) = (input.template_body.as_ref(), input.template_url.as_ref());
        let source = Source::read(service, ctx, body, url, &input.parameters).await?;
        let (body, url) = (input.stack_policy_body.as_ref(), input.stack_policy_url.as_ref());
        let policy = policy_text(service, ctx, body, url).await?;
        let body = input.stack_policy_during_update_body.as_ref();
        let url = input.stack_policy_during_update_url.as_ref();
        let policy_during = policy_text(service, ctx, body, url).await?;
        Ok(Brought { source, policy, policy_during })
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
        brought: &Brought,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let mut stack = wanted(ctx, tx, &input.stack_name).await?;
        let token = input.client_request_token.as_ref();
        if let Token::Seen = check_token(&stack, Self::NAME, token)? {
            return Ok(Output { stack_id: stack.id() });
        }
        check_update(&stack)?;
        no_notifications(&input.notification_arns)?;
        standard_deployment(input.deployment_config.as_ref())?;
        if input.disable_rollback == Some(true) {
            return Err(Fault::unsupported("parameter DisableRollback of UpdateStack"));
        }
        let role = usable_role(input.role_arn.as_ref())?;
        let wishes = Wishes {
            source: brought.source.as_ref(),
            caller: &ctx.caller,
            use_previous_template: input.use_previous_template.unwrap_or(false),
            parameters: &input.parameters,
            tags: input.tags.as_deref(),
            capabilities: &input.capabilities,
            role,
            is_change_set: false,
        };
        let place = stack.place.clone();
        let proposal = Proposal::check(service, tx, &place, Some(&stack), wishes).await?;
        if !changes_of(service, tx, &stack, &proposal).await?.1 {
            return Err(Error::validation("No updates are to be performed.").into());
        }
        let actor = Actor::of(&ctx.caller, proposal.settings.role.as_ref())?;
        let mut deployment = deployment(ctx, Purpose::Update, actor, token);
        deployment.policy = brought.policy_during.clone().or_else(|| stack.policy.clone());
        if brought.policy.is_some() {
            stack.policy.clone_from(&brought.policy);
        }
        stack.retain_except_on_create = input.retain_except_on_create.unwrap_or(false);
        stack.token = token.map(|token| (token.clone(), Self::NAME.to_owned()));
        begin_update(ctx, tx, &mut stack, proposal, deployment)?;
        Ok(Output { stack_id: stack.id() })
    }

    /// Nothing was stored.
    async fn release(_: &Stacks, _: &Brought) {}
}
