use crate::common::{ADMIN, account, allow, document, run, user_arn};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::ACCOUNT;

#[tokio::test]
async fn who_is_trusted_and_allowed_acts_as_the_role() {
    run(async |w| {
        let ada = w.user("ada").await;
        let role = w.role("r", user_arn("ada")).await;
        let input = json!({"RoleArn": role, "RoleSessionName": "work"});
        let answer = ada.ok("AssumeRole", input).await;
        let user = &answer["AssumedRoleUser"];
        assert_eq!(user["Arn"], format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/work"));
        assert!(user["AssumedRoleId"].as_str().unwrap().ends_with(":work"));
        assert_eq!(answer["Credentials"]["Expiration"], "2027-01-15T09:00:00.000Z");
        let session = w.actor(&answer["Credentials"]);
        assert_eq!(session.ok("GetCallerIdentity", json!({})).await["Arn"], user["Arn"]);
        let (_, code, message) = session.fault("ListUsers", json!({})).await;
        assert_eq!(code, "AccessDenied");
        assert_eq!(message, format!("User: {} is not authorized to perform: iam:ListUsers on resource: \
            arn:aws:iam::{ACCOUNT}:user/ because no identity-based policy allows the iam:ListUsers action",
            user["Arn"].as_str().unwrap()));
        let input = json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": document(json!([allow("iam:ListUsers")]))});
        w.ok("PutRolePolicy", input).await;
        session.ok("ListUsers", json!({})).await;
    })
    .await;
}

#[tokio::test]
async fn root_may_not_assume_roles() {
    run(async |w| {
        let role = w.role("r", account()).await;
        let input = json!({"RoleArn": role, "RoleSessionName": "work"});
        let (status, code, message) = w.fault("AssumeRole", input).await;
        assert_eq!((status, code.as_str()), (403, "AccessDenied"));
        assert_eq!(message, "Roles may not be assumed by root accounts.");
    })
    .await;
}

#[tokio::test]
async fn an_unknown_role_is_denied_like_one_that_does_not_trust() {
    run(async |w| {
        let ada = w.user_with("ada", json!([allow("*")])).await;
        let role = w.role("r", user_arn("bob")).await;
        for role in [role.clone(), format!("{role}x")] {
            let input = json!({"RoleArn": role, "RoleSessionName": "work"});
            let (status, code, message) = ada.fault("AssumeRole", input).await;
            assert_eq!((status, code.as_str()), (403, "AccessDenied"));
            let text = format!(
                "User: arn:aws:iam::{ACCOUNT}:user/ada is not authorized to perform: \
                sts:AssumeRole on resource: {role}"
            );
            assert!(message.starts_with(&text), "{message}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_session_ends_at_its_time() {
    run(async |w| {
        let ada = w.user("ada").await;
        let role = w.role("r", user_arn("ada")).await;
        let input = json!({"RoleArn": role, "RoleSessionName": "work", "DurationSeconds": 900});
        let session = w.actor(&ada.ok("AssumeRole", input).await["Credentials"]);
        w.bed.advance(Duration::from_secs(899));
        session.ok("GetCallerIdentity", json!({})).await;
        w.bed.advance(Duration::from_secs(1));
        let (status, code, message) = session.fault("GetCallerIdentity", json!({})).await;
        assert_eq!((status, code.as_str()), (403, "ExpiredToken"));
        assert_eq!(message, "The security token included in the request is expired");
    })
    .await;
}

#[tokio::test]
async fn durations_keep_within_the_role_and_an_hour_for_chains() {
    run(async |w| {
        let ada = w.user("ada").await;
        let role = w.role("r", account()).await;
        w.put_user_policy("ada", json!([allow("sts:AssumeRole")])).await;
        let input = |seconds| json!({"RoleArn": role, "RoleSessionName": "work", "DurationSeconds": seconds});
        let (status, code, message) = ada.fault("AssumeRole", input(3_601)).await;
        assert_eq!((status, code.as_str()), (400, "ValidationError"));
        assert_eq!(message, "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.");
        w.ok("UpdateRole", json!({"RoleName": "r", "MaxSessionDuration": 7_200})).await;
        let session = w.actor(&ada.ok("AssumeRole", input(7_200)).await["Credentials"]);
        let grant = json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": document(json!([allow("sts:AssumeRole")]))});
        w.ok("PutRolePolicy", grant).await;
        assert_eq!(session.code("AssumeRole", input(3_601)).await, "ValidationError");
        session.ok("AssumeRole", input(3_600)).await;
    })
    .await;
}

#[tokio::test]
async fn an_external_id_must_be_the_one_that_the_role_asks_for() {
    run(async |w| {
        let ada = w.user("ada").await;
        let condition = json!({"StringEquals": {"sts:ExternalId": "secret-id"}});
        let statement = json!({"Effect": "Allow", "Principal": user_arn("ada"), "Action": "sts:AssumeRole", "Condition": condition});
        let input = json!({"RoleName": "r", "AssumeRolePolicyDocument": document(statement)});
        let role = w.ok("CreateRole", input).await["Role"]["Arn"].clone();
        let input = json!({"RoleArn": role, "RoleSessionName": "work"});
        assert_eq!(ada.code("AssumeRole", input).await, "AccessDenied");
        let input = json!({"RoleArn": role, "RoleSessionName": "work", "ExternalId": "secret-id"});
        ada.ok("AssumeRole", input).await;
    })
    .await;
}

#[tokio::test]
async fn tags_and_managed_session_policies_are_refused_by_name() {
    run(async |w| {
        let ada = w.user("ada").await;
        let role = w.role("r", user_arn("ada")).await;
        for (name, value) in [
            ("Tags", json!([{"Key": "a", "Value": "b"}])),
            ("PolicyArns", json!([{"arn": ADMIN}])),
            ("SourceIdentity", json!("me")),
        ] {
            let mut input = json!({"RoleArn": role, "RoleSessionName": "work"});
            input[name] = value;
            let (_, code, message) = ada.fault("AssumeRole", input).await;
            assert_eq!(code, "UnsupportedOperation");
            assert!(message.contains(&format!("parameter {name} of AssumeRole")), "{message}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_token_belongs_to_its_key_and_cannot_be_changed() {
    run(async |w| {
        let ada = w.user("ada").await;
        let role = w.role("r", user_arn("ada")).await;
        let input = json!({"RoleArn": role, "RoleSessionName": "work"});
        let one = ada.ok("AssumeRole", input.clone()).await["Credentials"].clone();
        let two = ada.ok("AssumeRole", input).await["Credentials"].clone();
        let mut mixed = one.clone();
        mixed["SessionToken"] = two["SessionToken"].clone();
        let mut without = one.clone();
        without["SessionToken"] = Value::Null;
        let mut changed = one.clone();
        changed["SessionToken"] = json!(format!("A{}", one["SessionToken"].as_str().unwrap()));
        for keys in [mixed, without, changed] {
            assert_eq!(
                w.actor(&keys).code("GetCallerIdentity", json!({})).await,
                "InvalidClientTokenId"
            );
        }
    })
    .await;
}
