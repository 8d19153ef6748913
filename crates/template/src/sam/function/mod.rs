//! `AWS::Serverless::Function`: a function with its role, version, alias, URL, invoke configuration
//! and events.

mod code;
mod invoke_config;
mod role;
mod url;
mod version;

pub(super) use code::location;

use super::build::{self, Build};
use super::policies::RolePolicies;
use super::{Context, Sam, events, tags};
use crate::error::{Position, Result};
use crate::node::{Map, Node};

const KIND: &str = "AWS::Serverless::Function";
/// The properties that go to `AWS::Lambda::Function` as they are.
const COPIED: [&str; 24] = [
    "Handler",
    "Runtime",
    "Description",
    "MemorySize",
    "Timeout",
    "VpcConfig",
    "Role",
    "Environment",
    "KmsKeyArn",
    "ReservedConcurrentExecutions",
    "Layers",
    "FileSystemConfigs",
    "ImageConfig",
    "PackageType",
    "Architectures",
    "SnapStart",
    "EphemeralStorage",
    "CodeSigningConfigArn",
    "RuntimeManagementConfig",
    "LoggingConfig",
    "TenancyConfig",
    "RecursiveLoop",
    "DurableConfig",
    "PublishToLatestPublished",
];
/// The properties that are transformed.
const TRANSFORMED: [&str; 23] = [
    "FunctionName",
    "CodeUri",
    "ImageUri",
    "InlineCode",
    "DeadLetterQueue",
    "AssumeRolePolicyDocument",
    "Policies",
    "RolePath",
    "PermissionsBoundary",
    "Events",
    "Tags",
    "PropagateTags",
    "Tracing",
    "EventInvokeConfig",
    "AutoPublishAlias",
    "AutoPublishCodeSha256",
    "AutoPublishAliasAllProperties",
    "VersionDescription",
    "ProvisionedConcurrencyConfig",
    "FunctionUrlConfig",
    "SourceKMSKeyArn",
    "VersionDeletionPolicy",
    "Connectors",
];
const REFUSED: [&str; 4] =
    ["DeploymentPreference", "CapacityProviderConfig", "FunctionScalingConfig", "Connectors"];

/// What events and URLs refer to: the function, or its alias when it has one.
pub(super) struct Target {
    id: String,
    alias: Option<String>,
}

impl Target {
    /// The name, or the ARN of the alias.
    pub(super) fn name(&self, at: Position) -> Node {
        build::reference(at, self.alias.as_ref().unwrap_or(&self.id))
    }

    /// The ARN.
    pub(super) fn arn(&self, at: Position) -> Node {
        match &self.alias {
            Some(alias) => build::reference(at, alias),
            None => build::attribute(at, &self.id, "Arn"),
        }
    }
}

pub(super) fn transform(context: &mut Context, sam: &Sam<'_>) -> Result<Map> {
    let known: Vec<&str> = COPIED.iter().chain(&TRANSFORMED).copied().collect();
    sam.only(KIND, &known, &REFUSED)?;
    let mut made = Map::new();
    let mut function = lambda_function(context, sam)?;
    let published = version::publish(context, sam, &mut function)?;
    let target = Target {
        id: sam.id.to_owned(),
        alias: published.as_ref().map(|published| published.alias_id.clone()),
    };
    let mut policies = RolePolicies::default();
    let mut others = Map::new();
    if let Some(published) = &published {
        others.extend(published.resources.clone());
    }
    others.extend(url::resources(sam, &target)?);
    let invoke_config = invoke_config::resources(context, sam, published.as_ref())?;
    role::base_policies(context, sam, &mut policies, invoke_config.policies)?;
    others.extend(invoke_config.resources);
    others.extend(events::transform(context, sam, &target, &mut policies)?);
    let role = match sam.get("Role") {
        None => {
            let id = format!("{}Role", sam.id);
            function = function.set("Role", build::attribute(sam.at, &id, "Arn"));
            Some((id, role::role(sam, policies)?))
        }
        Some(own) => {
            role::refuse_conditional(sam, own)?;
            None
        }
    };
    made.insert(sam.id.to_owned(), function.finish());
    made.extend(role);
    for (id, node) in others {
        made.insert(id, node);
    }
    tags::propagate(sam, &mut made)?;
    note_referable(context, sam, published.as_ref(), &made);
    Ok(made)
}

/// Remembers what `!Ref Function.Alias` and its like mean.
fn note_referable(
    context: &mut Context,
    sam: &Sam<'_>,
    published: Option<&version::Published>,
    made: &Map,
) {
    let mut note = |property: &str, id: &str| {
        context.referable.insert((sam.id.to_owned(), property.to_owned()), id.to_owned());
    };
    if let Some(published) = published {
        note("Alias", &published.alias_id);
        note("Version", &published.version_id);
    }
    for (id, node) in made {
        match node.get("Type").and_then(Node::as_str) {
            Some("AWS::SNS::Topic") => note("DestinationTopic", id),
            Some("AWS::SQS::Queue") => note("DestinationQueue", id),
            _ => {}
        }
    }
}

fn lambda_function(context: &Context, sam: &Sam<'_>) -> Result<Build> {
    let mut function = Build::main(sam, "AWS::Lambda::Function")
        .copy(&sam.properties, &COPIED)
        .maybe("FunctionName", sam.filled("FunctionName"))
        .set("Code", code::code(sam)?)
        .set("Tags", tags::with_sam_tag(sam)?);
    if let Some(tracing) = tracing(context, sam) {
        function = function.set("TracingConfig", Node::map(sam.at, [("Mode", tracing.clone())]));
    }
    if let Some((_, arn)) = dead_letter_queue(sam)? {
        function =
            function.set("DeadLetterConfig", Node::map(sam.at, [("TargetArn", arn.clone())]));
    }
    Ok(function)
}

/// The tracing mode, unless it is `Disabled`.
fn tracing<'s>(context: &Context, sam: &'s Sam<'_>) -> Option<&'s Node> {
    let tracing = sam.filled("Tracing")?;
    (context.resolved(tracing).as_str() != Some("Disabled")).then_some(tracing)
}

/// The action that the role needs for the dead-letter queue, and the queue's ARN.
fn dead_letter_queue<'s>(sam: &'s Sam<'_>) -> Result<Option<(&'static str, &'s Node)>> {
    let Some(queue) = sam.filled("DeadLetterQueue") else { return Ok(None) };
    let (Some(kind), Some(arn)) = (queue.get("Type"), queue.get("TargetArn")) else {
        let message = "'DeadLetterQueue' requires Type and TargetArn properties to be specified.";
        return Err(sam.invalid(queue.at, message));
    };
    match kind.as_str() {
        Some("SQS") => Ok(Some(("sqs:SendMessage", arn))),
        Some("SNS") => Ok(Some(("sns:Publish", arn))),
        _ => Err(sam.invalid(kind.at, "'DeadLetterQueue' requires Type of ['SQS', 'SNS']")),
    }
}
