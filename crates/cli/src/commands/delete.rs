//! `pileus delete`

use crate::{
    deploy::{Progress, request_token},
    error::Error,
    output,
    session::Session,
    stacks,
};
use serde_json::json;
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  pileus delete my-stack

What a template keeps (DeletionPolicy: Retain) stays.";

/// The flags of `pileus delete`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Delete {
    /// The name of the stack
    stack: String,
}

/// Deletes a stack and waits until it is gone.
pub(crate) fn run(command: &Delete, session: &Session) -> Result<ExitCode, Error> {
    let client = session.client()?;
    let stack = session.block_on(async {
        let stack = stacks::describe(&client, &command.stack).await?.ok_or_else(|| {
            Error::new(format!("there is no stack {}", command.stack))
                .next("`pileus ls stacks` lists them")
        })?;
        delete(&client, &stack.id).await?;
        Ok(stack)
    })?;
    if session.json() {
        let result = json!({"StackName": stack.name, "StackId": stack.id,
            "StackStatus": "DELETE_COMPLETE"});
        output::json(&result)?;
    } else {
        output::line(&format!("{} is deleted", stack.name))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Deletes a stack by its id and waits until it is gone.
pub(crate) async fn delete(client: &client::Client, stack_id: &str) -> Result<(), Error> {
    let token = request_token(client);
    let parameters = [("StackName", stack_id), ("ClientRequestToken", token.as_str())];
    stacks::call(client, "DeleteStack", &parameters).await?;
    let mut progress = Progress::new(stack_id);
    let mut failure = None;
    let last = stacks::follow(client, stack_id, &token, &mut |event| {
        progress.event(event);
        if failure.is_none() && event.is_failure() {
            failure = Some(event.clone());
        }
    })
    .await;
    progress.finish();
    let last = last?;
    if last.status == "DELETE_COMPLETE" {
        return Ok(());
    }
    let failure = failure.unwrap_or(last);
    let reason = failure.reason.as_deref().unwrap_or(&failure.status);
    Err(Error::new(format!("{} ({}): {reason}", failure.logical_id, failure.kind))
        .next("remove what holds it, then delete the stack again"))
}
