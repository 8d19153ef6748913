//! What identity policies, boundaries, session policies, trust policies and explicit denials do
//! together, asked of real requests.

use crate::common::{Actor, World, account, allow, deny, document, run, trust, user_arn};
use serde_json::{Value, json};
use testkit::ACCOUNT;

/// One row: what each kind of policy says of `iam:ListUsers`, and the kind that denies it.
struct Row {
    identity: Value,
    boundary: Option<Value>,
    session: Option<Value>,
    denied_by: Option<&'static str>,
}

fn rows() -> Vec<Row> {
    let (yes, no, other) = (allow("iam:List*"), deny("iam:ListUsers"), allow("s3:*"));
    let row =
        |identity: &Value, boundary: Option<&Value>, session: Option<&Value>, denied_by| Row {
            identity: identity.clone(),
            boundary: boundary.cloned(),
            session: session.cloned(),
            denied_by,
        };
    vec![
        row(&yes, None, None, None),
        row(&other, None, None, Some("no identity-based policy allows")),
        row(&no, None, None, Some("an explicit deny in an identity-based policy")),
        row(&yes, Some(&yes), None, None),
        row(&yes, Some(&other), None, Some("no permissions boundary allows")),
        row(&yes, Some(&no), None, Some("an explicit deny in a permissions boundary")),
        row(&other, Some(&yes), None, Some("no identity-based policy allows")),
        row(&yes, None, Some(&yes), None),
        row(&yes, None, Some(&other), Some("no session policy allows")),
        row(&yes, None, Some(&no), Some("an explicit deny in a session policy")),
        row(&other, None, Some(&yes), Some("no identity-based policy allows")),
        row(&yes, Some(&yes), Some(&yes), None),
        row(&yes, Some(&other), Some(&yes), Some("no permissions boundary allows")),
    ]
}

/// A session of a role that has the row's policies.
async fn session(w: &World, ada: &Actor, number: usize, row: &Row) -> Actor {
    let name = format!("r{number}");
    let role = w.role(&name, user_arn("ada")).await;
    let identity = document(row.identity.clone());
    let input = json!({"RoleName": name, "PolicyName": "p", "PolicyDocument": identity});
    w.ok("PutRolePolicy", input).await;
    if let Some(boundary) = &row.boundary {
        let arn = w.policy(&format!("b{number}"), boundary.clone()).await;
        let input = json!({"RoleName": name, "PermissionsBoundary": arn});
        w.ok("PutRolePermissionsBoundary", input).await;
    }
    let mut input = json!({"RoleArn": role, "RoleSessionName": "test"});
    if let Some(policy) = &row.session {
        input["Policy"] = json!(document(policy.clone()));
    }
    w.actor(&ada.ok("AssumeRole", input).await["Credentials"])
}

