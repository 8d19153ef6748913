use crate::{
    Error, Stacks, config,
    keys::{self, Place},
    model::{
        Actor, ChangeSet, ChangeSetPlace, Event, Execution, OnFailure, Stack, StackStatus, find,
    },
    providers::NESTED_STACK,
    requests::{
        DeploymentConfigInput, ParameterInput, Proposal, Source, TagInput, Wishes, changes_of,
        check_name, check_update, new_place, no_notifications, permission_with_role, register,
        standard_deployment, usable_role,
    },
    sealed::Sealed,
};
use kv::Scan;
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission, PreparedOperation};

/// Notes what a template would change, for somebody to look at.
pub(crate) struct CreateChangeSet;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: String,
    change_set_name: String,
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
    client_token: Option<String>,
    description: Option<String>,
    change_set_type: Option<String>,
    on_stack_failure: Option<OnFailure>,
    include_nested_stacks: Option<bool>,
    #[serde(rename = "NotificationARNs", default)]
    notification_arns: Vec<String>,
    deployment_config: Option<DeploymentConfigInput>,
    /// Without anything to import, this asks for nothing. What exists is not imported: the creation
    /// of a resource whose name is taken is refused, with that name.
    #[serde(rename = "ImportExistingResources")]
    _import_existing_resources: Option<bool>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    id: String,
    stack_id: String,
}

impl PreparedOperation for CreateChangeSet {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    type Prepared = Option<Source>;
    const NAME: &'static str = "CreateChangeSet";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        let (action, role) = ("cloudformation:CreateChangeSet", input.role_arn.as_ref());
        permission_with_role(ctx, tx, action, &input.stack_name, role).await
    }

    async fn prepare(
        service: &Stacks,
        ctx: &Context,
        input: &Input,
    ) -> Result<Option<Source>, Fault> {
        let (body, url) = (input.template_body.as_ref(), input.template_url.as_ref());
        Source::read(service, ctx, body, url, &input.parameters).await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
        source: &Option<Source>,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let creates = match input.change_set_type.as_deref() {
            Some("IMPORT") => return Err(Fault::unsupported("parameter ChangeSetType IMPORT")),
            kind => kind == Some("CREATE"),
        };
        no_notifications(&input.notification_arns)?;
        standard_deployment(input.deployment_config.as_ref())?;
        let (stack, is_new) = stack(ctx, tx, input, creates).await?;
        let place = stack.place.clone();
        let sets = tx.scan(&place.change_sets(), Scan::first(config::CHANGE_SETS)).await?;
        if sets.len() == config::CHANGE_SETS {
            let text = format!("Limit for change sets has been exceeded: {}", config::CHANGE_SETS);
            return Err(Error::LimitExceeded(text).into());
        }
        let name = &input.change_set_name;
        let found: Option<ChangeSet> = tx.get_record(&place.change_set(name)).await?;
        if let Some(found) = found {
            if found.token.is_some() && found.token == input.client_token {
                return Ok(Output { id: found.arn(&place), stack_id: stack.id() });
            }
            return Err(Error::ChangeSetExists(name.clone()).into());
        }
        let role = usable_role(input.role_arn.as_ref())?;
        let wishes = Wishes {
            source: source.as_ref(),
            caller: &ctx.caller,
            use_previous_template: input.use_previous_template.unwrap_or(false),
            parameters: &input.parameters,
            tags: input.tags.as_deref(),
            capabilities: &input.capabilities,
            role,
            is_change_set: true,
        };
        let before = Some(&stack).filter(|_| !creates);
        let proposal = Proposal::check(service, tx, &place, before, wishes).await?;
        let nested = |(_, resource): (_, &template::Resource)| resource.kind == NESTED_STACK;
        if input.include_nested_stacks == Some(true)
            && proposal.blueprint.bound.resources().any(nested)
        {
            return Err(Fault::unsupported("change sets of nested stacks (IncludeNestedStacks)"));
        }
        let (changes, differs) = changes_of(service, tx, &stack, &proposal).await?;
        if is_new {
            register(tx, &stack).await?;
            Event::of_stack(&stack, None, ctx.now).write(tx, &place)?;
            stack.save(tx)?;
        }
        let differs = differs || creates;
        let actor = Actor::of(&ctx.caller, proposal.settings.role.as_ref())?;
        let change_set = ChangeSet {
            name: name.clone(),
            id: ctx.ids().uuid().to_string(),
            description: input.description.clone(),
            created: ctx.now,
            execution: if differs { Execution::Available } else { Execution::Unavailable },
            reason: (!differs).then(|| NO_CHANGES.to_owned()),
            creates,
            settings: proposal.settings,
            changes,
            actor,
            on_failure: input.on_stack_failure.unwrap_or_default(),
            token: input.client_token.clone(),
        };
        save(tx, &place, &change_set, &proposal.source)?;
        Ok(Output { id: change_set.arn(&place), stack_id: stack.id() })
    }

    /// Nothing was stored.
    async fn release(_: &Stacks, _: &Option<Source>) {}
}

const NO_CHANGES: &str = "The submitted information didn't contain changes. Submit different \
                          information to create a change set.";

/// The stack that a change set is for, and whether it is new.
async fn stack(
    ctx: &Context,
    tx: &mut Sealed<'_>,
    input: &Input,
    creates: bool,
) -> Result<(Stack, bool), Fault> {
    let name = &input.stack_name;
    let found = find(ctx, tx, name).await?;
    match (found, creates) {
        (Some(stack), true) if stack.status == StackStatus::ReviewInProgress => Ok((stack, false)),
        (Some(_), true) => Err(Error::validation(format!(
            "Stack [{name}] already exists and cannot be created again with the changeSet [{}].",
            input.change_set_name
        ))
        .into()),
        (None, true) => {
            check_name(name)?;
            let status = StackStatus::ReviewInProgress;
            Ok((Stack::new(new_place(ctx, name), status, ctx.now), true))
        }
        (Some(stack), false) => {
            check_update(&stack)?;
            Ok((stack, false))
        }
        (None, false) => Err(Error::validation(format!("Stack [{name}] does not exist")).into()),
    }
}

fn save(
    tx: &mut Sealed<'_>,
    place: &Place,
    change_set: &ChangeSet,
    source: &Source,
) -> Result<(), Fault> {
    let (account, region, id) = (&place.account, &place.region, &change_set.id);
    tx.put_record(place.change_set(&change_set.name), change_set)?;
    let found = ChangeSetPlace { stack: place.clone(), name: change_set.name.clone() };
    tx.put_record(keys::change_set_id(account, region, id), &found)?;
    let (text, original) = keys::change_set_template(place, id);
    tx.put_text(text, &source.text)?;
    if let Some(written) = &source.original {
        tx.put_text(original, written)?;
    }
    Ok(())
}
