use crate::{
    Error, Stacks,
    blueprint::Blueprint,
    check,
    requests::{Source, new_place},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Permission, PreparedOperation};
use std::collections::BTreeMap;
use template::{Document, Template, summary::summarize};

/// Checks a template and tells what it asks for. What could not be deployed is refused here
/// already; of a template with parameters without defaults, as far as it can be seen.
pub(crate) struct ValidateTemplate;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    template_body: Option<String>,
    #[serde(rename = "TemplateURL")]
    template_url: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    parameters: Vec<TemplateParameter>,
    description: String,
    capabilities: Vec<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    capabilities_reason: Option<String>,
    declared_transforms: Vec<String>,
}

impl PreparedOperation for ValidateTemplate {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    type Prepared = Option<Source>;
    const NAME: &'static str = "ValidateTemplate";

    async fn permissions(
        _: &Stacks,
        ctx: &Context,
        _: &mut Transaction,
        _: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let arn = ctx.arn("cloudformation", "*");
        Ok(vec![Permission::new("cloudformation:ValidateTemplate", arn.as_str())])
    }

    async fn prepare(
        service: &Stacks,
        ctx: &Context,
        input: &Input,
    ) -> Result<Option<Source>, Fault> {
        let (body, url) = (input.template_body.as_ref(), input.template_url.as_ref());
        Source::read(service, ctx, body, url, &[]).await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        _: &mut Transaction,
        _: &Input,
        source: &Option<Source>,
    ) -> Result<Output, Fault> {
        let missing = "Either Template URL or Template Body must be specified.";
        let body = source.as_ref().ok_or_else(|| Error::validation(missing))?.text.as_str();
        let document = Document::parse(body).map_err(Error::from)?;
        let summary = summarize(&document).map_err(Error::from)?;
        let providers = &service.providers;
        if summary.parameters.values().all(|parameter| parameter.default.is_some()) {
            let (place, given) = (new_place(ctx, "validated"), BTreeMap::new());
            let blueprint = Blueprint::read_or_refuse(body, &given, &place, providers)?;
            check::check(&blueprint.bound, providers)?;
        } else {
            if summary.transforms.is_empty() {
                Template::read(&document).map_err(Error::from)?;
            }
            check::check_at_sight(&document, providers)?;
        }
        Ok(Output {
            parameters: summary
                .parameters
                .iter()
                .map(|(name, parameter)| TemplateParameter {
                    parameter_key: name.clone(),
                    default_value: parameter.default.clone(),
                    no_echo: parameter.no_echo,
                    description: parameter.description.clone(),
                })
                .collect(),
            description: summary.description,
            capabilities: summary.capabilities.iter().map(|one| one.name()).collect(),
            capabilities_reason: summary.capabilities_reason,
            declared_transforms: summary.transforms,
        })
    }

    /// Nothing was stored.
    async fn release(_: &Stacks, _: &Option<Source>) {}
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct TemplateParameter {
    parameter_key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    default_value: Option<String>,
    no_echo: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}
