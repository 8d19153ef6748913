use futures_util::future::BoxFuture;
use serde_json::{Map, Value, json};
use service::{
    Change::{InPlace, Replace},
    Desired, Fault, Property, PropertyError, Resource, ResourceContext, ResourceProvider,
};

/// `AWS::S3::Bucket`. `Ref` is the bucket's name.
pub(crate) struct BucketResource;

/// Characters of a bucket's name.
const NAME_CHARS: usize = 63;
/// The region in which a bucket is created without a location constraint.
const CLASSIC_REGION: &str = "us-east-1";

const PROPERTIES: [Property; 5] = [
    Property { name: "BucketName", change: Replace },
    Property { name: "NotificationConfiguration", change: InPlace },
    Property { name: "OwnershipControls", change: InPlace },
    Property { name: "PublicAccessBlockConfiguration", change: InPlace },
    Property { name: "VersioningConfiguration", change: InPlace },
];

/// What a template calls a list of targets and its target, and what the operation calls them.
const TARGETS: [(&str, &str, &str, &str); 2] = [
    ("LambdaConfigurations", "Function", "LambdaFunctionConfigurations", "LambdaFunctionArn"),
    ("QueueConfigurations", "Queue", "QueueConfigurations", "QueueArn"),
];

fn items<'v>(value: &'v Value, name: &str) -> impl Iterator<Item = &'v Value> {
    value[name].as_array().into_iter().flatten()
}

/// The notifications as the operation takes them.
fn notifications(properties: &Map<String, Value>) -> Value {
    let nothing = Value::Null;
    let wanted = properties.get("NotificationConfiguration").unwrap_or(&nothing);
    let mut document = Map::new();
    for (list, target, api_list, api_target) in TARGETS {
        let rules: Vec<Value> = items(wanted, list)
            .map(|rule| {
                let mut out = json!({"Events": [rule["Event"]]});
                out[api_target] = rule[target].clone();
                let rules: Vec<&Value> = items(&rule["Filter"]["S3Key"], "Rules").collect();
                if !rules.is_empty() {
                    out["Filter"] = json!({"Key": {"FilterRules": rules}});
                }
                out
            })
            .collect();
        if !rules.is_empty() {
            document.insert(api_list.to_owned(), rules.into());
        }
    }
    document.into()
}

fn versioning(properties: &Map<String, Value>) -> Option<&Value> {
    properties.get("VersioningConfiguration")?.get("Status")
}

/// Sets what either list of properties names.
async fn set(
    cx: &ResourceContext,
    name: &str,
    before: &Map<String, Value>,
    wanted: &Map<String, Value>,
) -> Result<(), Fault> {
    if versioning(before).or(versioning(wanted)).is_some() {
        // Versions that were once kept cannot become none: they are suspended.
        let suspended = json!("Suspended");
        let status = versioning(wanted).unwrap_or(&suspended);
        let input = json!({"Bucket": name, "VersioningConfiguration": {"Status": status}});
        cx.call("s3", "PutBucketVersioning", input).await?;
    }
    let named =
        |properties: &Map<String, Value>| properties.contains_key("NotificationConfiguration");
    if named(before) || named(wanted) {
        let document = notifications(wanted);
        let input = json!({"Bucket": name, "NotificationConfiguration": document});
        cx.call("s3", "PutBucketNotificationConfiguration", input).await?;
    }
    Ok(())
}

fn resource(name: &str) -> Resource {
    let arn = format!("arn:aws:s3:::{name}");
    Resource {
        physical_id: name.to_owned(),
        attributes: Map::from_iter([("Arn".to_owned(), arn.into())]),
    }
}

async fn exists(cx: &ResourceContext, name: &str) -> Result<bool, Fault> {
    match cx.call("s3", "HeadBucket", json!({"Bucket": name})).await {
        Ok(_) => Ok(true),
        Err(fault) if fault.http_status() == 404 => Ok(false),
        Err(fault) => Err(fault),
    }
}

/// Creates the bucket. One of a generated name that exists was created by an earlier run; one of a
/// given name is somebody else's, because nothing on it tells who made it.
async fn create(cx: &ResourceContext, desired: Desired<'_>) -> Result<Resource, Fault> {
    let given = desired.properties.get("BucketName").and_then(Value::as_str);
    let generated = desired.name_within(NAME_CHARS).to_lowercase();
    let name = given.unwrap_or(&generated);
    let found = exists(cx, name).await?;
    if found && given.is_some() {
        return Err(Fault::sender("AlreadyExists", format!("{name} already exists")));
    }
    if !found {
        let mut input = json!({"Bucket": name});
        if cx.region.as_str() != CLASSIC_REGION {
            let region = cx.region.as_str();
            input["CreateBucketConfiguration"] = json!({"LocationConstraint": region});
        }
        let created = cx.call("s3", "CreateBucket", input).await;
        // A bucket that came with a lost answer is this one.
        if let Err(fault) = created
            && !(fault.http_status() >= 500 && exists(cx, name).await?)
        {
            return Err(fault);
        }
    }
    let set = set(cx, name, &Map::new(), desired.properties).await;
    set.map_err(|fault| fault.leaving(name))?;
    Ok(resource(name))
}

