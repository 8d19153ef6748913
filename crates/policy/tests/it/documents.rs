//! What is a policy and what is not.

use policy::{Document, DocumentKind, MAX_TEXT_BYTES, Malformed};
use proptest::prelude::*;

fn refused(text: &str, kind: DocumentKind) -> Malformed {
    Document::parse(text, kind).err().unwrap_or_else(|| panic!("{text} is accepted"))
}

#[test]
fn a_document_keeps_its_text() {
    let text = "{\n \"Statement\": [ {\"Effect\": \"Allow\", \"Action\": [\"sqs:*\"],\n\
                \"Resource\": [\"*\"]} ] }";
    let document = Document::parse(text, DocumentKind::Identity).unwrap();
    assert_eq!(document.text(), text);
    assert_eq!(document.kind(), DocumentKind::Identity);
    assert_eq!(document.size(), text.split_whitespace().map(str::len).sum::<usize>());
}

#[test]
fn the_managed_policy_for_functions_is_accepted() {
    let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action":
        ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"], "Resource": "*"}]}"#;
    assert!(Document::parse(text, DocumentKind::Identity).is_ok());
}

#[test]
fn a_broken_document_says_what_and_where() {
    let cases = [
        ("", "document", "Syntax errors in policy: "),
        ("[]", "document", "Syntax errors in policy: an object is expected."),
        ("{}", "document", "Missing required field Statement"),
        (r#"{"Statement": []}"#, "document", "Missing required field Statement"),
        (r#"{"Statement": {}, "Statement": {}}"#, "document", "Syntax errors in policy: duplicate"),
        (r#"{"Extra": 1}"#, "document", "Syntax errors in policy: unknown element \"Extra\"."),
        (r#"{"Version": "2020-01-01"}"#, "Version", "The policy must contain a valid version"),
        (r#"{"Statement": "x"}"#, "Statement[0]", "Syntax errors in policy: an object"),
        (r#"{"Statement": {}}"#, "Statement[0]", "Missing required field Effect"),
    ];
    for (text, place, reason) in cases {
        let malformed = refused(text, DocumentKind::Identity);
        assert_eq!(malformed.place, place, "{text}");
        assert!(malformed.reason.starts_with(reason), "{text}: {malformed}");
    }
    assert_eq!(Malformed::CODE, "MalformedPolicyDocument");
}

#[test]
fn a_broken_statement_says_what_and_where() {
    let cases = [
        (r#""Effect": "allow""#, "Statement[0]", "Syntax errors in policy: Effect"),
        (r#""Effect": "Allow""#, "Statement[0]", "Policy statement must contain actions."),
        (
            r#""Effect": "Allow", "Action": "sqs:*""#,
            "Statement[0]",
            "Policy statement must contain resources.",
        ),
        (
            r#""Effect": "Allow", "Action": [], "Resource": "*""#,
            "Statement[0].Action",
            "Policy statement must contain actions.",
        ),
        (
            r#""Effect": "Allow", "Action": "sqs:*", "NotAction": "sqs:*", "Resource": "*""#,
            "Statement[0]",
            "Syntax errors in policy: both Action and NotAction.",
        ),
        (
            r#""Effect": "Allow", "Action": "Send", "Resource": "*""#,
            "Statement[0].Action",
            "Actions/Conditions must be prefaced by a vendor",
        ),
        (
            r#""Effect": "Allow", "Action": "sqs:*", "Resource": "orders""#,
            "Statement[0].Resource",
            "Resource orders must be in ARN format or \"*\".",
        ),
        (
            r#""Effect": "Allow", "Action": "sqs:*", "NotResource": ["arn:aws-cn:s3:::b"]"#,
            "Statement[0].NotResource",
            "Partition \"aws-cn\" is not valid for resource",
        ),
        (
            r#""Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Principal": "*""#,
            "Statement[0]",
            "Policy document should not specify a principal.",
        ),
        (
            r#""Sid": "a b", "Effect": "Allow", "Action": "sqs:*", "Resource": "*""#,
            "Statement[0].Sid",
            "Statement IDs (SID) must be alpha-numeric.",
        ),
        (
            r#""Effect": "Allow", "Action": "sqs:*", "Resource": "*", "Conditions": {}"#,
            "Statement[0]",
            "Syntax errors in policy: unknown element \"Conditions\".",
        ),
        (
            r#""Effect": "Allow", "Action": "a:*", "Resource": "*", "Condition": {"X": {}}"#,
            "Statement[0].Condition.X",
            "Invalid Condition type : X.",
        ),
    ];
    for (members, place, reason) in cases {
        let malformed =
            refused(&format!(r#"{{"Statement": [{{{members}}}]}}"#), DocumentKind::Identity);
        assert_eq!(malformed.place, place, "{members}");
        assert!(malformed.reason.starts_with(reason), "{members}: {malformed}");
    }
}

#[test]
fn statement_ids_are_unique() {
    let statement = r#"{"Sid": "A", "Effect": "Allow", "Action": "sqs:*", "Resource": "*"}"#;
    let text = format!(r#"{{"Statement": [{statement}, {statement}]}}"#);
    let malformed = refused(&text, DocumentKind::Identity);
    assert_eq!(
        malformed.to_string(),
        "Statement IDs (SID) in a single policy must be unique. (at Statement[1].Sid)"
    );
}

#[test]
fn a_trust_policy_names_principals_and_sts_actions_only() {
    let trust = |members: &str| {
        let text = format!(r#"{{"Statement": {{"Effect": "Allow", {members}}}}}"#);
        Document::parse(&text, DocumentKind::Trust)
    };
    let service = r#""Principal": {"Service": "lambda.amazonaws.com"}"#;
    assert!(
        trust(&format!(r#"{service}, "Action": ["sts:AssumeRole", "sts:TagSession"]"#)).is_ok()
    );
    for (members, reason) in [
        (r#""Action": "sts:AssumeRole""#.to_owned(), "Missing required field Principal"),
        (
            format!(r#"{service}, "Action": "sqs:*""#),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            format!(r#"{service}, "Action": "*""#),
            "AssumeRole policy may only specify STS AssumeRole actions.",
        ),
        (
            format!(r#"{service}, "Action": "sts:AssumeRole", "Resource": "*""#),
            "Has prohibited field Resource",
        ),
        (
            r#""NotPrincipal": {"AWS": "*"}, "Action": "sts:AssumeRole""#.to_owned(),
            "Allow with NotPrincipal is not allowed.",
        ),
    ] {
        assert_eq!(trust(&members).unwrap_err().reason, reason);
    }
}

#[test]
fn a_text_beyond_the_limit_is_not_read() {
    let text = " ".repeat(MAX_TEXT_BYTES + 1);
    assert!(refused(&text, DocumentKind::Identity).reason.contains("longer than"));
    let nested = "[".repeat(100_000);
    assert!(refused(&nested, DocumentKind::Identity).reason.contains("recursion"));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(
        version in prop::sample::select(vec!["2012-10-17", "2008-10-17", "x"]),
        action in "[a-z:*?${}',]{0,12}",
        resource in "(arn:aws:)?[a-z:*?${}',/]{0,24}",
        operator in "(ForAllValues:|ForAnyValue:)?(StringLike|ArnLike|DateEquals|IpAddress)(IfExists)?",
        value in "[a-z0-9:*?${}'./-]{0,20}",
    ) {
        let text = serde_json::json!({"Version": version, "Statement": {
            "Effect": "Allow", "Action": action, "Resource": resource,
            "Condition": {operator: {"aws:k": value}},
        }}).to_string();
        if let Ok(document) = Document::parse(&text, DocumentKind::Identity) {
            prop_assert_eq!(document.text(), text);
        }
    }
}
