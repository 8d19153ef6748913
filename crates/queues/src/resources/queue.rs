use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::SQS::Queue`. `Ref` is the queue's URL.
pub(crate) struct Queue;

/// Properties that are attributes of the same name, with the value that they have when the template
/// does not say.
const ATTRIBUTES: [(&str, &str); 7] = [
    ("DelaySeconds", "0"),
    ("MaximumMessageSize", "1048576"),
    ("MessageRetentionPeriod", "345600"),
    ("ReceiveMessageWaitTimeSeconds", "0"),
    ("VisibilityTimeout", "30"),
    ("RedrivePolicy", ""),
    ("RedriveAllowPolicy", ""),
];

const PROPERTIES: [Property; 9] = [
    Property { name: "QueueName", change: Replace },
    Property { name: "Tags", change: InPlace },
    Property { name: "DelaySeconds", change: InPlace },
    Property { name: "MaximumMessageSize", change: InPlace },
    Property { name: "MessageRetentionPeriod", change: InPlace },
    Property { name: "ReceiveMessageWaitTimeSeconds", change: InPlace },
    Property { name: "VisibilityTimeout", change: InPlace },
    Property { name: "RedrivePolicy", change: InPlace },
    Property { name: "RedriveAllowPolicy", change: InPlace },
];

/// A property as the attribute's text: documents come as structures, numbers as either.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// All attributes, so that one which left the template goes back to its default.
fn attributes(properties: &Map<String, Value>) -> Map<String, Value> {
    let attribute = |(name, default): &(&str, &str)| {
        let value = properties.get(*name).map_or_else(|| (*default).to_owned(), text);
        ((*name).to_owned(), Value::String(value))
    };
    ATTRIBUTES.iter().map(attribute).collect()
}

async fn describe(cx: &ResourceContext, url: &str) -> Result<Resource, Fault> {
    let input = json!({"QueueUrl": url, "AttributeNames": ["QueueArn"]});
    let answer = cx.call("sqs", "GetQueueAttributes", input).await?;
    let name = url.rsplit('/').next().unwrap_or_default();
    let attributes = json!({
        "Arn": answer["Attributes"]["QueueArn"],
        "QueueName": name,
        "QueueUrl": url,
    });
    let Value::Object(attributes) = attributes else { return Ok(Resource::default()) };
    Ok(Resource { physical_id: url.to_owned(), attributes })
}

/// Adds the tags that are wanted and removes those that only `before` had.
async fn retag(
    cx: &ResourceContext,
    url: &str,
    before: &Map<String, Value>,
    wanted: &Map<String, Value>,
) -> Result<(), Fault> {
    let (before, wanted) = (cx.tags(before.get("Tags")), cx.tags(wanted.get("Tags")));
    let gone: Vec<&String> = before.keys().filter(|key| !wanted.contains_key(*key)).collect();
    if !gone.is_empty() {
        cx.call("sqs", "UntagQueue", json!({"QueueUrl": url, "TagKeys": gone})).await?;
    }
    if before != wanted && !wanted.is_empty() {
        cx.call("sqs", "TagQueue", json!({"QueueUrl": url, "Tags": wanted})).await?;
    }
    Ok(())
}

impl ResourceProvider for Queue {
    fn resource_type(&self) -> &'static str {
        "AWS::SQS::Queue"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn", "QueueName", "QueueUrl"]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let name = desired.properties.get("QueueName").and_then(Value::as_str);
            let mut attributes = attributes(desired.properties);
            attributes.retain(|_, value| value != "");
            let input = json!({
                "QueueName": name.unwrap_or(desired.generated_name),
                "Attributes": attributes,
                "tags": cx.tags(desired.properties.get("Tags")),
            });
            let answer = cx.call("sqs", "CreateQueue", input).await?;
            describe(cx, answer["QueueUrl"].as_str().unwrap_or_default()).await
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let attributes = attributes(desired.properties);
            let input = json!({"QueueUrl": physical_id, "Attributes": attributes});
            cx.call("sqs", "SetQueueAttributes", input).await?;
            retag(cx, physical_id, before, desired.properties).await?;
            describe(cx, physical_id).await
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            match cx.call("sqs", "DeleteQueue", json!({"QueueUrl": physical_id})).await {
                Err(fault) if fault.code() != "QueueDoesNotExist" => Err(fault),
                _ => Ok(()),
            }
        })
    }
}
