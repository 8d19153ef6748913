//! The role of a function that names none.

use serde_json::json;

use super::super::build::Build;
use super::super::policies::RolePolicies;
use super::super::{Context, Sam, tags};
use crate::error::{Error, Result};
use crate::node::Node;

/// The policies that do not come from events.
pub(super) fn base_policies(
    context: &Context,
    sam: &Sam<'_>,
    policies: &mut RolePolicies,
    invoke_config: Vec<Node>,
) -> Result<()> {
    let at = sam.at;
    let managed =
        |name: &str| Node::text(at, format!("arn:{}:iam::aws:policy/{name}", context.partition));
    let basic = if sam.filled("DurableConfig").is_some() {
        "service-role/AWSLambdaBasicDurableExecutionRolePolicy"
    } else {
        "service-role/AWSLambdaBasicExecutionRole"
    };
    policies.add_managed(managed(basic));
    if super::tracing(context, sam).is_some() {
        let xray = if context.partition == "aws" {
            "AWSXrayWriteOnlyAccess"
        } else {
            "AWSXRayDaemonWriteAccess"
        };
        policies.add_managed(managed(xray));
    }
    if sam.filled("VpcConfig").is_some() {
        policies.add_managed(managed("service-role/AWSLambdaVPCAccessExecutionRole"));
    }
    if let Some((action, arn)) = super::dead_letter_queue(sam)? {
        let statement = Node::map(
            at,
            [
                ("Action", Node::text(at, action)),
                ("Resource", arn.clone()),
                ("Effect", Node::text(at, "Allow")),
            ],
        );
        let document = Node::map(
            at,
            [("Version", Node::text(at, "2012-10-17")), ("Statement", Node::list(at, [statement]))],
        );
        let name = Node::text(at, "DeadLetterQueuePolicy");
        policies.inline.push(Node::map(at, [("PolicyName", name), ("PolicyDocument", document)]));
    }
    policies.inline.extend(invoke_config);
    policies.add_property(context, sam)
}

/// The role.
pub(super) fn role(sam: &Sam<'_>, policies: RolePolicies) -> Result<Node> {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Action": ["sts:AssumeRole"],
            "Effect": "Allow",
            "Principal": {"Service": ["lambda.amazonaws.com"]},
        }],
    });
    let mut role = Build::new(sam, "AWS::IAM::Role")
        .json("AssumeRolePolicyDocument", &trust)
        .maybe("AssumeRolePolicyDocument", sam.get("AssumeRolePolicyDocument"))
        .set("ManagedPolicyArns", Node::list(sam.at, policies.managed))
        .maybe("Path", sam.get("RolePath"))
        .maybe("PermissionsBoundary", sam.get("PermissionsBoundary"))
        .set("Tags", tags::with_sam_tag(sam)?);
    if !policies.inline.is_empty() {
        role = role.set("Policies", Node::list(sam.at, policies.inline));
    }
    Ok(role.finish())
}

/// Refuses a role that exists under a condition only.
pub(super) fn refuse_conditional(sam: &Sam<'_>, role: &Node) -> Result<()> {
    let items = match role.intrinsic() {
        Some(("Fn::If", argument)) => argument.as_list().unwrap_or_default(),
        _ => return Ok(()),
    };
    if items.iter().any(Node::is_no_value) {
        let what = format!("The property Role with AWS::NoValue in Fn::If (resource {})", sam.id);
        return Err(Error::refused(role.at, what));
    }
    Ok(())
}
