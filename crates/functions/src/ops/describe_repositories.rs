use crate::Registry;
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use types::Arn;

/// Tells the repositories of images. There is no registry, so there are none: what a stack has as a
/// repository is only a name. Tools ask before they remove what they did not make.
pub(crate) struct DescribeRepositories;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    registry_id: Option<String>,
    #[serde(default)]
    repository_names: Vec<String>,
    max_results: Option<u32>,
}

#[derive(Debug, Serialize)]
pub(crate) struct Output {
    repositories: [(); 0],
}

impl Operation for DescribeRepositories {
    type Service = Registry;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DescribeRepositories";

    async fn permissions(
        _: &Registry,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let action = "ecr:DescribeRepositories";
        let permission = |name: &String| {
            let resource = format!("repository/{name}");
            let arn = Arn::new("ecr", &ctx.region, ctx.account(), &resource);
            Permission::new(action, arn.to_string())
        };
        if input.repository_names.is_empty() {
            return Ok(vec![Permission::new(action, "*")]);
        }
        Ok(input.repository_names.iter().map(permission).collect())
    }

    async fn run(
        _: &Registry,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let own = ctx.account().to_string();
        let registry = input.registry_id.as_ref().unwrap_or(&own);
        let Some(name) = input.repository_names.first() else {
            return Ok(Output { repositories: [] });
        };
        if input.max_results.is_some() {
            let text = "Invalid parameter at 'maxResults' failed to satisfy constraint: 'cannot be \
                        used with repositoryNames'";
            return Err(Fault::sender("InvalidParameterException", text));
        }
        let text = format!(
            "The repository with name '{name}' does not exist in the registry with id '{registry}'"
        );
        Err(Fault::sender("RepositoryNotFoundException", text))
    }
}
