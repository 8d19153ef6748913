//! The CloudFormation resource types.

use crate::{
    common::{all_between, ask, between, create, get, objects, ok, put},
    fake_queue::{arn, objects_and_queue, received},
    put_bucket_policy::policy,
};
use serde_json::{Map, Value, json};
use service::{Caller, Desired, Fault, Resource, ResourceContext, ResourceProvider};
use std::sync::Arc;
use testkit::{Bed, on_every_engine, on_memory};

fn provider(bed: &Bed, kind: &str) -> Arc<dyn ResourceProvider> {
    let providers = objects(&bed.platform).remove(0).resources;
    let mut found = providers.into_iter().filter(|provider| provider.resource_type() == kind);
    found.next().expect("a provider")
}

fn context(bed: &Bed, stack: &str) -> ResourceContext {
    let account = bed.platform.account.clone();
    ResourceContext {
        caller: Caller::root(account.clone()),
        calls: bed.platform.calls().expect("a connected platform").clone(),
        account,
        region: bed.platform.region.clone(),
        stack_id: format!("arn:aws:cloudformation:eu-central-1:000000000000:stack/{stack}/1"),
        stack_name: stack.to_owned(),
        logical_id: "Photos".to_owned(),
        stack_tags: [("team".to_owned(), "blue".to_owned())].into(),
        step: service::Step::default(),
    }
}

fn map(value: &Value) -> &Map<String, Value> {
    value.as_object().expect("an object")
}

const NAME: &str = "Stack-Photos-1A2B3C4D5E6F";

async fn make(bed: &Bed, stack: &str, kind: &str, properties: &Value) -> Result<Resource, Fault> {
    let desired = Desired { properties: map(properties), generated_name: NAME };
    provider(bed, kind).create(&context(bed, stack), desired).await
}

const BUCKET: &str = "AWS::S3::Bucket";
const POLICY: &str = "AWS::S3::BucketPolicy";

#[tokio::test]
async fn a_bucket_is_created_changed_and_deleted_however_often_a_step_runs() {
    on_every_engine(objects_and_queue, async |bed| {
        let before = json!({
            "VersioningConfiguration": {"Status": "Enabled"},
            "PublicAccessBlockConfiguration": {"BlockPublicPolicy": "false"},
            "BucketEncryption": {"ServerSideEncryptionConfiguration": [{"BucketKeyEnabled": true,
                "ServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
            "OwnershipControls": {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]},
            "NotificationConfiguration": {"QueueConfigurations": [{"Event": "s3:ObjectCreated:*",
                "Queue": arn("jobs"),
                "Filter": {"S3Key": {"Rules": [{"Name": "suffix", "Value": ".jpg"}]}}}]},
            "LifecycleConfiguration": {"Rules": [{"Status": "Enabled", "ExpirationInDays": 7}]},
            "CorsConfiguration": {"CorsRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*"],
                "ExposedHeaders": ["ETag"], "MaxAge": "60"}]},
            "Tags": [{"Key": "a", "Value": "1"}],
        });
        let after = json!({"Tags": [{"Key": "b", "Value": "2"}]});
        let name = "stack-photos-1a2b3c4d5e6f";
        for _ in 0..2 {
            let made = make(&bed, "one", BUCKET, &before).await.expect("a bucket");
            assert_eq!(made.physical_id, name);
            assert_eq!(made.attributes["Arn"], format!("arn:aws:s3:::{name}"));
            let domain = format!("{name}.s3.localhost:4566");
            assert_eq!(made.attributes["DomainName"], domain);
        }
        put(&bed, &format!("/{name}/a.jpg"), "x").await;
        let told = received(&bed, "jobs").await;
        assert!(told.iter().any(|event| event["Records"][0]["s3"]["object"]["key"] == "a.jpg"));
        let at = |what: &str| format!("/{name}?{what}");
        let status = between(&get(&bed, &at("versioning")).await.text(), "Status");
        assert_eq!(status, "Enabled");
        let block = get(&bed, &at("publicAccessBlock")).await.text();
        assert_eq!(between(&block, "BlockPublicPolicy"), "false");
        assert_eq!(between(&get(&bed, &at("lifecycle")).await.text(), "Days"), "7");
        let cors = get(&bed, &at("cors")).await.text();
        assert_eq!(
            (between(&cors, "ExposeHeader"), between(&cors, "MaxAgeSeconds")),
            ("ETag".to_owned(), "60".to_owned())
        );
        let (provider, cx) = (provider(&bed, BUCKET), context(&bed, "one"));
        for _ in 0..2 {
            let desired = Desired { properties: map(&after), generated_name: NAME };
            provider.update(&cx, name, map(&before), desired).await.expect("an update");
        }
        let status = between(&get(&bed, &at("versioning")).await.text(), "Status");
        assert_eq!(status, "Suspended");
        let block = get(&bed, &at("publicAccessBlock")).await.text();
        assert_eq!(between(&block, "BlockPublicPolicy"), "true");
        let lifecycle = ask(&bed.root(), "GET", &at("lifecycle"), &[], "").await;
        assert_eq!(lifecycle.status, 404);
        assert_eq!(ask(&bed.root(), "GET", &at("cors"), &[], "").await.status, 404);
        assert!(!get(&bed, &at("notification")).await.text().contains("Queue"));
        let keys = all_between(&get(&bed, &at("tagging")).await.text(), "Key");
        let own: Vec<&String> = keys.iter().filter(|key| !key.starts_with("aws:")).collect();
        assert_eq!(own, ["b", "team"]);
    })
    .await;
}

