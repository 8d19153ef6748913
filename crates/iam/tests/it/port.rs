//! The port by which dispatch, functions and router know who acts.

use crate::common::{World, allow, document, lambda, run, user_arn};
use clock::Ids;
use iam::{Iam, MasterKey};
use policy::Principal;
use serde_json::json;
use service::{Caller, Fault, Identities};
use sigv4::Credentials;
use std::time::Duration;
use testkit::ACCOUNT;
use types::Arn;

const LAMBDA: &str = "lambda.amazonaws.com";

async fn assume(w: &World, role: &str) -> Result<Caller, Fault> {
    let mut tx = w.bed.platform.store.begin();
    let role: Arn = role.parse().unwrap();
    w.iam.assume(&mut tx, &role, "hello", LAMBDA).await
}

#[tokio::test]
async fn the_root_key_is_made_once_and_opens_only_under_its_master_key() {
    run(async |w| {
        let store = &w.bed.platform.store;
        let one = w.iam.ensure_root_key(store).await.unwrap();
        let two = w.iam.ensure_root_key(store).await.unwrap();
        assert_eq!((&one.access_key_id, &one.secret), (&two.access_key_id, &two.secret));
        let other = Iam::new(&w.bed.platform, MasterKey::new([8; 32]), Ids::from_seed(3));
        let fault = other.ensure_root_key(store).await.unwrap_err();
        assert!(fault.log_detail().unwrap().contains("master key"), "{fault}");
    })
    .await;
}

#[tokio::test]
async fn no_secret_is_in_the_store() {
    run(async |w| {
        w.user("ada").await;
        let root = w.iam.ensure_root_key(&w.bed.platform.store).await.unwrap();
        let mut tx = w.bed.platform.store.begin();
        let all = kv::Range::prefix(b"");
        let entries = tx.scan(&all, kv::Scan::first(1_000).snapshot()).await.unwrap();
        assert!(entries.len() > 3);
        let secret = root.secret.expose().as_bytes();
        let shows = |value: &[u8]| value.windows(secret.len()).any(|window| window == secret);
        assert!(!entries.iter().any(|entry| shows(&entry.value)));
    })
    .await;
}

#[tokio::test]
async fn a_request_reads_three_keys_to_know_who_signed() {
    run(async |w| {
        let arn = w.policy("p", json!([allow("s3:*")])).await;
        w.user("ada").await;
        w.ok("AttachUserPolicy", json!({"UserName": "ada", "PolicyArn": arn})).await;
        let keys = w.ok("ListAccessKeys", json!({"UserName": "ada"})).await;
        let id = keys["AccessKeyMetadata"][0]["AccessKeyId"].as_str().unwrap();
        let now = w.bed.platform.clock.now();
        for expected in [4, 3] {
            // The first also reads the policy's text; the next finds it compiled.
            let mut tx = w.bed.platform.store.begin();
            w.iam.find(&mut tx, id, None, now).await.unwrap();
            let shown = format!("{tx:?}");
            assert!(shown.contains(&format!("tracked: {expected}")), "{shown}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_function_acts_as_a_role_that_trusts_functions() {
    run(async |w| {
        let role = w.role("r", lambda()).await;
        let caller = assume(&w, &role).await.unwrap();
        let Principal::Session { arn, .. } = &caller.principal else { panic!("{caller:?}") };
        assert_eq!(arn.as_str(), format!("arn:aws:sts::{ACCOUNT}:assumed-role/r/hello"));
        let other = w.role("other", user_arn("ada")).await;
        assert_eq!(assume(&w, &other).await.unwrap_err().code(), "AccessDenied");
        let unknown = assume(&w, &format!("{role}x")).await.unwrap_err();
        assert_eq!(unknown.code(), "NoSuchEntity");
    })
    .await;
}

#[tokio::test]
async fn a_functions_credentials_can_do_just_what_its_role_allows() {
    run(async |w| {
        let role: Arn = w.role("r", lambda()).await.parse().unwrap();
        let now = w.bed.platform.clock.now();
        let hour = Duration::from_secs(3_600);
        let mut tx = w.bed.platform.store.begin();
        let made = w.iam.credentials(&mut tx, &role, "hello", LAMBDA, now, hour).await.unwrap();
        assert_eq!(made.expires, now + hour);
        let mut credentials = Credentials::new(made.access_key_id, made.secret);
        credentials.session_token = Some(made.session_token);
        let function = crate::common::Actor(w.bed.client(credentials));
        assert_eq!(function.code("ListUsers", json!({})).await, "AccessDenied");
        let document = document(json!([allow("iam:ListUsers")]));
        let input = json!({"RoleName": "r", "PolicyName": "p", "PolicyDocument": document});
        w.ok("PutRolePolicy", input).await;
        function.ok("ListUsers", json!({})).await;
        assert_eq!(function.code("ListRoles", json!({})).await, "AccessDenied");
        w.bed.advance(hour);
        assert_eq!(function.code("ListUsers", json!({})).await, "ExpiredToken");
    })
    .await;
}

#[tokio::test]
async fn who_asked_earlier_is_known_again_until_they_are_gone() {
    run(async |w| {
        let role = w.role("r", lambda()).await;
        let principal = assume(&w, &role).await.unwrap().principal;
        let reload = async |principal: &Principal| {
            let mut tx = w.bed.platform.store.begin();
            w.iam.reload(&mut tx, principal).await
        };
        assert_eq!(reload(&principal).await.unwrap().principal, principal);
        w.ok("DeleteRole", json!({"RoleName": "r"})).await;
        assert_eq!(reload(&principal).await.unwrap_err().code(), "AccessDenied");
        w.role("r", lambda()).await;
        assert_eq!(reload(&principal).await.unwrap_err().code(), "AccessDenied");
        let root = Principal::Root { account: ACCOUNT.parse().unwrap() };
        assert_eq!(reload(&root).await.unwrap().principal, root);
        assert!(reload(&Principal::Anonymous).await.is_err());
    })
    .await;
}
