//! How stacks, resources, events and change sets look in answers.

use crate::{
    config,
    diff::{Action, Detail, Replacement, ResourceChange},
    keys::Place,
    model::{ChangeSet, Event, OnFailure, Parent, ResourceRecord, Settings, Stack},
    requests::{Context, Contexts, TagInput},
};
use kv::Key;
use serde::Serialize;
use serde_json::{Map, Value, json};
use service::Seconds;

/// What is shown instead of a parameter that nobody is shown.
const MASK: &str = "****";

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ParameterShape {
    parameter_key: String,
    parameter_value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    resolved_value: Option<String>,
}

fn parameters(settings: &Settings) -> Vec<ParameterShape> {
    let shape = |(key, value): (&String, &String)| {
        let is_masked = settings.no_echo.contains(key);
        let show = |value: &String| if is_masked { MASK.to_owned() } else { value.clone() };
        ParameterShape {
            parameter_key: key.clone(),
            parameter_value: show(value),
            resolved_value: settings.stored.get(key).map(show),
        }
    };
    settings.parameters.iter().map(shape).collect()
}

fn tags(settings: &Settings) -> Vec<TagInput> {
    let tag =
        |(key, value): (&String, &String)| TagInput { key: key.clone(), value: value.clone() };
    settings.tags.iter().map(tag).collect()
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct OutputShape {
    output_key: String,
    output_value: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    export_name: Option<String>,
}

/// A stack in `DescribeStacks`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StackShape {
    stack_id: String,
    stack_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    change_set_id: Option<String>,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    parameters: Vec<ParameterShape>,
    creation_time: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_time: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated_time: Option<Seconds>,
    stack_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack_status_reason: Option<String>,
    disable_rollback: bool,
    #[serde(rename = "NotificationARNs")]
    notification_arns: [String; 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    timeout_in_minutes: Option<u32>,
    capabilities: Vec<String>,
    outputs: Vec<OutputShape>,
    #[serde(rename = "RoleARN", skip_serializing_if = "Option::is_none")]
    role_arn: Option<String>,
    tags: Vec<TagInput>,
    enable_termination_protection: bool,
    retain_except_on_create: bool,
    #[serde(flatten)]
    family: Family,
}

/// The stacks that a nested one belongs to.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Family {
    #[serde(skip_serializing_if = "Option::is_none")]
    parent_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    root_id: Option<String>,
}

impl Family {
    fn of(stack: &Stack) -> Self {
        match &stack.parent {
            None => Self::default(),
            Some(Parent { id, root, .. }) => {
                Self { parent_id: Some(id.clone()), root_id: Some(root.clone()) }
            }
        }
    }
}

impl StackShape {
    pub(crate) fn of(stack: &Stack) -> Self {
        let output = |output: &crate::model::StackOutput| OutputShape {
            output_key: output.key.clone(),
            output_value: output.value.clone(),
            description: output.description.clone(),
            export_name: output.export.clone(),
        };
        Self {
            stack_id: stack.id(),
            stack_name: stack.place.name.clone(),
            change_set_id: stack.change_set.clone(),
            description: stack.settings.description.clone(),
            parameters: parameters(&stack.settings),
            creation_time: Seconds(stack.created),
            deletion_time: stack.deleted.map(Seconds),
            last_updated_time: stack.updated.map(Seconds),
            stack_status: stack.status.name(),
            stack_status_reason: stack.status_reason.clone(),
            disable_rollback: stack.disable_rollback,
            notification_arns: [],
            timeout_in_minutes: stack.timeout_minutes,
            capabilities: stack.settings.capabilities.clone(),
            outputs: stack.outputs.iter().map(output).collect(),
            role_arn: stack.settings.role.as_ref().map(ToString::to_string),
            tags: tags(&stack.settings),
            enable_termination_protection: stack.termination_protection,
            retain_except_on_create: stack.retain_except_on_create,
            family: Family::of(stack),
        }
    }
}

/// A stack in `ListStacks`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct StackSummary {
    stack_id: String,
    stack_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    template_description: String,
    creation_time: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_updated_time: Option<Seconds>,
    #[serde(skip_serializing_if = "Option::is_none")]
    deletion_time: Option<Seconds>,
    stack_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    stack_status_reason: Option<String>,
    #[serde(flatten)]
    family: Family,
}

