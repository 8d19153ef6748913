//! The CloudFormation resource types.

use crate::common::{ADMIN, BASIC, World, allow, column, deny, document, lambda, run};
use serde_json::{Map, Value, json};
use service::{Caller, Desired, Fault, Resource, ResourceContext, ResourceProvider};
use std::sync::Arc;
use testkit::{ACCOUNT, REGION};

fn context(w: &World, logical_id: &str) -> ResourceContext {
    ResourceContext {
        caller: Caller::root(ACCOUNT.parse().unwrap()),
        calls: w.bed.dispatcher.clone(),
        account: ACCOUNT.parse().unwrap(),
        region: REGION.parse().unwrap(),
        stack_id: "arn:aws:cloudformation:eu-central-1:000000000000:stack/s/1".to_owned(),
        stack_name: "s".to_owned(),
        logical_id: logical_id.to_owned(),
        stack_tags: types::Tags::new(),
        step: service::Step::default(),
    }
}

fn provider(w: &World, name: &str) -> Arc<dyn ResourceProvider> {
    let definitions = iam::definitions(&w.iam);
    let mut all = definitions.iter().flat_map(|definition| definition.resources.clone());
    all.find(|provider| provider.resource_type() == name).unwrap()
}

fn members(value: &Value) -> &Map<String, Value> {
    value.as_object().unwrap()
}

async fn create(w: &World, name: &str, properties: &Value) -> Result<Resource, Fault> {
    let desired = Desired { properties: members(properties), generated_name: "s-It-1A2B3C4D5E6F" };
    provider(w, name).create(&context(w, "It"), desired).await
}

async fn update(w: &World, name: &str, id: &str, before: &Value, after: &Value) -> Resource {
    let desired = Desired { properties: members(after), generated_name: "s-It-1A2B3C4D5E6F" };
    let cx = context(w, "It");
    provider(w, name).update(&cx, id, members(before), desired).await.unwrap()
}

async fn delete(w: &World, name: &str, id: &str, properties: &Value) {
    let cx = context(w, "It");
    provider(w, name).delete(&cx, id, members(properties)).await.unwrap();
}

fn trust() -> Value {
    serde_json::from_str(&crate::common::trust(lambda())).unwrap()
}

fn policy(action: &str) -> Value {
    serde_json::from_str(&document(json!([allow(action)]))).unwrap()
}

/// Everything in the store, to compare.
async fn dump(w: &World) -> Vec<kv::Entry> {
    let mut tx = w.bed.platform.store.begin();
    let all = kv::Range::prefix(b"");
    let entries = tx.scan(&all, kv::Scan::first(1_000).snapshot()).await.unwrap();
    // Counts go back to zero and stay.
    let is_count = |entry: &kv::Entry| entry.value.iter().all(|byte| *byte == 0);
    entries.into_iter().filter(|entry| entry.value.is_empty() || !is_count(entry)).collect()
}

#[tokio::test]
async fn a_role_is_created_again_after_a_crash_changed_and_deleted_without_a_trace() {
    run(async |w| {
        let empty = dump(&w).await;
        let first = json!({
            "AssumeRolePolicyDocument": trust(),
            "ManagedPolicyArns": [BASIC],
            "Policies": [{"PolicyName": "a", "PolicyDocument": policy("s3:*")}],
            "PermissionsBoundary": ADMIN,
            "Tags": [{"Key": "team", "Value": "x"}],
        });
        let made = create(&w, "AWS::IAM::Role", &first).await.unwrap();
        assert_eq!(create(&w, "AWS::IAM::Role", &first).await.unwrap(), made);
        let name = made.physical_id.as_str();
        assert_eq!(name, "s-It-1A2B3C4D5E6F");
        assert_eq!(made.attributes["Arn"], format!("arn:aws:iam::{ACCOUNT}:role/{name}"));

        let second = json!({
            "AssumeRolePolicyDocument": trust(),
            "ManagedPolicyArns": [ADMIN],
            "MaxSessionDuration": 7200,
            "Policies": [{"PolicyName": "b", "PolicyDocument": policy("sqs:*")}],
            "Tags": [{"Key": "owner", "Value": "y"}],
        });
        update(&w, "AWS::IAM::Role", name, &first, &second).await;
        let of = json!({"RoleName": name});
        let attached = w.ok("ListAttachedRolePolicies", of.clone()).await;
        assert_eq!(column(&attached["AttachedPolicies"], "PolicyArn"), [ADMIN]);
        let inline = w.ok("ListRolePolicies", of.clone()).await;
        assert_eq!(inline["PolicyNames"], json!(["b"]));
        let role = &w.ok("GetRole", of.clone()).await["Role"];
        assert_eq!(role["MaxSessionDuration"], "7200");
        assert_eq!(role["PermissionsBoundary"], Value::Null);
        let keys = column(&role["Tags"], "Key");
        assert!(keys.contains(&"owner".to_owned()) && !keys.contains(&"team".to_owned()));

        delete(&w, "AWS::IAM::Role", name, &second).await;
        delete(&w, "AWS::IAM::Role", name, &second).await;
        assert_eq!(dump(&w).await, empty);
    })
    .await;
}

