//! What follows when the work of a phase has ended.

use super::{
    forward, is_rolled_back,
    step::{State, Step},
};
use crate::{
    jobs,
    model::{
        ChangeSet, Deployment, Execution, Export, OnFailure, Phase, Progress, Purpose,
        ResourceRecord, Stack, StackOutput, StackStatus, load,
    },
    requests,
    sealed::Sealed,
};
use kv::{Scan, Transaction};
use serde_json::Value;
use service::{Fault, Transact, transact};
use template::{Node, Output};

/// Ends a phase. The answer is the deployment as it goes on; `None` if it is over.
pub(super) async fn phase(step: &Step<'_>, state: &State) -> Result<Option<Deployment>, Fault> {
    let deployment = &step.deployment;
    let next = match deployment.phase {
        _ if deployment.then_delete => Turn::Delete,
        Phase::Forward => match forward(step, state) {
            Ok(outputs) => Turn::Complete(outputs),
            Err(reason) => Turn::Fail(reason),
        },
        Phase::Undo => match failed_to_undo(state) {
            Some(reason) => Turn::GiveUp(reason),
            None => Turn::Cleanup,
        },
        Phase::Cleanup => Turn::End(stuck(state)),
    };
    transact(&step.stacks.platform.store, &End { step, state, turn: next }).await
}

/// The outputs if everything is as it should be, else why not.
fn forward(step: &Step<'_>, state: &State) -> Result<Vec<StackOutput>, String> {
    let plan = step.plan.as_ref().ok_or("The template cannot be used any more.")?;
    if step.deployment.cancelled {
        return Err("User initiated cancel.".to_owned());
    }
    if !forward::is_complete(plan, state) {
        return Err(failure(step, state));
    }
    let scope = forward::existing(plan, state);
    let evaluate = |name: &str, node: &Node| -> Result<String, String> {
        let evaluated = plan.bound.evaluate(node, &scope).map_err(|error| error.to_string())?;
        if let Some(unknown) = evaluated.unknown.first() {
            return Err(format!("Output {name} refers to {unknown}, which is not known"));
        }
        match evaluated.value {
            Value::String(text) => Ok(text),
            Value::Bool(_) | Value::Number(_) => Ok(evaluated.value.to_string()),
            _ => Err(format!(
                "Template format error: The Value field of Output {name} must evaluate to a String."
            )),
        }
    };
    let output = |(name, output): (&str, &Output)| {
        Ok(StackOutput {
            key: name.to_owned(),
            value: evaluate(name, &output.value)?,
            description: output.description.clone(),
            export: output.export.as_ref().map(|node| evaluate(name, node)).transpose()?,
        })
    };
    plan.bound.outputs().map(output).collect()
}

fn failure(step: &Step<'_>, state: &State) -> String {
    let failed = |create: bool| {
        let names = state.records.values().filter(|record| {
            record.progress == Some(Progress::Failed) && record.before.is_none() == create
        });
        names.map(|record| record.logical_id.as_str()).collect::<Vec<_>>().join(", ")
    };
    let text = |what: &str, names: String| {
        let sentence = format!("The following resource(s) failed to {what}: [{names}]. ");
        if names.is_empty() { String::new() } else { sentence }
    };
    let reason = text("create", failed(true)) + &text("update", failed(false));
    if reason.is_empty() {
        let minutes = step.stack.timeout_minutes.unwrap_or_default();
        return format!(
            "Stack creation time exceeded the specified timeout of {minutes} minutes. "
        );
    }
    reason
}

fn failed_to_undo(state: &State) -> Option<String> {
    let failed = |record: &&ResourceRecord| record.progress == Some(Progress::UndoFailed);
    list(state, failed)
        .map(|names| format!("The following resource(s) failed to update: [{names}]. "))
}

fn stuck(state: &State) -> Option<String> {
    list(state, |record| record.stuck)
        .map(|names| format!("The following resource(s) failed to delete: [{names}]. "))
}