impl StackSummary {
    pub(crate) fn of(stack: &Stack) -> Self {
        Self {
            stack_id: stack.id(),
            stack_name: stack.place.name.clone(),
            template_description: stack.settings.description.clone(),
            creation_time: Seconds(stack.created),
            last_updated_time: stack.updated.map(Seconds),
            deletion_time: stack.deleted.map(Seconds),
            stack_status: stack.status.name(),
            stack_status_reason: stack.status_reason.clone(),
            family: Family::of(stack),
        }
    }
}

/// An event.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EventShape {
    stack_id: String,
    event_id: String,
    stack_name: String,
    logical_resource_id: String,
    physical_resource_id: String,
    resource_type: String,
    timestamp: Seconds,
    resource_status: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_status_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    client_request_token: Option<String>,
}

impl EventShape {
    pub(crate) fn of(stack: &Stack, event: Event, key: &Key) -> Self {
        // The stamp at the end of the key is unique.
        let stamp = &key[key.len().saturating_sub(kv::Stamp::BYTES)..];
        let stamp: String = stamp.iter().map(|byte| format!("{byte:02x}")).collect();
        Self {
            stack_id: stack.id(),
            event_id: format!("{}-{}-{stamp}", event.logical_id, event.status),
            stack_name: stack.place.name.clone(),
            logical_resource_id: event.logical_id,
            physical_resource_id: event.physical_id,
            resource_type: event.kind,
            timestamp: Seconds(event.time),
            resource_status: event.status,
            resource_status_reason: event.reason,
            client_request_token: event.token,
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Drift {
    stack_resource_drift_status: &'static str,
}

const NOT_CHECKED: Drift = Drift { stack_resource_drift_status: "NOT_CHECKED" };

/// A resource in `DescribeStackResources`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResourceShape {
    stack_name: String,
    stack_id: String,
    logical_resource_id: String,
    physical_resource_id: String,
    resource_type: String,
    timestamp: Seconds,
    resource_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_status_reason: Option<String>,
    drift_information: Drift,
}

impl ResourceShape {
    pub(crate) fn of(stack: &Stack, record: &ResourceRecord) -> Self {
        Self {
            stack_name: stack.place.name.clone(),
            stack_id: stack.id(),
            logical_resource_id: record.logical_id.clone(),
            physical_resource_id: record.physical_id().to_owned(),
            resource_type: record.kind.clone(),
            timestamp: Seconds(record.updated),
            resource_status: record.status.name(),
            resource_status_reason: record.reason.clone(),
            drift_information: NOT_CHECKED,
        }
    }
}

/// A resource in `DescribeStackResource`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResourceDetail {
    stack_name: String,
    stack_id: String,
    #[serde(flatten)]
    summary: ResourceSummary,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<String>,
}

impl ResourceDetail {
    pub(crate) fn of(stack: &Stack, record: &ResourceRecord, metadata: Option<String>) -> Self {
        Self {
            stack_name: stack.place.name.clone(),
            stack_id: stack.id(),
            summary: ResourceSummary::of(record),
            metadata,
        }
    }
}

/// A resource in `ListStackResources`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ResourceSummary {
    logical_resource_id: String,
    physical_resource_id: String,
    resource_type: String,
    last_updated_timestamp: Seconds,
    resource_status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_status_reason: Option<String>,
    drift_information: Drift,
}

impl ResourceSummary {
    pub(crate) fn of(record: &ResourceRecord) -> Self {
        Self {
            logical_resource_id: record.logical_id.clone(),
            physical_resource_id: record.physical_id().to_owned(),
            resource_type: record.kind.clone(),
            last_updated_timestamp: Seconds(record.updated),
            resource_status: record.status.name(),
            resource_status_reason: record.reason.clone(),
            drift_information: NOT_CHECKED,
        }
    }
}

fn change_set_status(change_set: &ChangeSet) -> &'static str {
    if change_set.reason.is_some() { "FAILED" } else { "CREATE_COMPLETE" }
}

/// A change set in `ListChangeSets`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChangeSetSummary {
    stack_id: String,
    stack_name: String,
    change_set_id: String,
    change_set_name: String,
    execution_status: &'static str,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    status_reason: Option<String>,
    creation_time: Seconds,
    #[serde(skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

impl ChangeSetSummary {
    pub(crate) fn of(place: &Place, change_set: ChangeSet) -> Self {
        Self {
            stack_id: place.arn().to_string(),
            stack_name: place.name.clone(),
            change_set_id: change_set.arn(place),
            status: change_set_status(&change_set),
            execution_status: change_set.execution.name(),
            change_set_name: change_set.name,
            status_reason: change_set.reason,
            creation_time: Seconds(change_set.created),
            description: change_set.description,
        }
    }
}

