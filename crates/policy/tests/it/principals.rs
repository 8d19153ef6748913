//! Principals in resource-based policies, and the condition keys that follow from the caller.

use crate::support::*;
use policy::{Context, Decision, DenialKind::Resource, Document, DocumentKind, Principal};

const OWN: &str = "111111111111";

fn allows(principal: &str, caller: &Principal) -> bool {
    let case = Case { resource: Some(resource("Allow", principal)), ..Case::default() };
    case.decide(caller, OWN) == Decision::Allow
}

#[test]
fn each_form_of_principal_names_whom_it_says() {
    let (lambda, nobody) = (service("lambda.amazonaws.com"), Principal::Anonymous);
    for everyone in ["\"*\"", r#"{"AWS": "*"}"#, r#"{"AWS": ["111111111111", "*"]}"#] {
        for caller in [&user(), &session(), &lambda, &nobody] {
            assert!(allows(everyone, caller), "{everyone} {caller:?}");
        }
    }
    let named = format!(r#"{{"AWS": ["{USER}"], "Service": "lambda.amazonaws.com"}}"#);
    assert!(allows(&named, &user()));
    assert!(allows(&named, &lambda));
    assert!(!allows(&named, &session()));
    assert!(!allows(&named, &service("events.amazonaws.com")));
    assert!(!allows(r#"{"Federated": "cognito-identity.amazonaws.com"}"#, &user()));
}

#[test]
fn not_principal_denies_all_the_others() {
    let text = format!(
        r#"{{"Statement": [
            {{"Effect": "Allow", "Principal": "*", "Action": "sqs:*", "Resource": "*"}},
            {{"Effect": "Deny", "NotPrincipal": {{"AWS": "{USER}"}}, "Action": "sqs:*",
              "Resource": "*"}}]}}"#
    );
    let document = Document::parse(&text, DocumentKind::Resource).unwrap();
    let case = Case { resource: Some(document), ..Case::default() };
    assert_eq!(case.decide(&user(), OWN), Decision::Allow);
    assert_eq!(case.decide(&session(), OWN), explicit(Resource));
}

#[test]
fn texts_that_name_nobody_are_refused() {
    for bad in [
        "\"jane\"",
        "{}",
        r#"{"AWS": []}"#,
        r#"{"AWS": "jane"}"#,
        r#"{"AWS": "arn:aws:iam::111111111111:user/*"}"#,
        r#"{"AWS": "arn:aws:iam::111111111111:group/g"}"#,
        r#"{"AWS": "arn:aws:sts::111111111111:assumed-role/r"}"#,
        r#"{"AWS": "arn:aws:iam::1:root"}"#,
        r#"{"Service": "*"}"#,
        r#"{"Service": "lambda"}"#,
        r#"{"Robot": "x"}"#,
        r#"{"AWS": 1}"#,
    ] {
        let text = format!(
            r#"{{"Statement": {{"Effect": "Allow", "Principal": {bad}, "Action": "sqs:*",
                "Resource": "*"}}}}"#
        );
        let refused = Document::parse(&text, DocumentKind::Resource).unwrap_err();
        assert!(refused.place.starts_with("Statement[0].Principal"), "{bad}: {refused}");
    }
}

/// Whether a policy with this condition allows the caller.
fn holds(operator: &str, key: &str, value: &str, caller: &Principal) -> bool {
    let text = format!(
        r#"{{"Version": "2012-10-17", "Statement": {{"Effect": "Allow", "Principal": "*",
            "Action": "*", "Resource": "*",
            "Condition": {{"{operator}": {{"{key}": "{value}"}}}}}}}}"#
    );
    let document = Document::parse(&text, DocumentKind::Resource).unwrap();
    let case = Case { resource: Some(document), ..Case::default() };
    case.decide_in(caller, OWN, &Context::of(caller)) == Decision::Allow
}

#[test]
fn the_caller_gives_its_documented_keys() {
    let lambda = service("lambda.amazonaws.com");
    for (key, value, caller) in [
        ("aws:PrincipalArn", USER, &user()),
        ("aws:PrincipalArn", ROLE, &session()),
        ("aws:PrincipalAccount", OWN, &session()),
        ("aws:username", "jane", &user()),
        ("aws:userid", "AIDAJANE", &user()),
        ("aws:userid", "AROAWORKER:one", &session()),
        ("aws:PrincipalType", "AssumedRole", &session()),
        ("aws:PrincipalServiceName", "lambda.amazonaws.com", &lambda),
        ("aws:PrincipalIsAWSService", "true", &lambda),
        ("aws:PrincipalIsAWSService", "false", &user()),
    ] {
        assert!(holds("StringEquals", key, value, caller), "{key} {value}");
    }
    assert!(holds("Null", "aws:username", "true", &session()));
    assert!(holds("Null", "aws:PrincipalArn", "true", &lambda));
    assert!(holds("Null", "aws:PrincipalArn", "false", &user()));
}
