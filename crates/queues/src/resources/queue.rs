use crate::{Error, config, keys::FIFO_SUFFIX};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, PropertyError, Resource, ResourceContext, ResourceProvider,
};
use types::Tags;

/// `AWS::SQS::Queue`. `Ref` is the queue's URL.
pub(crate) struct Queue;

/// Properties that are attributes of the same name, with the value that they have when the template
/// does not say.
const ATTRIBUTES: [(&str, &str); 9] = [
    ("DelaySeconds", "0"),
    ("MaximumMessageSize", "1048576"),
    ("MessageRetentionPeriod", "345600"),
    ("ReceiveMessageWaitTimeSeconds", "0"),
    ("VisibilityTimeout", "30"),
    ("KmsMasterKeyId", ""),
    ("KmsDataKeyReusePeriodSeconds", "300"),
    ("RedrivePolicy", ""),
    ("RedriveAllowPolicy", ""),
];

/// The same of FIFO queues.
const FIFO_ATTRIBUTES: [(&str, &str); 4] = [
    ("FifoQueue", "true"),
    ("ContentBasedDeduplication", "false"),
    ("DeduplicationScope", "queue"),
    ("FifoThroughputLimit", "perQueue"),
];

const PROPERTIES: [Property; 16] = [
    Property { name: "FifoQueue", change: Replace },
    Property { name: "ContentBasedDeduplication", change: InPlace },
    Property { name: "DeduplicationScope", change: InPlace },
    Property { name: "FifoThroughputLimit", change: InPlace },
    Property { name: "QueueName", change: Replace },
    Property { name: "Tags", change: InPlace },
    Property { name: "DelaySeconds", change: InPlace },
    Property { name: "MaximumMessageSize", change: InPlace },
    Property { name: "MessageRetentionPeriod", change: InPlace },
    Property { name: "ReceiveMessageWaitTimeSeconds", change: InPlace },
    Property { name: "VisibilityTimeout", change: InPlace },
    Property { name: "KmsMasterKeyId", change: InPlace },
    Property { name: "KmsDataKeyReusePeriodSeconds", change: InPlace },
    Property { name: "SqsManagedSseEnabled", change: InPlace },
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
    let mut attributes: Map<String, Value> = ATTRIBUTES.iter().map(attribute).collect();
    if is_fifo(properties) {
        attributes.extend(FIFO_ATTRIBUTES.iter().map(attribute));
    } else {
        // Refused by the queue, which has none of them.
        let given = |name: &&str| properties.contains_key(*name);
        let others = FIFO_ATTRIBUTES[1..].iter().map(|(name, _)| *name).filter(given);
        attributes.extend(others.map(|name| (name.to_owned(), text(&properties[name]).into())));
    }
    // On by default, unless the other way of encryption is asked for.
    let managed = match properties.get("SqsManagedSseEnabled").map(text) {
        Some(given) => given,
        None => (attributes["KmsMasterKeyId"] == "").to_string(),
    };
    attributes.insert("SqsManagedSseEnabled".to_owned(), managed.into());
    attributes
}

fn is_fifo(properties: &Map<String, Value>) -> bool {
    properties.get("FifoQueue").is_some_and(|value| text(value) == "true")
}

async fn describe(cx: &ResourceContext, url: &str) -> Result<Resource, Fault> {
    let input = json!({"QueueUrl": url, "AttributeNames": ["QueueArn"]});
    let answer = cx.call("sqs", "GetQueueAttributes", input).await?;
    let name = url.rsplit('/').next().unwrap_or_default();
    let attributes = [
        ("Arn", answer["Attributes"]["QueueArn"].clone()),
        ("QueueName", name.into()),
        ("QueueUrl", url.into()),
    ];
    let attributes = attributes.map(|(name, value)| (name.to_owned(), value)).into_iter().collect();
    Ok(Resource { physical_id: url.to_owned(), attributes })
}

fn wanted_tags(cx: &ResourceContext, properties: &Map<String, Value>) -> Tags {
    let mut tags = cx.tags(properties.get("Tags"));
    tags.extend(cx.marks());
    tags
}