/// A change set in `DescribeChangeSet`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct ChangeSetShape {
    #[serde(flatten)]
    summary: ChangeSetSummary,
    parameters: Vec<ParameterShape>,
    capabilities: Vec<String>,
    tags: Vec<TagInput>,
    changes: Vec<ChangeShape>,
    on_stack_failure: OnFailure,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

impl ChangeSetShape {
    /// The change set with one page of its changes.
    pub(crate) fn of(
        place: &Place,
        change_set: &ChangeSet,
        start: usize,
        values: &Contexts,
    ) -> Self {
        let end = start.saturating_add(config::PAGE);
        let page = change_set.changes.iter().skip(start).take(config::PAGE);
        Self {
            parameters: parameters(&change_set.settings),
            capabilities: change_set.settings.capabilities.clone(),
            tags: tags(&change_set.settings),
            changes: page
                .map(|change| ChangeShape::of(change, values.get(&change.logical_id)))
                .collect(),
            on_stack_failure: change_set.on_failure,
            next_token: (end < change_set.changes.len()).then(|| end.to_string()),
            summary: ChangeSetSummary::of(place, change_set.clone()),
        }
    }
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ChangeShape {
    r#type: &'static str,
    resource_change: ResourceChangeShape,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ResourceChangeShape {
    action: Action,
    logical_resource_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    physical_resource_id: Option<String>,
    resource_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    replacement: Option<Replacement>,
    scope: Vec<&'static str>,
    details: Vec<DetailShape>,
    #[serde(skip_serializing_if = "Option::is_none")]
    before_context: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_context: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct DetailShape {
    target: TargetShape,
    evaluation: &'static str,
    change_source: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct TargetShape {
    attribute: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    requires_recreation: &'static str,
    #[serde(flatten)]
    values: Option<ValuesShape>,
}

/// How a property changes, for those who ask for it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct ValuesShape {
    path: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    before_value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    after_value: Option<String>,
    attribute_change_type: &'static str,
}

impl ValuesShape {
    fn of(property: Option<&String>, context: Option<&Context>) -> Option<Self> {
        let (property, context) = (property?, context?);
        let value = |side: &Option<Map<String, Value>>| side.as_ref()?.get(property).map(text);
        let (before_value, after_value) = (value(&context.before), value(&context.after));
        Some(Self {
            path: format!("/Properties/{property}"),
            attribute_change_type: match (&before_value, &after_value) {
                (None, _) => "Add",
                (_, None) => "Remove",
                _ => "Modify",
            },
            before_value,
            after_value,
        })
    }
}

/// A text as it is, anything else as JSON.
fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn context_text(properties: Option<&Map<String, Value>>) -> Option<String> {
    properties.map(|properties| json!({"Properties": properties}).to_string())
}

fn attribute(detail: &Detail) -> &'static str {
    if detail.property.is_some() || detail.automatic { "Properties" } else { "Tags" }
}

impl ChangeShape {
    fn of(change: &ResourceChange, context: Option<&Context>) -> Self {
        let detail = |detail: &Detail| DetailShape {
            target: TargetShape {
                attribute: attribute(detail),
                name: detail.property.clone(),
                requires_recreation: match (detail.recreates, detail.is_static) {
                    (false, _) => "Never",
                    (true, true) => "Always",
                    (true, false) => "Conditionally",
                },
                values: ValuesShape::of(detail.property.as_ref(), context),
            },
            evaluation: if detail.is_static { "Static" } else { "Dynamic" },
            change_source: if detail.automatic { "Automatic" } else { "DirectModification" },
        };
        let mut scope: Vec<&'static str> = change.details.iter().map(attribute).collect();
        scope.dedup();
        Self {
            r#type: "Resource",
            resource_change: ResourceChangeShape {
                action: change.action,
                logical_resource_id: change.logical_id.clone(),
                physical_resource_id: change.physical_id.clone(),
                resource_type: change.kind.clone(),
                replacement: change.replacement,
                scope,
                details: change.details.iter().map(detail).collect(),
                before_context: context_text(context.and_then(|both| both.before.as_ref())),
                after_context: context_text(context.and_then(|both| both.after.as_ref())),
            },
        }
    }
}