fn list(state: &State, which: impl Fn(&&ResourceRecord) -> bool) -> Option<String> {
    let records = state.records.values().filter(which);
    let names: Vec<&str> = records.map(|record| record.logical_id.as_str()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// What comes next.
enum Turn {
    /// Everything is created and updated, with these outputs.
    Complete(Vec<StackOutput>),
    /// Everything is to be taken back.
    Fail(String),
    /// What is to be deleted is known.
    Cleanup,
    /// Something could not be taken back.
    GiveUp(String),
    /// The deployment is over; what could not be deleted is named.
    End(Option<String>),
    /// The stack is to be deleted instead.
    Delete,
}

struct End<'a> {
    step: &'a Step<'a>,
    state: &'a State,
    turn: Turn,
}

impl Transact for End<'_> {
    type Output = Option<Deployment>;

    async fn run(&self, tx: &mut Transaction) -> Result<Option<Deployment>, Fault> {
        let (place, tx) = (&self.step.place, &mut self.step.stacks.open(tx));
        let deployment = self.step.guard(tx).await?;
        let gone = || Fault::internal("a deployment without a stack");
        let stack = load(tx, place).await?.ok_or_else(gone)?;
        let mut ending = Ending { end: self, stack, deployment };
        let goes_on = match &self.turn {
            // Somebody asked for the deletion between the last look and now.
            _ if ending.deployment.then_delete => ending.delete(),
            Turn::Delete => ending.delete(),
            Turn::Complete(outputs) => ending.complete(tx, outputs).await?,
            Turn::Fail(reason) => ending.fail(tx, reason).await?,
            Turn::Cleanup => ending.cleanup(tx).await?,
            Turn::GiveUp(reason) => {
                ending.enter(tx, StackStatus::UpdateRollbackFailed, Some(reason.clone()))?;
                tx.put_record(place.deployment(), &ending.deployment)?;
                ending.stack.save(tx)?;
                return Ok(None);
            }
            Turn::End(stuck) => ending.end(tx, stuck.clone()).await?,
        };
        ending.stack.save(tx)?;
        if goes_on {
            tx.put_record(place.deployment(), &ending.deployment)?;
            return Ok(Some(ending.deployment).filter(|deployment| !deployment.is_waiting()));
        }
        // Answers that come later are for nobody.
        for entry in tx.scan(&place.requests(), Scan::first(usize::MAX)).await? {
            tx.delete(entry.key)?;
        }
        tx.delete(place.deployment())?;
        Ok(None)
    }
}

/// The records of a deployment whose phase ends. Each method answers whether it goes on.
struct Ending<'a> {
    end: &'a End<'a>,
    stack: Stack,
    deployment: Deployment,
}

