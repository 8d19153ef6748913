//! What a deployment did.

use super::source::Source;
use crate::{
    error::Error,
    output,
    stacks::{Event, Stack},
};
use serde_json::{Map, Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    path::PathBuf,
    process::ExitCode,
};

/// The events that matter at the end, and the stack as it is then.
pub(crate) struct Report {
    path: PathBuf,
    lines: BTreeMap<String, u32>,
    pub(crate) unchanged: bool,
    pub(crate) stack: Stack,
    /// The last event of the stack itself.
    pub(super) last: Option<Event>,
    failure: Option<Event>,
    substitutions: BTreeMap<String, String>,
    /// The functions that were made or changed.
    pub(crate) functions: BTreeSet<String>,
}

impl Report {
    pub(super) fn new(source: &Source, lines: &BTreeMap<String, u32>) -> Self {
        Self {
            path: source.path.clone(),
            lines: lines.clone(),
            unchanged: false,
            stack: Stack::default(),
            last: None,
            failure: None,
            substitutions: BTreeMap::new(),
            functions: BTreeSet::new(),
        }
    }

    /// Remembers what must be told at the end.
    pub(super) fn event(&mut self, event: &Event, stack_id: &str) {
        if let Some(text) = event.substitution() {
            self.substitutions.insert(event.logical_id.clone(), text.to_owned());
        }
        let done = ["CREATE_COMPLETE", "UPDATE_COMPLETE"].contains(&event.status.as_str());
        if event.kind == "AWS::Lambda::Function" && done {
            self.functions.insert(event.logical_id.clone());
        }
        if self.failure.is_none() && event.is_failure() && !event.is_of_stack(stack_id) {
            self.failure = Some(event.clone());
        }
    }

    /// A deployment that was refused before it began.
    pub(super) fn refused(&self, error: client::Error) -> Error {
        match (error.code(), error.message()) {
            (Some("ValidationError"), Some(message)) => {
                Error::new(format!("{}: {message}", self.path.display()))
            }
            _ => error.into(),
        }
    }

    /// Whether the stack is as the template says.
    pub(crate) fn succeeded(&self) -> bool {
        self.unchanged
            || matches!(self.stack.status.as_str(), "CREATE_COMPLETE" | "UPDATE_COMPLETE")
    }

    /// Prints the result.
    pub(crate) fn print(&self, json: bool) -> Result<ExitCode, Error> {
        let succeeded = self.succeeded();
        if json {
            output::json(&self.as_json())?;
        } else {
            self.print_text(succeeded)?;
        }
        if succeeded {
            return Ok(ExitCode::SUCCESS);
        }
        Err(self.failed())
    }

    fn print_text(&self, succeeded: bool) -> Result<(), Error> {
        for (resource, text) in &self.substitutions {
            let place = self.place(resource);
            output::note(&format!(
                "{} {place} {resource}: {text}",
                output::attention("substituted:")
            ));
        }
        if !succeeded {
            return Ok(());
        }
        let what = if self.unchanged { "is unchanged" } else { "is deployed" };
        output::note(&format!("{} {what}", output::good(&self.stack.name)));
        let outputs = &self.stack.outputs;
        let rows: Vec<_> =
            outputs.iter().map(|one| vec![one.key.clone(), one.value.clone()]).collect();
        if !rows.is_empty() {
            for line in output::table(&["OUTPUT", "VALUE"], &rows) {
                output::line(&line)?;
            }
        }
        Ok(())
    }

    fn as_json(&self) -> Value {
        let outputs: Map<String, Value> = self
            .stack
            .outputs
            .iter()
            .map(|output| (output.key.clone(), output.value.clone().into()))
            .collect();
        let substitutions: Vec<_> = self
            .substitutions
            .iter()
            .map(|(id, text)| {
                json!({"LogicalResourceId": id, "Line": self.lines.get(id), "Substitution": text})
            })
            .collect();
        let failure = self.failure.as_ref().map(|event| {
            json!({"LogicalResourceId": event.logical_id, "ResourceType": event.kind,
                "Reason": event.reason, "Line": self.lines.get(&event.logical_id)})
        });
        json!({"StackName": self.stack.name, "StackId": self.stack.id,
            "StackStatus": self.stack.status, "Unchanged": self.unchanged, "Outputs": outputs,
            "Substitutions": substitutions, "Failure": failure})
    }

    /// Why it did not succeed.
    pub(crate) fn failed(&self) -> Error {
        let Some(event) = self.failure.as_ref().or(self.last.as_ref()) else {
            return Error::new(format!("the stack is {}", self.stack.status));
        };
        let reason = event.reason.as_deref().unwrap_or(&event.status);
        let place = self.place(&event.logical_id);
        let what = format!("{place} {} ({}): {reason}", event.logical_id, event.kind);
        let status = &self.stack.status;
        Error::new(what).next(match status.as_str() {
            "ROLLBACK_COMPLETE" => {
                "correct it and deploy again; what was created is removed".to_owned()
            }
            "UPDATE_ROLLBACK_COMPLETE" => {
                "correct it and deploy again; the stack is as it was before".to_owned()
            }
            _ => format!("the stack is {status}; see `pileus ls stacks`"),
        })
    }

    /// `template.yaml:12`
    fn place(&self, resource: &str) -> String {
        let name = self.path.file_name().map_or(self.path.as_path(), Path::new).display();
        match self.lines.get(resource) {
            Some(line) => format!("{name}:{line}"),
            None => name.to_string(),
        }
    }
}