#[tokio::test]
async fn a_session_may_do_what_all_its_policies_allow_and_none_denies() {
    run(async |w| {
        let ada = w.user("ada").await;
        for (number, row) in rows().iter().enumerate() {
            let session = session(&w, &ada, number, row).await;
            match row.denied_by {
                None => drop(session.ok("ListUsers", json!({})).await),
                Some(kind) => {
                    let (status, code, message) = session.fault("ListUsers", json!({})).await;
                    assert_eq!((status, code.as_str()), (403, "AccessDenied"), "row {number}");
                    assert!(message.contains(kind), "row {number}: {message}");
                }
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_users_policies_are_taken_together() {
    run(async |w| {
        let ada = w.user_with("ada", json!([allow("iam:ListUsers")])).await;
        let more = w.policy("more", json!([allow("iam:ListRoles"), deny("iam:ListUsers")])).await;
        ada.ok("ListUsers", json!({})).await;
        assert_eq!(ada.code("ListRoles", json!({})).await, "AccessDenied");
        w.ok("AttachUserPolicy", json!({"UserName": "ada", "PolicyArn": more})).await;
        assert_eq!(ada.code("ListUsers", json!({})).await, "AccessDenied");
        ada.ok("ListRoles", json!({})).await;
        w.ok("DetachUserPolicy", json!({"UserName": "ada", "PolicyArn": more})).await;
        ada.ok("ListUsers", json!({})).await;
    })
    .await;
}

#[tokio::test]
async fn a_policy_reaches_as_far_as_its_resources() {
    run(async |w| {
        let own = format!("arn:aws:iam::{ACCOUNT}:user/${{aws:username}}");
        let statement = json!({"Effect": "Allow", "Action": "iam:*AccessKey*", "Resource": own});
        let ada = w.user_with("ada", json!([statement])).await;
        w.user("bob").await;
        ada.ok("CreateAccessKey", json!({})).await;
        let (_, code, message) = ada.fault("CreateAccessKey", json!({"UserName": "bob"})).await;
        assert_eq!(code, "AccessDenied");
        assert!(message.contains(&format!("arn:aws:iam::{ACCOUNT}:user/bob")), "{message}");
    })
    .await;
}

#[tokio::test]
async fn a_role_can_be_assumed_by_whom_its_trust_policy_names() {
    run(async |w| {
        let ada = w.user("ada").await;
        let bob = w.user_with("bob", json!([allow("sts:AssumeRole")])).await;
        // Who is named needs no policy; where the account is named, its own policies decide.
        let named = w.role("named", user_arn("ada")).await;
        let delegated = w.role("delegated", account()).await;
        let code = async |actor: &Actor, role: &str| {
            let input = json!({"RoleArn": role, "RoleSessionName": "test"});
            let (status, body) = actor.send("AssumeRole", &input).await;
            assert!(status == 200 || body.contains("<Code>AccessDenied</Code>"), "{body}");
            status
        };
        assert_eq!((code(&ada, &named).await, code(&bob, &named).await), (200, 403));
        assert_eq!((code(&ada, &delegated).await, code(&bob, &delegated).await), (403, 200));
        // An explicit deny wins over the trust policy.
        w.put_user_policy("ada", json!([deny("sts:*")])).await;
        assert_eq!(code(&ada, &named).await, 403);
        let denying = json!([
            {"Effect": "Allow", "Principal": account(), "Action": "sts:AssumeRole"},
            {"Effect": "Deny", "Principal": user_arn("bob"), "Action": "sts:AssumeRole"},
        ]);
        let input = json!({"RoleName": "delegated", "PolicyDocument": document(denying)});
        w.ok("UpdateAssumeRolePolicy", input).await;
        assert_eq!(code(&bob, &delegated).await, 403);
    })
    .await;
}

#[tokio::test]
async fn a_chain_of_roles_ends_where_a_role_does_not_trust_the_one_before() {
    run(async |w| {
        let ada = w.user("ada").await;
        let first = w.role("first", user_arn("ada")).await;
        let second = w.role("second", json!({"AWS": first})).await;
        let third = w.role("third", json!({"AWS": first})).await;
        let first = w.assume(&ada, &first).await;
        let second = w.assume(&first, &second).await;
        let input = json!({"RoleArn": third, "RoleSessionName": "test"});
        assert_eq!(second.code("AssumeRole", input).await, "AccessDenied");
    })
    .await;
}

#[tokio::test]
async fn creating_with_a_boundary_can_be_demanded() {
    run(async |w| {
        let bound = w.policy("bound", json!([allow("s3:*")])).await;
        let condition = json!({"StringEquals": {"iam:PermissionsBoundary": bound}});
        let statement = json!({"Effect": "Allow", "Action": "iam:CreateRole", "Resource": "*",
            "Condition": condition});
        let ada = w.user_with("ada", json!([statement])).await;
        let mut input = json!({"RoleName": "r",
            "AssumeRolePolicyDocument": trust(user_arn("ada"))});
        assert_eq!(ada.code("CreateRole", input.clone()).await, "AccessDenied");
        input["PermissionsBoundary"] = json!(bound);
        ada.ok("CreateRole", input).await;
    })
    .await;
}

#[tokio::test]
async fn a_wrong_secret_signs_nothing() {
    run(async |w| {
        let ada = w.user("ada").await;
        ada.ok("GetCallerIdentity", json!({})).await;
        let keys = w.ok("ListAccessKeys", json!({"UserName": "ada"})).await;
        let mut keys = keys["AccessKeyMetadata"][0].clone();
        keys["SecretAccessKey"] = json!("not the secret");
        let wrong = w.actor(&keys);
        let (status, code, _) = wrong.fault("GetCallerIdentity", json!({})).await;
        assert_eq!((status, code.as_str()), (403, "SignatureDoesNotMatch"));
    })
    .await;
}
