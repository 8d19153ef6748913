//! What a template asks for and gets in another way: the table of substitutions.
//!
//! What is neither implemented nor in this table is refused. The services accept the values that
//! stand here; this table is what people are told about them.

use serde_json::Value;
use template::{Node, Position, Template};

/// One row: a value of a property, and what is done instead.
pub struct Row {
    /// The resource type.
    pub resource_type: &'static str,
    /// The path of the property, its names joined by dots; lists are passed through. Empty if the
    /// resource itself is substituted.
    pub property: &'static str,
    /// Which values are substituted.
    pub matches: Matches,
    /// How the values are named in the documentation.
    pub values: &'static str,
    /// What is done instead.
    pub instead: &'static str,
}

/// Which values of a property are substituted.
pub enum Matches {
    /// Those of which this is true.
    Value(fn(&Value) -> bool),
    /// Runtimes that another version stands in for on this host: see [`StandIns`].
    StandIn,
}

/// What runs in place of a runtime identifier, `Python 3.11.2` for `python3.12`; `None` where the
/// runtime itself is there.
pub type StandIns = dyn Fn(&str) -> Option<String> + Send + Sync;

/// All rows.
pub const TABLE: &[Row] = &[
    Row {
        resource_type: "AWS::Lambda::Function",
        property: "Architectures",
        matches: Matches::Value(|value| {
            value.as_array().is_some_and(|list| list.iter().any(|v| v == "arm64"))
        }),
        values: "arm64",
        instead: "runs on the processor of this machine; code without native parts does the same",
    },
    Row {
        resource_type: "AWS::Lambda::Function",
        property: "TracingConfig.Mode",
        matches: Matches::Value(|value| value == "Active"),
        values: "Active",
        instead: "nothing is sent to X-Ray; the timing of an invocation is in its REPORT log line",
    },
    Row {
        resource_type: "AWS::Lambda::Function",
        property: "Runtime",
        matches: Matches::StandIn,
        values: "a version that is not installed",
        instead: "the nearest newer installed version runs it, else the newest",
    },
    Row {
        resource_type: "AWS::DynamoDB::Table",
        property: "ProvisionedThroughput",
        matches: Matches::Value(|_| true),
        values: "any",
        instead: "requests are served on demand: none is throttled at these units, which are only \
                  told back",
    },
    Row {
        resource_type: "AWS::CDK::Metadata",
        property: "",
        matches: Matches::Value(|_| true),
        values: "any",
        instead: "nobody is told of what an app is made",
    },
    Row {
        resource_type: "AWS::ECR::Repository",
        property: "",
        matches: Matches::Value(|_| true),
        values: "any",
        instead: "there is no registry: the repository is a name and an ARN, and images are refused",
    },
    Row {
        resource_type: "AWS::SSM::Parameter",
        property: "KeyId",
        matches: Matches::Value(|value| value == "alias/aws/ssm"),
        values: "alias/aws/ssm",
        instead: "secret values are encrypted under this installation's master key",
    },
    Row {
        resource_type: "AWS::S3::Bucket",
        property: "BucketEncryption.ServerSideEncryptionConfiguration.\
                   ServerSideEncryptionByDefault.SSEAlgorithm",
        matches: Matches::Value(|value| value == "aws:kms"),
        values: "aws:kms, with S3's own key",
        instead: "objects are encrypted under this installation's master key, and say AES256",
    },
    Row {
        resource_type: "AWS::SQS::Queue",
        property: "KmsMasterKeyId",
        matches: Matches::Value(|value| value == "alias/aws/sqs"),
        values: "alias/aws/sqs",
        instead: "bodies are encrypted under this installation's master key",
    },
    Row {
        resource_type: "AWS::SQS::Queue",
        property: "KmsDataKeyReusePeriodSeconds",
        matches: Matches::Value(|_| true),
        values: "any",
        instead: "no data keys are used, so none is used for long",
    },
];

/// A substitution in a template.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Substitution {
    /// The logical id of the resource.
    pub resource: String,
    /// The place of the property.
    pub at: Position,
    /// What is done instead of what.
    pub text: String,
}

impl Row {
    /// What to tell of a value, if it is substituted.
    fn text(&self, value: &Value, stand_ins: &StandIns) -> Option<String> {
        let Self { property, instead, .. } = self;
        if property.is_empty() {
            return Some((*instead).to_owned());
        }
        match self.matches {
            Matches::Value(matches) => {
                matches(value).then(|| format!("{property} {value}: {instead}"))
            }
            Matches::StandIn => {
                let used = stand_ins(value.as_str()?)?;
                Some(format!("{property} {value}: {used} runs it"))
            }
        }
    }
}

/// The substitutions of a template to which transforms have been applied, in the order of its
/// resources. Values behind intrinsic functions are not looked at.
#[must_use]
pub fn substitutions(template: &Template, stand_ins: &StandIns) -> Vec<Substitution> {
    template
        .resources
        .iter()
        .flat_map(|(id, resource)| {
            let rows = TABLE.iter().filter(|row| row.resource_type == resource.kind);
            rows.filter_map(|row| {
                if row.property.is_empty() {
                    let text = row.text(&Value::Null, stand_ins)?;
                    return Some(Substitution { resource: id.clone(), at: resource.at, text });
                }
                let (name, rest) = row.property.split_once('.').unwrap_or((row.property, ""));
                let node = within(resource.properties.get(name)?, rest)?;
                let value = node.to_json();
                let text = row.text(&value, stand_ins)?;
                Some(Substitution { resource: id.clone(), at: node.at, text })
            })
        })
        .collect()
}

/// The first node at a path below `node`, through lists.
fn within<'a>(node: &'a Node, path: &str) -> Option<&'a Node> {
    if path.is_empty() {
        return Some(node);
    }
    if let Some(items) = node.as_list() {
        return items.iter().find_map(|item| within(item, path));
    }
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    within(node.get(name)?, rest)
}
