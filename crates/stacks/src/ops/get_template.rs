use crate::{
    Error, Stacks,
    blueprint::process,
    keys,
    model::find,
    requests::{find_change_set, permission},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};

/// Gives the template of a stack or of a change set, as it was given or with its transforms applied.
pub(crate) struct GetTemplate;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    stack_name: Option<String>,
    change_set_name: Option<String>,
    template_stage: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Output {
    template_body: String,
    stages_available: [&'static str; 2],
}

impl Operation for GetTemplate {
    type Service = Stacks;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetTemplate";

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
            "cloudformation:GetTemplate",
            input.stack_name.as_deref().unwrap_or("*"),
        )
        .await
    }

    async fn run(
        service: &Stacks,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let tx = &mut service.open(tx);
        let (text, original, settings, owner) = match &input.change_set_name {
            Some(name) => {
                let (place, set) =
                    find_change_set(ctx, tx, name, input.stack_name.as_ref()).await?;
                let (text, original) = keys::change_set_template(&place, &set.id);
                (text, original, set.settings, place)
            }
            None => {
                let name = input.stack_name.as_deref().unwrap_or_default();
                let missing = || Error::validation(format!("Stack with id {name} does not exist"));
                let stack = find(ctx, tx, name).await?.ok_or_else(missing)?;
                let (place, number) = (stack.place, stack.settings.template);
                (place.template(number), place.original(number), stack.settings, place)
            }
        };
        // A stack that only waits for its first change set has none.
        let text = tx.get_text(&text).await?.unwrap_or_default();
        let region = owner.region.as_str();
        let template_body = match input.template_stage.as_deref() {
            Some("Processed") if !text.is_empty() => {
                process(&text, &settings.values(), region)?.1.to_json_text()
            }
            _ => tx.get_text(&original).await?.unwrap_or(text),
        };
        Ok(Output { template_body, stages_available: ["Original", "Processed"] })
    }
}
