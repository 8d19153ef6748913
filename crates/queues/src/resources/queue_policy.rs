use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::InPlace, Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::SQS::QueuePolicy`: one policy on one or more queues.
pub(crate) struct QueuePolicy;

const PROPERTIES: [Property; 2] = [
    Property { name: "PolicyDocument", change: InPlace },
    Property { name: "Queues", change: InPlace },
];

fn queues(properties: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    properties.get("Queues").and_then(Value::as_array).into_iter().flatten()
}

async fn set(cx: &ResourceContext, url: &Value, policy: &str) -> Result<(), Fault> {
    let input = json!({"QueueUrl": url, "Attributes": {"Policy": policy}});
    cx.call("sqs", "SetQueueAttributes", input).await.map(drop)
}

/// Takes the policy from a queue; one that is gone has none.
async fn unset(cx: &ResourceContext, url: &Value) -> Result<(), Fault> {
    match set(cx, url, "").await {
        Err(fault) if fault.code() != "QueueDoesNotExist" => Err(fault),
        _ => Ok(()),
    }
}

fn document(properties: &Map<String, Value>) -> String {
    match properties.get("PolicyDocument") {
        Some(Value::String(text)) => text.clone(),
        Some(document) => document.to_string(),
        None => String::new(),
    }
}

impl ResourceProvider for QueuePolicy {
    fn resource_type(&self) -> &'static str {
        "AWS::SQS::QueuePolicy"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Id"]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let policy = document(desired.properties);
            let id = desired.generated_name.to_owned();
            for url in queues(desired.properties) {
                // The queues before this one have it.
                set(cx, url, &policy).await.map_err(|fault| fault.leaving(&id))?;
            }
            let attributes = Map::from_iter([("Id".to_owned(), Value::String(id.clone()))]);
            Ok(Resource { physical_id: id, attributes })
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
            let stays = |url: &Value| queues(desired.properties).any(|other| other == url);
            for url in queues(before).filter(|url| !stays(url)) {
                unset(cx, url).await?;
            }
            self.create(cx, Desired { generated_name: physical_id, ..desired }).await
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        _physical_id: &'a str,
        properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            for url in queues(properties) {
                unset(cx, url).await?;
            }
            Ok(())
        })
    }
}