#[tokio::test]
async fn a_bucket_that_holds_objects_is_not_deleted() {
    on_every_engine(objects, async |bed| {
        let named = json!({"BucketName": "photos"});
        make(&bed, "one", BUCKET, &named).await.expect("a bucket");
        put(&bed, "/photos/a", "x").await;
        let (provider, cx) = (provider(&bed, BUCKET), context(&bed, "one"));
        let fault = provider.delete(&cx, "photos", map(&named)).await.expect_err("it is full");
        assert_eq!(fault.code(), "BucketNotEmpty");
        assert_eq!(fault.message(), "The bucket you tried to delete is not empty");
        ok(&bed, "DELETE", "/photos/a", &[], "").await;
        for _ in 0..2 {
            provider.delete(&cx, "photos", map(&named)).await.expect("a deletion");
        }
        assert_eq!(ask(&bed.root(), "HEAD", "/photos", &[], "").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_bucket_of_somebody_else_is_not_taken_over() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let named = json!({"BucketName": "photos"});
        let fault = make(&bed, "one", BUCKET, &named).await.expect_err("it is not the stack's");
        assert_eq!(fault.code(), "AlreadyExistsException");
        ok(&bed, "HEAD", "/photos", &[], "").await;
    })
    .await;
}

#[tokio::test]
async fn a_creation_that_fails_leaves_no_bucket() {
    on_memory(objects_and_queue, async |bed| {
        let missing = json!({"BucketName": "photos", "NotificationConfiguration": {
            "QueueConfigurations": [{"Event": "s3:ObjectCreated:*", "Queue": arn("missing")}]}});
        let fault = make(&bed, "one", BUCKET, &missing).await.expect_err("nobody hears");
        assert_eq!(fault.code(), "InvalidArgument");
        assert_eq!(ask(&bed.root(), "HEAD", "/photos", &[], "").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_bucket_policy_comes_and_goes_with_its_resource() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let root = json!({"AWS": "000000000000"});
        let with = |action: &str| -> Value {
            let document: Value =
                serde_json::from_str(&policy("Allow", &root, action)).expect("a policy");
            json!({"Bucket": "photos", "PolicyDocument": document})
        };
        let (before, after) = (with("s3:GetObject"), with("s3:PutObject"));
        for _ in 0..2 {
            let made = make(&bed, "one", POLICY, &before).await.expect("a policy");
            assert_eq!(made.physical_id, "photos");
        }
        let fault = make(&bed, "two", POLICY, &after).await.expect_err("there is one");
        assert_eq!(fault.code(), "AlreadyExistsException");
        let (provider, cx) = (provider(&bed, POLICY), context(&bed, "one"));
        let desired = Desired { properties: map(&after), generated_name: NAME };
        provider.update(&cx, "photos", map(&before), desired).await.expect("an update");
        assert!(get(&bed, "/photos?policy").await.text().contains("s3:PutObject"));
        for _ in 0..2 {
            provider.delete(&cx, "photos", map(&after)).await.expect("a deletion");
        }
        assert_eq!(ask(&bed.root(), "GET", "/photos?policy", &[], "").await.status, 404);
    })
    .await;
}

#[tokio::test]
async fn a_bucket_with_locks_is_made_with_them() {
    on_memory(objects, async |bed| {
        let properties = json!({
            "BucketName": "locked",
            "ObjectLockEnabled": true,
            "ObjectLockConfiguration": {"ObjectLockEnabled": "Enabled",
                "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": "3"}}},
        });
        make(&bed, "one", BUCKET, &properties).await.expect("a bucket");
        let lock = get(&bed, "/locked?object-lock").await.text();
        let told = (between(&lock, "Mode"), between(&lock, "Days"));
        assert_eq!(told, ("COMPLIANCE".to_owned(), "3".to_owned()));
        let (provider, cx) = (provider(&bed, BUCKET), context(&bed, "one"));
        let after = json!({"BucketName": "locked", "ObjectLockEnabled": true});
        let desired = Desired { properties: map(&after), generated_name: NAME };
        provider.update(&cx, "locked", map(&properties), desired).await.expect("an update");
        let lock = get(&bed, "/locked?object-lock").await.text();
        assert_eq!(
            (between(&lock, "ObjectLockEnabled"), lock.contains("Rule")),
            ("Enabled".into(), false)
        );
    })
    .await;
}