#[tokio::test]
async fn a_role_of_somebody_else_is_not_taken_over() {
    run(async |w| {
        w.role("mine", lambda()).await;
        let properties = json!({"RoleName": "mine", "AssumeRolePolicyDocument": trust()});
        let fault = create(&w, "AWS::IAM::Role", &properties).await.unwrap_err();
        assert_eq!(fault.code(), "EntityAlreadyExists");
    })
    .await;
}

#[tokio::test]
async fn an_inline_policy_follows_its_users_and_roles() {
    run(async |w| {
        w.role("r", lambda()).await;
        w.user("u").await;
        let empty = dump(&w).await;
        let first = json!({"PolicyName": "p", "PolicyDocument": policy("s3:*"), "Roles": ["r"]});
        let made = create(&w, "AWS::IAM::Policy", &first).await.unwrap();
        let second = json!({"PolicyName": "q", "PolicyDocument": policy("s3:*"),
            "Roles": ["r"], "Users": ["u"]});
        update(&w, "AWS::IAM::Policy", &made.physical_id, &first, &second).await;
        let of_role = w.ok("ListRolePolicies", json!({"RoleName": "r"})).await;
        assert_eq!(of_role["PolicyNames"], json!(["q"]));
        let of_user = w.ok("ListUserPolicies", json!({"UserName": "u"})).await;
        assert_eq!(of_user["PolicyNames"], json!(["q"]));
        delete(&w, "AWS::IAM::Policy", &made.physical_id, &second).await;
        assert_eq!(dump(&w).await, empty);
    })
    .await;
}

#[tokio::test]
async fn a_managed_policy_is_changed_more_often_than_it_has_versions() {
    run(async |w| {
        w.role("r", lambda()).await;
        let mut before = json!({"PolicyDocument": policy("s3:*"), "Roles": ["r"]});
        let made = create(&w, "AWS::IAM::ManagedPolicy", &before).await.unwrap();
        assert_eq!(create(&w, "AWS::IAM::ManagedPolicy", &before).await.unwrap(), made);
        let arn = made.physical_id.as_str();
        for number in 0..7 {
            let after = json!({"PolicyDocument": policy(&format!("s3:Get{number}*"))});
            let changed = update(&w, "AWS::IAM::ManagedPolicy", arn, &before, &after).await;
            let version = format!("v{}", number + 2);
            assert_eq!(changed.attributes["DefaultVersionId"], version);
            before = after;
        }
        let attached = w.ok("ListAttachedRolePolicies", json!({"RoleName": "r"})).await;
        assert_eq!(attached["AttachedPolicies"], Value::Null);
        delete(&w, "AWS::IAM::ManagedPolicy", arn, &before).await;
        delete(&w, "AWS::IAM::ManagedPolicy", arn, &before).await;
        assert_eq!(w.fault("GetPolicy", json!({"PolicyArn": arn})).await.1, "NoSuchEntity");
    })
    .await;
}

#[tokio::test]
async fn a_user_is_created_changed_and_deleted() {
    run(async |w| {
        let empty = dump(&w).await;
        let first = json!({"UserName": "u", "ManagedPolicyArns": [BASIC]});
        let made = create(&w, "AWS::IAM::User", &first).await.unwrap();
        assert_eq!(create(&w, "AWS::IAM::User", &first).await.unwrap(), made);
        let denied: Value = serde_json::from_str(&document(json!([deny("s3:*")]))).unwrap();
        let second = json!({"UserName": "u",
            "Policies": [{"PolicyName": "p", "PolicyDocument": denied}]});
        update(&w, "AWS::IAM::User", "u", &first, &second).await;
        let of = json!({"UserName": "u"});
        let attached = w.ok("ListAttachedUserPolicies", of.clone()).await;
        assert_eq!(attached["AttachedPolicies"], Value::Null);
        assert_eq!(w.ok("ListUserPolicies", of).await["PolicyNames"], json!(["p"]));
        delete(&w, "AWS::IAM::User", "u", &second).await;
        assert_eq!(dump(&w).await, empty);
    })
    .await;
}
