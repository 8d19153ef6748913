use crate::{
    Error, Parameters, config,
    model::{self, Kind, Tag, Wish, WishedTier},
};
use kv::Transaction;
use serde::{Deserialize, Deserializer, Serialize};
use service::{Context, Fault, Operation, Permission};
use types::Secret;

/// Makes a parameter, or a new version of one.
pub(crate) struct PutParameter;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    name: String,
    #[serde(deserialize_with = "secret")]
    value: Secret,
    r#type: Option<Kind>,
    description: Option<String>,
    key_id: Option<String>,
    #[serde(default)]
    overwrite: bool,
    allowed_pattern: Option<String>,
    #[serde(default)]
    tags: Vec<Tag>,
    tier: Option<WishedTier>,
    policies: Option<String>,
    data_type: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    version: u64,
    tier: &'static str,
}

fn secret<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Secret, D::Error> {
    String::deserialize(deserializer).map(Secret::new)
}

impl Operation for PutParameter {
    type Service = Parameters;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "PutParameter";

    async fn permissions(
        _: &Parameters,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let overwrite = input.overwrite.to_string();
        let put = super::on_parameter(ctx, "ssm:PutParameter", &input.name);
        let mut permissions = vec![put.with_condition("ssm:Overwrite", overwrite)];
        if input.tags.iter().any(|tag| !tag.key.starts_with("aws:")) {
            permissions.push(super::on_parameter(ctx, "ssm:AddTagsToResource", &input.name));
        }
        Ok(permissions)
    }

    async fn run(
        service: &Parameters,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        check(ctx, input)?;
        let wish = Wish {
            name: &input.name,
            kind: input.r#type,
            value: &input.value,
            description: input.description.as_ref(),
            allowed_pattern: input.allowed_pattern.as_ref(),
            tier: input.tier,
            overwrite: input.overwrite,
            tags: &input.tags,
        };
        let parameter = model::put(ctx, tx, &service.vault, &wish).await?;
        let current = parameter.current;
        Ok(Output { version: current.number, tier: current.tier.name() })
    }
}

/// Refuses what is not done here.
fn check(ctx: &Context, input: &Input) -> Result<(), Error> {
    // An empty list is how policies are removed.
    if input.policies.as_deref().is_some_and(|policies| !matches!(policies.trim(), "[]" | "{}")) {
        return Err(Error::Unsupported("parameter Policies".to_owned()));
    }
    match input.data_type.as_deref() {
        None | Some("text") => {}
        Some(kind @ ("aws:ec2:image" | "aws:ssm:integration")) => {
            return Err(Error::Unsupported(format!("parameter DataType with the value {kind:?}")));
        }
        Some(kind) => {
            return Err(Error::validation(format!(
                "The following data type is not supported: {kind} (Data type names are all \
                 lowercase.)"
            )));
        }
    }
    let Some(key) = &input.key_id else { return Ok(()) };
    if matches!(input.r#type, Some(Kind::String | Kind::StringList)) {
        let text = "KeyId can be given only for parameters of the type SecureString.";
        return Err(Error::validation(text));
    }
    match key == config::KMS_KEY || *key == ctx.arn("kms", config::KMS_KEY).to_string() {
        true => Ok(()),
        false => Err(Error::Unsupported(format!("KMS keys other than {}", config::KMS_KEY))),
    }
}
