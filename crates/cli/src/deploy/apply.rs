//! Creating or updating a stack.

use super::{Progress, report::Report};
use crate::{commands::delete, error::Error, output, stacks, stacks::Stack};
use client::Client;
use std::{
    collections::{BTreeMap, BTreeSet},
    process,
};

/// The answer of an update that changes nothing.
const UNCHANGED: &str = "No updates are to be performed.";

/// A deployment that is about to begin.
pub(super) struct Plan<'a> {
    pub(super) name: &'a str,
    /// The stack as it is now.
    pub(super) before: Option<&'a Stack>,
    /// The template.
    pub(super) body: String,
    /// The values of parameters that were given.
    pub(super) overrides: &'a BTreeMap<String, String>,
    /// The parameters of the template.
    pub(super) known: BTreeSet<String>,
    pub(super) capabilities: &'a [String],
    /// Whether its events are not shown.
    pub(super) quiet: bool,
}

/// A token by which the events of one deployment are known.
pub(crate) fn request_token(client: &Client) -> String {
    format!("pileus-{}-{}", client.clock().now().as_millis(), process::id())
}

/// Finds the stack that is to be updated. One whose creation failed is deleted first: nothing is left
/// in it, and it can only be deleted.
pub(super) async fn prepare(client: &Client, name: &str) -> Result<Option<Stack>, Error> {
    let Some(stack) = stacks::describe(client, name).await? else { return Ok(None) };
    match stack.status.as_str() {
        "REVIEW_IN_PROGRESS" | "DELETE_COMPLETE" => Ok(None),
        "ROLLBACK_COMPLETE" => {
            output::note(&format!("{name}: its creation had failed; beginning again"));
            delete::delete(client, &stack.id).await?;
            Ok(None)
        }
        status if status.ends_with("_IN_PROGRESS") => {
            Err(Error::new(format!("stack {name} is being deployed already ({status})"))
                .next("wait until it rests: see `pileus ls stacks`"))
        }
        _ => Ok(Some(stack)),
    }
}

/// Asks the server whether it takes the template, before anything is built. What only the server
/// knows (resource types, properties, names that are taken) is refused here.
///
/// An existing stack's kept values matter, so that it is asked by a change set, which is deleted
/// again.
pub(super) async fn check(client: &Client, plan: &Plan<'_>, report: &Report) -> Result<(), Error> {
    let Some(_) = plan.before else { return validate(client, &plan.body, report).await };
    let token = request_token(client);
    let mut form = form(plan, &token);
    form.retain(|(name, _)| name != "ClientRequestToken");
    form.push(("ChangeSetName".to_owned(), token.clone()));
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    if ask(client, "CreateChangeSet", &form, report).await? {
        let form = [("StackName", plan.name), ("ChangeSetName", token.as_str())];
        stacks::call(client, "DeleteChangeSet", &form).await?;
    }
    Ok(())
}

/// Asks the server whether it takes a template of which no stack is known.
pub(super) async fn validate(client: &Client, body: &str, report: &Report) -> Result<(), Error> {
    ask(client, "ValidateTemplate", &[("TemplateBody", body)], report).await.map(drop)
}

/// Whether the server could be asked: who may deploy need not be allowed to look before.
async fn ask(
    client: &Client,
    action: &str,
    form: &[(&str, &str)],
    report: &Report,
) -> Result<bool, Error> {
    match stacks::call(client, action, form).await {
        Ok(_) => Ok(true),
        Err(error) if error.code().is_some_and(|code| code.starts_with("AccessDenied")) => {
            Ok(false)
        }
        Err(error) => Err(report.refused(error)),
    }
}

/// Creates or updates the stack and waits; what happens goes into the report.
pub(super) async fn run(
    client: &Client,
    plan: &Plan<'_>,
    report: &mut Report,
) -> Result<(), Error> {
    let token = request_token(client);
    let form = form(plan, &token);
    let form: Vec<_> = form.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let action = if plan.before.is_some() { "UpdateStack" } else { "CreateStack" };
    let stack_id = match stacks::call(client, action, &form).await {
        Ok(result) => result.get("StackId").unwrap_or(plan.name).to_owned(),
        Err(error) if error.message() == Some(UNCHANGED) => {
            report.unchanged = true;
            return Ok(());
        }
        Err(error) => return Err(report.refused(error)),
    };
    let mut progress = if plan.quiet { Progress::silent() } else { Progress::new(&stack_id) };
    let last = stacks::follow(client, &stack_id, &token, &mut |event| {
        progress.event(event);
        report.event(event, &stack_id);
    })
    .await;
    progress.finish();
    report.last = Some(last?);
    Ok(())
}

fn form(plan: &Plan<'_>, token: &str) -> Vec<(String, String)> {
    let mut form = vec![
        ("StackName".to_owned(), plan.name.to_owned()),
        ("TemplateBody".to_owned(), plan.body.clone()),
        ("ClientRequestToken".to_owned(), token.to_owned()),
    ];
    for (index, capability) in plan.capabilities.iter().enumerate() {
        form.push((format!("Capabilities.member.{}", index + 1), capability.clone()));
    }
    let kept = plan.before.into_iter().flat_map(|stack| &stack.parameters);
    let kept =
        kept.filter(|name| plan.known.contains(*name) && !plan.overrides.contains_key(*name));
    let given = plan.overrides.iter().map(|(name, value)| (name, Some(value)));
    for (index, (name, value)) in given.chain(kept.map(|name| (name, None))).enumerate() {
        let prefix = format!("Parameters.member.{}", index + 1);
        form.push((format!("{prefix}.ParameterKey"), name.clone()));
        form.push(match value {
            Some(value) => (format!("{prefix}.ParameterValue"), value.clone()),
            None => (format!("{prefix}.UsePreviousValue"), "true".to_owned()),
        });
    }
    form
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_are_not_given_keep_their_values_if_the_template_still_has_them() {
        let parameters = ["Kept", "Gone", "Given"].map(str::to_owned).to_vec();
        let before = Stack { parameters, ..Stack::default() };
        let overrides = BTreeMap::from([("Given".to_owned(), "v".to_owned())]);
        let plan = Plan {
            name: "s",
            before: Some(&before),
            body: "{}".to_owned(),
            overrides: &overrides,
            known: ["Kept", "Given", "New"].map(str::to_owned).into(),
            capabilities: &["CAPABILITY_IAM".to_owned()],
            quiet: false,
        };
        let form: BTreeMap<_, _> = form(&plan, "t").into_iter().collect();
        assert_eq!(form["Parameters.member.1.ParameterKey"], "Given");
        assert_eq!(form["Parameters.member.1.ParameterValue"], "v");
        assert_eq!(form["Parameters.member.2.ParameterKey"], "Kept");
        assert_eq!(form["Parameters.member.2.UsePreviousValue"], "true");
        assert!(!form.contains_key("Parameters.member.3.ParameterKey"));
        assert_eq!(form["Capabilities.member.1"], "CAPABILITY_IAM");
    }
}