fn refused(path: String, message: &str) -> Result<(), PropertyError> {
    Err(PropertyError { path, message: message.to_owned() })
}

/// Public access is blocked for every bucket, and only its owner owns what is in it.
fn check_access(properties: &Map<String, Value>) -> Result<(), PropertyError> {
    let block = properties.get("PublicAccessBlockConfiguration").and_then(Value::as_object);
    for (name, value) in block.into_iter().flatten() {
        if value != true && value != "true" {
            let path = format!("PublicAccessBlockConfiguration.{name}");
            return refused(path, "Pileus does not support public access: it must be true.");
        }
    }
    let ownership = properties.get("OwnershipControls").unwrap_or(&Value::Null);
    if items(ownership, "Rules").any(|rule| rule["ObjectOwnership"] != "BucketOwnerEnforced") {
        let path = "OwnershipControls.Rules".to_owned();
        return refused(path, "Pileus does not support any but BucketOwnerEnforced.");
    }
    Ok(())
}

impl ResourceProvider for BucketResource {
    fn resource_type(&self) -> &'static str {
        "AWS::S3::Bucket"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Arn"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), PropertyError> {
        check_access(properties)?;
        let wanted = properties.get("NotificationConfiguration").and_then(Value::as_object);
        for (list, rules) in wanted.into_iter().flatten() {
            let Some((_, target, ..)) = TARGETS.into_iter().find(|(name, ..)| name == list) else {
                let path = format!("NotificationConfiguration.{list}");
                return refused(path, "Pileus does not support these targets of events.");
            };
            let rules = rules.as_array().into_iter().flatten().enumerate();
            for (index, rule) in rules {
                let members = rule.as_object().into_iter().flatten();
                for (name, _) in members {
                    if ![target, "Event", "Filter"].contains(&name.as_str()) {
                        let path = format!("NotificationConfiguration.{list}[{index}].{name}");
                        return refused(path, "There is no such member.");
                    }
                }
            }
        }
        Ok(())
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
        before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            set(cx, physical_id, before, desired.properties).await?;
            Ok(resource(physical_id))
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        _properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            match cx.call("s3", "DeleteBucket", json!({"Bucket": physical_id})).await {
                Err(fault) if fault.code() != "NoSuchBucket" => Err(fault),
                _ => Ok(()),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(properties: Value) -> Option<String> {
        let properties = properties.as_object().expect("properties").clone();
        BucketResource.check(&properties).err().map(|error| error.path)
    }

    #[test]
    fn what_buckets_do_not_do_is_refused_by_its_path() {
        let open = json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": false}});
        assert_eq!(check(open).as_deref(), Some("PublicAccessBlockConfiguration.BlockPublicAcls"));
        let closed = json!({"PublicAccessBlockConfiguration": {"BlockPublicAcls": "true"}});
        assert_eq!(check(closed), None);
        let topic = json!({"NotificationConfiguration": {"TopicConfigurations": []}});
        let path = "NotificationConfiguration.TopicConfigurations";
        assert_eq!(check(topic).as_deref(), Some(path));
        let odd = json!({"NotificationConfiguration": {"QueueConfigurations": [{"Arn": 1}]}});
        let path = "NotificationConfiguration.QueueConfigurations[0].Arn";
        assert_eq!(check(odd).as_deref(), Some(path));
    }

    #[test]
    fn notifications_are_said_in_the_words_of_the_operation() {
        let properties = json!({"NotificationConfiguration": {"LambdaConfigurations": [{
            "Event": "s3:ObjectCreated:*", "Function": "arn:f",
            "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": "in/"}]}}}]}});
        let properties = properties.as_object().expect("properties").clone();
        assert_eq!(
            notifications(&properties),
            json!({"LambdaFunctionConfigurations": [{
                "Events": ["s3:ObjectCreated:*"], "LambdaFunctionArn": "arn:f",
                "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "in/"}]}}}]})
        );
        assert_eq!(notifications(&Map::new()), json!({}));
    }
}
