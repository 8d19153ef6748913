use super::{
    documents::{CARRIED, Carried, Unset, flag},
    names,
};
use crate::{Objects, config};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, PropertyError, Resource, ResourceContext, ResourceProvider,
};
use std::sync::Arc;
use types::Tags;

/// `AWS::S3::Bucket`. `Ref` is the bucket's name.
pub(crate) struct Bucket {
    /// Host and port under which buckets have names of their own.
    authority: String,
}

const PROPERTIES: [Property; 12] = [
    // Its only value says what is so anyhow.
    Property { name: "AccessControl", change: InPlace },
    Property { name: "BucketName", change: Replace },
    Property { name: "Tags", change: InPlace },
    Property { name: "VersioningConfiguration", change: InPlace },
    Property { name: "BucketEncryption", change: InPlace },
    Property { name: "OwnershipControls", change: InPlace },
    Property { name: "PublicAccessBlockConfiguration", change: InPlace },
    Property { name: "CorsConfiguration", change: InPlace },
    Property { name: "ObjectLockEnabled", change: Replace },
    Property { name: "ObjectLockConfiguration", change: InPlace },
    Property { name: "LifecycleConfiguration", change: InPlace },
    Property { name: "NotificationConfiguration", change: InPlace },
];

/// The region whose buckets say no location.
const CLASSIC_REGION: &str = "us-east-1";

/// An authority below which names can stand: an address of this host has none, and is `localhost`.
fn authority(public: &str) -> String {
    let (host, port) = match public.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|b| b.is_ascii_digit()) => (host, Some(port)),
        _ => (public, None),
    };
    let address = host.trim_matches(['[', ']']).parse::<std::net::IpAddr>();
    let host = if address.is_ok_and(|ip| ip.is_loopback()) { "localhost" } else { host };
    port.map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

impl Bucket {
    pub(crate) fn new(objects: &Arc<Objects>) -> Self {
        Self { authority: authority(objects.platform.public_url.authority()) }
    }

    fn describe(&self, cx: &ResourceContext, name: &str) -> Resource {
        let (host, region) = (&self.authority, &cx.region);
        let attributes = [
            ("Arn", format!("arn:aws:s3:::{name}")),
            ("DomainName", format!("{name}.s3.{host}")),
            ("DualStackDomainName", format!("{name}.s3.dualstack.{region}.{host}")),
            ("RegionalDomainName", format!("{name}.s3.{region}.{host}")),
        ];
        let attributes = attributes.map(|(name, value)| (name.to_owned(), value.into()));
        Resource { physical_id: name.to_owned(), attributes: attributes.into_iter().collect() }
    }

    /// Creates the bucket, or finds the one that an earlier run created; one that is not this
    /// resource's stays alone.
    async fn create(&self, cx: &ResourceContext, desired: Desired<'_>) -> Result<Resource, Fault> {
        let name = desired.properties.get("BucketName").and_then(Value::as_str);
        let generated = desired.name_within(*config::BUCKET_NAME_CHARS.end()).to_ascii_lowercase();
        let name = name.unwrap_or(&generated);
        let wanted = wanted_tags(cx, desired.properties);
        let mut configuration = json!({"Tags": tag_set(&wanted)});
        if cx.region.as_str() != CLASSIC_REGION {
            configuration["LocationConstraint"] = cx.region.as_str().into();
        }
        let mut input = json!({"Bucket": name, "CreateBucketConfiguration": configuration});
        if desired.properties.get("ObjectLockEnabled").map(flag) == Some(Value::Bool(true)) {
            input["ObjectLockEnabledForBucket"] = true.into();
        }
        let found = exists(cx, name).await?;
        match cx.call("s3", "CreateBucket", input).await {
            Err(fault) if fault.code() != "BucketAlreadyOwnedByYou" => return Err(fault),
            _ => {}
        }
        let made = |fault: Fault| if found { fault } else { fault.leaving(name) };
        let present = tags(cx, name).await.map_err(made)?;
        if !cx.made(|key| present.get(key).map(String::as_str)) {
            return Err(Fault::sender("AlreadyExistsException", format!("{name} already exists")));
        }
        if let Err(fault) = configure(cx, name, &Map::new(), desired.properties).await {
            return Err(match delete(cx, name).await {
                Ok(()) => fault,
                Err(_) => fault.leaving(name),
            });
        }
        Ok(self.describe(cx, name))
    }
}

fn wanted_tags(cx: &ResourceContext, properties: &Map<String, Value>) -> Tags {
    let mut tags = cx.tags(properties.get("Tags"));
    tags.extend(cx.marks());
    tags
}

fn tag_set(tags: &Tags) -> Value {
    tags.iter().map(|(key, value)| json!({"Key": key, "Value": value})).collect()
}

async fn tags(cx: &ResourceContext, name: &str) -> Result<Tags, Fault> {
    let answer = match cx.call("s3", "GetBucketTagging", json!({"Bucket": name})).await {
        Err(fault) if fault.code() == "NoSuchTagSet" => return Ok(Tags::new()),
        answer => answer?,
    };
    let pair = |tag: &Value| Some((tag["Key"].as_str()?.into(), tag["Value"].as_str()?.into()));
    Ok(answer["TagSet"].as_array().into_iter().flatten().filter_map(pair).collect())
}

/// Sets what either side names, so that what left the template goes back to its default.
async fn configure(
    cx: &ResourceContext,
    name: &str,
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Result<(), Fault> {
    for Carried { property, put, member, document, unset } in CARRIED {
        let (operation, value) = match (after.get(*property), unset) {
            (Some(value), _) => (*put, Some(document(value))),
            (None, _) if !before.contains_key(*property) => continue,
            (None, Unset::Put(default)) => (*put, Some(default())),
            (None, Unset::Delete(operation)) => (*operation, None),
        };
        let mut input = json!({"Bucket": name});
        if let Some(value) = value {
            input[*member] = value;
        }
        cx.call("s3", operation, input).await?;
    }
    Ok(())
}

async fn exists(cx: &ResourceContext, name: &str) -> Result<bool, Fault> {
    match cx.call("s3", "HeadBucket", json!({"Bucket": name})).await {
        Ok(_) => Ok(true),
        Err(fault) if fault.http_status() == 404 => Ok(false),
        Err(fault) => Err(fault),
    }
}

async fn delete(cx: &ResourceContext, name: &str) -> Result<(), Fault> {
    match cx.call("s3", "DeleteBucket", json!({"Bucket": name})).await {
        Err(fault) if fault.code() != "NoSuchBucket" => Err(fault),
        _ => Ok(()),
    }
}

impl ResourceProvider for Bucket {
    fn resource_type(&self) -> &'static str {
        "AWS::S3::Bucket"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn", "DomainName", "DualStackDomainName", "RegionalDomainName"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), PropertyError> {
        names::check(properties)
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(self.create(cx, desired))
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            configure(cx, physical_id, before, desired.properties).await?;
            let tags = tag_set(&wanted_tags(cx, desired.properties));
            let input = json!({"Bucket": physical_id, "Tagging": {"TagSet": tags}});
            cx.call("s3", "PutBucketTagging", input).await?;
            Ok(self.describe(cx, physical_id))
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(delete(cx, physical_id))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_below_a_host_and_not_below_an_address() {
        assert_eq!(authority("127.0.0.1:4566"), "localhost:4566");
        assert_eq!(authority("[::1]:80"), "localhost:80");
        assert_eq!(authority("pileus.example.org"), "pileus.example.org");
    }
}
