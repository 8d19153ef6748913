use crate::{
    Error, Stacks,
    engine::template_text,
    model::find,
    requests::{Source, permission},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission, PreparedOperation};
use template::{Document, Parameter, summary::summarize};

/// Tells what a template, or that of a stack, asks for.
pub(crate) struct GetTemplateSummary;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    template_body: Option<String>,
    #[serde(rename = "TemplateURL")]
    template_url: Option<String>,
    stack_name: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    parameters: Vec<ParameterDeclaration>,
    description: String,
    capabilities: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capabilities_reason: Option<String>,
    resource_types: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<String>,
    declared_transforms: Vec<String>,
}

impl PreparedOperation for GetTemplateSummary {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    type Prepared = Option<String>;
    const NAME: &'static str = "GetTemplateSummary";

    async fn permissions(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let tx = &mut service.open(tx);
        permission(
            ctx,
            tx,
            "cloudformation:GetTemplateSummary",
            input.stack_name.as_deref().unwrap_or("*"),
        )
        .await
    }

    async fn prepare(
        service: &Stacks,
        ctx: &Context,
        input: &Input,
    ) -> Result<Option<String>, Fault> {
        let (body, url) = (input.template_body.as_ref(), input.template_url.as_ref());
        Source::text(service, ctx, body, url).await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
        body: &Option<String>,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let text = match (body, &input.stack_name) {
            (Some(body), None) => body.clone(),
            (None, Some(name)) => {
                let missing = || Error::validation(format!("Stack with id {name} does not exist"));
                let stack = find(ctx, tx, name).await?.ok_or_else(missing)?;
                template_text(tx, &stack.place, stack.settings.template).await?.unwrap_or_default()
            }
            _ => {
                let text =
                    "Exactly one of TemplateBody, TemplateURL and StackName must be specified";
                return Err(Error::validation(text).into());
            }
        };
        let document = Document::parse(&text).map_err(Error::from)?;
        let summary = summarize(&document).map_err(Error::from)?;
        Ok(Output {
            parameters: summary.parameters.iter().map(ParameterDeclaration::of).collect(),
            description: summary.description,
            capabilities: summary.capabilities.iter().map(|one| one.name()).collect(),
            capabilities_reason: summary.capabilities_reason,
            resource_types: summary.resource_types.into_iter().collect(),
            version: summary.version,
            metadata: summary.metadata,
            declared_transforms: summary.transforms,
        })
    }

    /// Nothing was stored.
    async fn release(_: &Stacks, _: &Option<String>) {}
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ParameterDeclaration {
    parameter_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_value: Option<String>,
    parameter_type: String,
    no_echo: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    parameter_constraints: Constraints,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Constraints {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    allowed_values: Vec<String>,
}

impl ParameterDeclaration {
    fn of((name, parameter): (&String, &Parameter)) -> Self {
        Self {
            parameter_key: name.clone(),
            default_value: parameter.default.clone(),
            parameter_type: parameter.type_name.clone(),
            no_echo: parameter.no_echo,
            description: parameter.description.clone(),
            parameter_constraints: Constraints { allowed_values: parameter.allowed_values.clone() },
        }
    }
}