async fn tags(cx: &ResourceContext, url: &str) -> Result<Tags, Fault> {
    let answer = cx.call("sqs", "ListQueueTags", json!({"QueueUrl": url})).await?;
    let tags: Option<Tags> = serde_json::from_value(answer["Tags"].clone())
        .map_err(|error| Fault::internal(format!("tags of a queue: {error}")))?;
    Ok(tags.unwrap_or_default())
}

async fn exists(cx: &ResourceContext, name: &str) -> Result<bool, Fault> {
    match cx.call("sqs", "GetQueueUrl", json!({"QueueName": name})).await {
        Ok(_) => Ok(true),
        Err(fault) if fault.code() == "QueueDoesNotExist" => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// `CreateQueue` also finds a queue that is there; one that is not this resource's stays alone.
async fn create(cx: &ResourceContext, desired: Desired<'_>) -> Result<Resource, Fault> {
    let name = desired.properties.get("QueueName").and_then(Value::as_str);
    let generated = match is_fifo(desired.properties) {
        true => {
            let stem = desired.name_within(config::QUEUE_NAME_CHARS - FIFO_SUFFIX.len());
            format!("{stem}{FIFO_SUFFIX}")
        }
        false => desired.name_within(config::QUEUE_NAME_CHARS),
    };
    let name = name.unwrap_or(&generated);
    let mut attributes = attributes(desired.properties);
    attributes.retain(|_, value| value != "");
    let wanted = wanted_tags(cx, desired.properties);
    let input = json!({"QueueName": name, "Attributes": attributes, "tags": wanted});
    let found = exists(cx, name).await?;
    let answer = cx.call("sqs", "CreateQueue", input).await?;
    let url = answer["QueueUrl"].as_str().unwrap_or_default();
    let made = |fault: Fault| if found { fault } else { fault.leaving(url) };
    let tags = tags(cx, url).await.map_err(made)?;
    if !cx.made(|name| tags.get(name).map(String::as_str)) {
        let text = format!("The queue {name} already exists outside of this stack.");
        return Err(Fault::sender("AlreadyExistsException", text));
    }
    describe(cx, url).await.map_err(|fault| fault.leaving(url))
}

/// Compares the tags with what there is, so that a step that runs again finds its own traces.
async fn retag(cx: &ResourceContext, url: &str, wanted: &Tags) -> Result<(), Fault> {
    let present = tags(cx, url).await?;
    let gone: Vec<&String> = present.keys().filter(|key| !wanted.contains_key(*key)).collect();
    if !gone.is_empty() {
        cx.call("sqs", "UntagQueue", json!({"QueueUrl": url, "TagKeys": gone})).await?;
    }
    if wanted.iter().any(|(key, value)| present.get(key) != Some(value)) {
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

    fn check(&self, properties: &Map<String, Value>) -> Result<(), PropertyError> {
        let name = properties.get("QueueName").and_then(Value::as_str);
        match name.map(|name| (name.ends_with(FIFO_SUFFIX), is_fifo(properties))) {
            Some((false, true)) => Err(PropertyError {
                path: "QueueName".to_owned(),
                message: Error::InvalidFifoQueueName.to_string(),
            }),
            Some((true, false)) => Err(PropertyError {
                path: "QueueName".to_owned(),
                message: Error::InvalidQueueName.to_string(),
            }),
            _ => match properties.get("KmsMasterKeyId").and_then(Value::as_str) {
                None | Some("" | config::KMS_KEY) => Ok(()),
                Some(_) => Err(PropertyError {
                    path: "KmsMasterKeyId".to_owned(),
                    message: format!(
                        "Pileus does not support KMS keys other than {}.",
                        config::KMS_KEY
                    ),
                }),
            },
        }
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(create(cx, desired))
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let attributes = attributes(desired.properties);
            let input = json!({"QueueUrl": physical_id, "Attributes": attributes});
            cx.call("sqs", "SetQueueAttributes", input).await?;
            retag(cx, physical_id, &wanted_tags(cx, desired.properties)).await?;
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
