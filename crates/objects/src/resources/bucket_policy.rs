use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::S3::BucketPolicy`: the policy of one bucket, whose name is its `Ref`.
pub(crate) struct BucketPolicy;

const PROPERTIES: [Property; 2] = [
    Property { name: "Bucket", change: Replace },
    Property { name: "PolicyDocument", change: InPlace },
];

fn document(properties: &Map<String, Value>) -> String {
    match properties.get("PolicyDocument") {
        Some(Value::String(text)) => text.clone(),
        Some(document) => document.to_string(),
        None => String::new(),
    }
}

async fn put(cx: &ResourceContext, bucket: &str, policy: &str) -> Result<Resource, Fault> {
    cx.call("s3", "PutBucketPolicy", json!({"Bucket": bucket, "Policy": policy})).await?;
    Ok(Resource { physical_id: bucket.to_owned(), attributes: Map::new() })
}

impl ResourceProvider for BucketPolicy {
    fn resource_type(&self) -> &'static str {
        "AWS::S3::BucketPolicy"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let bucket = desired.properties.get("Bucket").and_then(Value::as_str);
            let (bucket, policy) = (bucket.unwrap_or_default(), document(desired.properties));
            // A policy that is there already is an earlier run's only if it is the same.
            match cx.call("s3", "GetBucketPolicy", json!({"Bucket": bucket})).await {
                Ok(found) if found["Policy"] != policy.as_str() => {
                    let text = format!("The bucket policy already exists on bucket {bucket}.");
                    Err(Fault::sender("AlreadyExistsException", text))
                }
                Err(fault) if fault.code() != "NoSuchBucketPolicy" => Err(fault),
                _ => put(cx, bucket, &policy).await,
            }
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move { put(cx, physical_id, &document(desired.properties)).await })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            match cx.call("s3", "DeleteBucketPolicy", json!({"Bucket": physical_id})).await {
                Err(fault) if fault.code() != "NoSuchBucket" => Err(fault),
                _ => Ok(()),
            }
        })
    }
}