impl Ending<'_> {
    fn enter(
        &mut self,
        tx: &mut Sealed<'_>,
        status: StackStatus,
        reason: Option<String>,
    ) -> Result<(), Fault> {
        let now = self.end.step.now();
        Ok(self.stack.enter(tx, status, reason, self.deployment.token.as_ref(), now)?)
    }

    fn delete(&mut self) -> bool {
        self.deployment.purpose = Purpose::Delete;
        self.deployment.phase = Phase::Cleanup;
        self.deployment.then_delete = false;
        true
    }

    async fn complete(
        &mut self,
        tx: &mut Sealed<'_>,
        outputs: &[StackOutput],
    ) -> Result<bool, Fault> {
        if let Some(reason) = self.export(tx, outputs).await? {
            return self.fail(tx, &reason).await;
        }
        let before = std::mem::replace(&mut self.stack.outputs, outputs.to_vec());
        if self.deployment.purpose == Purpose::Create {
            self.enter(tx, StackStatus::CreateComplete, None)?;
            self.settle_change_set(tx, Execution::Complete).await?;
            return Ok(false);
        }
        self.deployment.phase = Phase::Cleanup;
        self.deployment.outputs_before = self.deployment.held.then_some(before);
        self.enter(tx, StackStatus::UpdateCompleteCleanupInProgress, None)?;
        Ok(true)
    }

    /// Changes the exports from those of the stack's outputs to those of `outputs`; the answer is
    /// why not, if so. Nothing is written then.
    async fn export(
        &self,
        tx: &mut Sealed<'_>,
        outputs: &[StackOutput],
    ) -> Result<Option<String>, Fault> {
        let place = &self.stack.place;
        let new: Vec<(&String, &String)> =
            outputs.iter().filter_map(|o| Some((o.export.as_ref()?, &o.value))).collect();
        for old in &self.stack.outputs {
            let Some(name) = &old.export else { continue };
            let becomes = new.iter().find(|(other, _)| *other == name).map(|(_, value)| *value);
            if becomes != Some(&old.value)
                && let Some(user) = requests::importer(tx, place, name).await?
            {
                let verb = if becomes.is_some() { "updated" } else { "deleted" };
                let text = format!("Export {name} cannot be {verb} as it is in use by {user}");
                return Ok(Some(text));
            }
        }
        for (index, (name, _)) in new.iter().enumerate() {
            let other: Option<Export> = tx.get_record(&place.export(name)).await?;
            let taken = other.is_some_and(|other| other.stack_id != self.stack.id());
            if taken || new[..index].iter().any(|(earlier, _)| earlier == name) {
                return Ok(Some(format!(
                    "Export with name {name} is already exported by another stack or output"
                )));
            }
        }
        for name in self.stack.outputs.iter().filter_map(|old| old.export.as_ref()) {
            tx.delete(place.export(name))?;
        }
        for (name, value) in new {
            let stack_id = self.stack.id();
            let export = Export { name: name.clone(), value: value.clone(), stack_id };
            tx.put_record(place.export(name), &export)?;
        }
        Ok(None)
    }

    /// Gives a stack the outputs and exports back that it had before a held update. An export that
    /// somebody has come to need meanwhile stays.
    async fn restore_outputs(&mut self, tx: &mut Sealed<'_>) -> Result<(), Fault> {
        let Some(before) = self.deployment.outputs_before.take() else { return Ok(()) };
        match self.export(tx, &before).await? {
            None => self.stack.outputs = before,
            Some(reason) => tracing::warn!(stack = self.stack.place.name, reason, "outputs stay"),
        }
        Ok(())
    }

    /// Gives up the imports that only the settings before had.
    fn drop_imports(&self, tx: &mut Sealed<'_>) -> Result<(), Fault> {
        let before = self.deployment.before.as_ref();
        for name in before.map(|before| &before.imports).into_iter().flatten() {
            if !self.stack.settings.imports.contains(name) {
                tx.delete(self.stack.place.import(name))?;
            }
        }
        Ok(())
    }

    async fn fail(&mut self, tx: &mut Sealed<'_>, reason: &str) -> Result<bool, Fault> {
        self.deployment.failure = Some(reason.to_owned());
        self.stack.failure = Some(reason.to_owned());
        self.deployment.phase = Phase::Undo;
        let requested =
            format!("{}. Rollback requested by user.", reason.trim_end_matches([' ', '.']));
        let status = match (self.deployment.purpose, self.deployment.on_failure) {
            (Purpose::Create, OnFailure::DoNothing) => {
                self.enter(tx, StackStatus::CreateFailed, Some(reason.to_owned()))?;
                self.settle_change_set(tx, Execution::Failed).await?;
                return Ok(false);
            }
            (Purpose::Create, OnFailure::Rollback) => StackStatus::RollbackInProgress,
            (Purpose::Create, OnFailure::Delete) => StackStatus::DeleteInProgress,
            _ => StackStatus::UpdateRollbackInProgress,
        };
        self.enter(tx, status, Some(requested))?;
        Ok(true)
    }

    async fn cleanup(&mut self, tx: &mut Sealed<'_>) -> Result<bool, Fault> {
        self.deployment.phase = Phase::Cleanup;
        let place = self.stack.place.clone();
        let Some(before) = self.deployment.before.clone() else {
            for name in std::mem::take(&mut self.stack.settings.imports) {
                tx.delete(place.import(&name))?;
            }
            return Ok(true);
        };
        for name in self.stack.settings.imports.difference(&before.imports) {
            tx.delete(place.import(name))?;
        }
        self.stack.settings = before;
        self.restore_outputs(tx).await?;
        self.enter(tx, StackStatus::UpdateRollbackCompleteCleanupInProgress, None)?;
        Ok(true)
    }

    async fn end(&mut self, tx: &mut Sealed<'_>, stuck: Option<String>) -> Result<bool, Fault> {
        let failed = is_rolled_back(&self.deployment);
        let deleting = self.deployment.purpose == Purpose::Delete
            || (failed
                && self.deployment.on_failure == OnFailure::Delete
                && self.deployment.purpose == Purpose::Create);
        let status = match (self.deployment.purpose, stuck.is_some()) {
            _ if deleting && stuck.is_some() => StackStatus::DeleteFailed,
            _ if deleting => StackStatus::DeleteComplete,
            (Purpose::Create, true) => StackStatus::RollbackFailed,
            (Purpose::Create, false) => StackStatus::RollbackComplete,
            _ if failed => StackStatus::UpdateRollbackComplete,
            _ => StackStatus::UpdateComplete,
        };
        self.enter(tx, status, stuck)?;
        if status == StackStatus::UpdateComplete {
            self.drop_imports(tx)?;
        }
        let execution = if failed { Execution::Failed } else { Execution::Complete };
        self.settle_change_set(tx, execution).await?;
        if status == StackStatus::DeleteComplete {
            self.bury(tx).await?;
        }
        self.tidy(tx).await?;
        Ok(false)
    }

    /// Frees the name of a stack that is deleted, and what it holds on to.
    async fn bury(&mut self, tx: &mut Sealed<'_>) -> Result<(), Fault> {
        let now = self.end.step.now();
        let place = self.stack.place.clone();
        self.stack.deleted = Some(now);
        tx.delete(place.live_name())?;
        for name in std::mem::take(&mut self.stack.settings.imports) {
            tx.delete(place.import(&name))?;
        }
        for name in self.stack.outputs.iter().filter_map(|output| output.export.as_ref()) {
            tx.delete(place.export(name))?;
        }
        requests::drop_change_sets(tx, &place, None).await?;
        jobs::forget_later(tx, &place, now)?;
        Ok(())
    }

    /// Removes the records of resources that an update has made away with, and templates that are
    /// not the stack's any more.
    async fn tidy(&self, tx: &mut Sealed<'_>) -> Result<(), Fault> {
        let place = &self.stack.place;
        if self.deployment.purpose == Purpose::Update {
            let nothing =
                |record: &&ResourceRecord| record.live.is_none() && record.leaving.is_none();
            for record in self.end.state.records.values().filter(nothing) {
                tx.delete(place.resource(&record.logical_id))?;
            }
        }
        let own = place.template(self.stack.settings.template);
        for entry in tx.scan(&place.templates(), Scan::first(usize::MAX).snapshot()).await? {
            if !entry.key.starts_with(&own) {
                tx.delete(entry.key)?;
            }
        }
        Ok(())
    }

    async fn settle_change_set(
        &self,
        tx: &mut Sealed<'_>,
        execution: Execution,
    ) -> Result<(), Fault> {
        let Some(name) = &self.deployment.change_set else { return Ok(()) };
        let key = self.stack.place.change_set(name);
        if let Some(mut change_set) = tx.get_record::<ChangeSet>(&key).await? {
            change_set.execution = execution;
            tx.put_record(key, &change_set)?;
        }
        Ok(())
    }
}
