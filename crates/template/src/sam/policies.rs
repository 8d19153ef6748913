//! The `Policies` property: managed policies, policy documents and policy templates, also inside
//! `Fn::If`.

use super::policy_templates::{POLICY_TEMPLATES, PolicyTemplate, Words};
use super::{Context, Sam, build, managed_policies};
use crate::error::Result;
use crate::node::{Map, Node};
use crate::substitution::{self, Piece};

/// What a function's role gets.
#[derive(Default)]
pub(super) struct RolePolicies {
    /// `ManagedPolicyArns`.
    pub(super) managed: Vec<Node>,
    /// `Policies`.
    pub(super) inline: Vec<Node>,
}

impl RolePolicies {
    /// Adds a managed policy unless it is there.
    pub(super) fn add_managed(&mut self, arn: Node) {
        if !self.managed.iter().any(|old| old.same(&arn)) {
            self.managed.push(arn);
        }
    }

    /// Adds an inline policy unless one with the same document is there.
    pub(super) fn add_inline(&mut self, policy: Node) {
        let document = policy.get("PolicyDocument").map(Node::to_json);
        let known =
            self.inline.iter().any(|old| old.get("PolicyDocument").map(Node::to_json) == document);
        if !known {
            self.inline.push(policy);
        }
    }

    /// Adds what the `Policies` property of a resource says.
    pub(super) fn add_property(&mut self, context: &Context, sam: &Sam<'_>) -> Result<()> {
        let Some(policies) = sam.filled("Policies") else { return Ok(()) };
        let entries = policies.as_list().unwrap_or(std::slice::from_ref(policies));
        for (index, entry) in entries.iter().enumerate() {
            let name = format!("{}RolePolicy{index}", sam.id);
            match kind(sam, entry, index)? {
                Kind::Managed => {
                    self.add_managed(each_branch(entry, &|node| managed(context, node)))
                }
                Kind::Document => {
                    self.inline.push(each_branch(entry, &|node| inline(&name, node.clone())));
                }
                Kind::Template => {
                    let policy = try_each_branch(entry, &|node| {
                        Ok(inline(&name, from_template(sam, node)?))
                    })?;
                    self.inline.push(policy);
                }
            }
        }
        Ok(())
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Managed,
    Document,
    Template,
}

/// What kind of policy an entry is; the branches of an `Fn::If` must agree.
fn kind(sam: &Sam<'_>, entry: &Node, index: usize) -> Result<Kind> {
    if let Some([_, then, otherwise]) = branches(entry) {
        return match (then.is_no_value(), otherwise.is_no_value()) {
            (true, true) => Ok(Kind::Managed),
            (true, false) => kind(sam, otherwise, index),
            (false, true) => kind(sam, then, index),
            (false, false) => {
                let first = kind(sam, then, index)?;
                if first == kind(sam, otherwise, index)? {
                    return Ok(first);
                }
                let message = "Different policy types within the same Fn::If statement is unsupported. Separate different policy types into different Fn::If statements";
                Err(sam.invalid(entry.at, message))
            }
        };
    }
    if entry.as_str().is_some() || entry.intrinsic().is_some() {
        return Ok(Kind::Managed);
    }
    match entry.as_map() {
        Some(map) if map.contains_key("Statement") => Ok(Kind::Document),
        Some(map) if map.len() == 1 => Ok(Kind::Template),
        _ => {
            let message =
                format!("Policy at index {index} in the 'Policies' property is not valid");
            Err(sam.invalid(entry.at, message))
        }
    }
}

fn branches(node: &Node) -> Option<&[Node; 3]> {
    match node.intrinsic() {
        Some(("Fn::If", argument)) => argument.as_list()?.try_into().ok(),
        _ => None,
    }
}

/// Changes a node, or the two values of an `Fn::If` that are not `AWS::NoValue`.
fn try_each_branch(node: &Node, change: &dyn Fn(&Node) -> Result<Node>) -> Result<Node> {
    let Some([condition, then, otherwise]) = branches(node) else { return change(node) };
    let branch = |node: &Node| if node.is_no_value() { Ok(node.clone()) } else { change(node) };
    let branches = [condition.clone(), branch(then)?, branch(otherwise)?];
    Ok(Node::map(node.at, [("Fn::If", Node::list(node.at, branches))]))
}

fn each_branch(node: &Node, change: &dyn Fn(&Node) -> Node) -> Node {
    try_each_branch(node, &|node| Ok(change(node))).unwrap_or_else(|_| node.clone())
}

fn managed(context: &Context, node: &Node) -> Node {
    match node.as_str() {
        Some(name) => Node::text(node.at, managed_policies::arn(context.partition, name)),
        None => node.clone(),
    }
}

fn inline(name: &str, document: Node) -> Node {
    let at = document.at;
    Node::map(at, [("PolicyName", Node::text(at, name)), ("PolicyDocument", document)])
}

/// The document of `{TemplateName: {Parameter: value}}`.
fn from_template(sam: &Sam<'_>, entry: &Node) -> Result<Node> {
    let (name, given) = entry
        .as_map()
        .and_then(Map::first)
        .ok_or_else(|| sam.invalid(entry.at, "Policy in the 'Policies' property is not valid"))?;
    let Some(template) = POLICY_TEMPLATES.iter().find(|template| template.name == name) else {
        let what = format!("The policy template {name} (resource {})", sam.id);
        return Err(crate::Error::refused(given.at, what));
    };
    let Some(given_map) = given.as_map() else {
        let message = format!("Must specify valid parameter values for policy template '{name}'");
        return Err(sam.invalid(given.at, message));
    };
    let missing: Vec<_> = template
        .parameters
        .iter()
        .filter(|parameter| !given_map.contains_key(**parameter))
        .map(|parameter| format!("'{parameter}'"))
        .collect();
    if !missing.is_empty() {
        let missing = missing.join(", ");
        let message = format!(
            "Following required parameters of template '{name}' don't have values: [{missing}]"
        );
        return Err(sam.invalid(given.at, message));
    }
    let at = given.at;
    let statements = template.statements.iter().map(|statement| {
        Node::map(
            at,
            [
                ("Action", words(&statement.actions, |word| Node::text(at, word))),
                ("Effect", Node::text(at, "Allow")),
                ("Resource", words(&statement.resources, |text| resource(template, given, text))),
            ],
        )
    });
    Ok(Node::map(at, [("Statement", Node::list(at, statements))]))
}

fn words(words: &Words, node: impl Fn(&str) -> Node) -> Node {
    match words {
        Words::One(word) => node(word),
        Words::Many(words) => {
            let nodes: Vec<_> = words.iter().map(|word| node(word)).collect();
            let at = nodes.first().map_or(crate::Position { line: 1, column: 1 }, |node| node.at);
            Node::list(at, nodes)
        }
    }
}

/// The `Resource` of a statement, with the given values behind the variables.
fn resource(template: &PolicyTemplate, given: &Node, text: &str) -> Node {
    let at = given.at;
    if text == "*" {
        return Node::text(at, text);
    }
    let mut variables = Map::new();
    for piece in substitution::pieces(text) {
        let Piece::Variable(name) = piece else { continue };
        let parameter = template.parameters.iter().find(|one| one.eq_ignore_ascii_case(&name));
        if let Some(value) = parameter.and_then(|parameter| given.get(parameter)) {
            variables.insert(name, value.clone());
        }
    }
    let whole = text.starts_with("${") && variables.len() == 1 && text.ends_with('}');
    let arn = if whole { text.to_owned() } else { format!("arn:${{AWS::Partition}}:{text}") };
    let arn = Node::text(at, arn);
    if variables.is_empty() {
        return Node::map(at, [("Fn::Sub", arn)]);
    }
    Node::map(at, [("Fn::Sub", Node::list(at, [arn, Node::map(at, variables)]))])
}

/// The policy that lets a role send to a destination of some type, named after `id`.
pub(super) fn destination(kind: &str, id: &str, arn: &Node) -> Option<Node> {
    let at = arn.at;
    let one = |suffix: &str, action| {
        Some(build::allow_policy(at, format!("{id}{suffix}"), &[(action, arn.clone())]))
    };
    match kind {
        "SQS" => one("SQSPolicy", "sqs:SendMessage"),
        "SNS" => one("SNSPolicy", "sns:publish"),
        "EventBridge" => one("EventBridgePolicy", "events:PutEvents"),
        "Lambda" => one("LambdaPolicy", "lambda:InvokeFunction"),
        "S3" | "S3Bucket" => {
            let parts = Node::list(at, [arn.clone(), Node::text(at, "*")]);
            let objects =
                Node::map(at, [("Fn::Join", Node::list(at, [Node::text(at, "/"), parts]))]);
            let statements = [("s3:PutObject", objects), ("s3:ListBucket", arn.clone())];
            Some(build::allow_policy(at, format!("{id}S3Policy"), &statements))
        }
        _ => None,
    }
}
