//! `AWS::CloudFormation::Stack`: a stack as a resource of another one.
//!
//! Its steps begin what a request would begin, in one transaction each, and then look how far it
//! is. What began it is noted in the nested stack (`driver`), so that a step that runs again finds
//! it. An update is *held* when it is complete: it can be taken back as exactly as one that
//! fails, until the stack above has nothing more to take back.

mod begin;
mod wish;

use super::Owner;
use crate::{
    Stacks,
    engine::outcome,
    keys::Place,
    model::{Stack, StackStatus, load},
};
use begin::{Back, Create, Delete, Settle, Update};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use service::{
    Change::InPlace, Desired, Fault, Property, PropertyError, Resource, ResourceContext,
    ResourceProvider, Turn, transact,
};
use wish::Wish;

/// The provider.
pub(crate) struct NestedStack(pub(crate) Owner);

const PROPERTIES: [Property; 4] = [
    Property { name: "Parameters", change: InPlace },
    Property { name: "Tags", change: InPlace },
    Property { name: "TemplateURL", change: InPlace },
    Property { name: "TimeoutInMinutes", change: InPlace },
];

/// How the attributes begin that are outputs.
const OUTPUTS: &str = "Outputs.";

fn resource(stack: &Stack) -> Resource {
    let output = |output: &crate::model::StackOutput| {
        (format!("{OUTPUTS}{}", output.key), output.value.clone().into())
    };
    let attributes = stack.outputs.iter().map(output).collect();
    Resource { physical_id: stack.id(), attributes }
}

fn goes_on(stack: &Stack) -> Fault {
    Fault::unfinished(crate::config::NESTED_POLL).leaving(&stack.id())
}

/// How a creation went that was begun.
fn created(cx: &ResourceContext, stack: &Stack) -> Result<Resource, Fault> {
    let failed = |text: String| Err(outcome(text).leaving(&stack.id()));
    match stack.status {
        StackStatus::CreateInProgress => Err(goes_on(stack)),
        StackStatus::CreateComplete => Ok(resource(stack)),
        _ if cx.step.stopping => failed("Resource creation cancelled".to_owned()),
        _ => failed(format!(
            "Embedded stack {} was not successfully created: {}",
            stack.id(),
            stack.status_reason.clone().unwrap_or_default()
        )),
    }
}

/// How an update went that was begun.
fn updated(stack: &Stack) -> Result<Resource, Fault> {
    match stack.status {
        StackStatus::UpdateInProgress => Err(goes_on(stack)),
        StackStatus::UpdateComplete | StackStatus::UpdateCompleteCleanupInProgress => {
            Ok(resource(stack))
        }
        _ => Err(not_updated(stack)),
    }
}

fn not_updated(stack: &Stack) -> Fault {
    outcome(format!(
        "Embedded stack {} was not successfully updated. Currently in {} with reason: {}",
        stack.id(),
        stack.status.name(),
        stack.failure.clone().or_else(|| stack.status_reason.clone()).unwrap_or_default()
    ))
}

/// How a rollback goes that is under way.
fn rolled_back(stack: &Stack) -> Result<Resource, Fault> {
    match stack.status {
        StackStatus::UpdateRollbackFailed => Err(not_updated(stack)),
        status if status.is_updating() => Err(goes_on(stack)),
        _ => Ok(resource(stack)),
    }
}

/// How a deletion goes that was begun.
fn deleted(stack: &Stack) -> Result<(), Fault> {
    match stack.status {
        StackStatus::DeleteComplete => Ok(()),
        StackStatus::DeleteFailed => Err(outcome(format!(
            "Embedded stack {} was not successfully deleted: {}",
            stack.id(),
            stack.status_reason.clone().unwrap_or_default()
        ))),
        _ => Err(goes_on(stack)),
    }
}

/// The stack of a physical id.
async fn the(stacks: &Stacks, physical_id: &str) -> Result<Option<Stack>, Fault> {
    let Some(place) = Place::of_arn(physical_id) else { return Ok(None) };
    let mut tx = stacks.platform.store.begin();
    Ok(load(&mut stacks.open(&mut tx), &place).await?)
}

fn gone(physical_id: &str) -> Fault {
    outcome(format!("Stack [{physical_id}] does not exist"))
}

impl ResourceProvider for NestedStack {
    fn resource_type(&self) -> &'static str {
        crate::providers::NESTED_STACK
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn has_attribute(&self, name: &str) -> bool {
        name.starts_with(OUTPUTS)
    }

    fn is_always_updated(&self) -> bool {
        true
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), PropertyError> {
        let Ok(stacks) = self.0.stacks() else { return Ok(()) };
        Wish::check(properties, &stacks.platform.public_url)
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let stacks = self.0.stacks()?;
            let name = desired.name_within(crate::config::STACK_NAME_CHARS);
            let found = begin::by_name(&stacks, cx, &name).await?;
            if let Some(stack) = found {
                return match stack.parent.as_ref().map(|parent| &parent.id) {
                    Some(parent) if *parent == cx.stack_id => {
                        begin::cancel_if(&stacks, cx, &stack).await?;
                        created(cx, &stack)
                    }
                    _ => Err(crate::Error::StackExists(name).into()),
                };
            }
            let wish = Wish::read(&stacks, cx, desired.properties).await?;
            let create = Create { stacks: &stacks, cx, name: &name, wish: &wish };
            let stack = transact(&stacks.platform.store, &create).await?;
            Err(goes_on(&stack))
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let stacks = self.0.stacks()?;
            let store = &stacks.platform.store;
            let stack = the(&stacks, physical_id).await?.ok_or_else(|| gone(physical_id))?;
            if cx.step.turn != Turn::Forward {
                let stack = transact(store, &Back { stacks: &stacks, cx, stack: &stack }).await?;
                return rolled_back(&stack);
            }
            if stack.driver == Some(cx.step.id()) {
                begin::cancel_if(&stacks, cx, &stack).await?;
                return updated(&stack);
            }
            let wish = Wish::read(&stacks, cx, desired.properties).await?;
            let update = Update { stacks: &stacks, cx, place: &stack.place, wish: &wish };
            match transact(store, &update).await? {
                Some(stack) => Err(goes_on(&stack)),
                None => Ok(resource(&stack)),
            }
        })
    }

    fn settle<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let stacks = self.0.stacks()?;
            let Some(stack) = the(&stacks, physical_id).await? else { return Ok(()) };
            let settle = Settle { stacks: &stacks, cx, place: &stack.place };
            let goes_on_by_itself = transact(&stacks.platform.store, &settle).await?;
            if goes_on_by_itself { Err(goes_on(&stack)) } else { Ok(()) }
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let stacks = self.0.stacks()?;
            let Some(stack) = the(&stacks, physical_id).await? else { return Ok(()) };
            let delete = Delete { stacks: &stacks, cx, place: &stack.place };
            match transact(&stacks.platform.store, &delete).await? {
                Some(stack) => deleted(&stack),
                None => Ok(()),
            }
        })
    }
}
