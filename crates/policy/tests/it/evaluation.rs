//! The evaluation order: which policies must allow, and which kind of policy a denial names.

use crate::support::*;
use policy::{
    Context,
    Decision::{self, Allow},
    Denial,
    DenialKind::{Boundary, Identity, Resource, Session, Trust},
};

const OWN: &str = "111111111111";
const OTHER: &str = "222222222222";

/// Builds a policy from `+` (allows), `-` (denies) or `.` (says nothing about it).
fn one(sign: char) -> std::sync::Arc<policy::Document> {
    match sign {
        '+' => identity("Allow", "sqs:*"),
        '-' => identity("Deny", "sqs:*"),
        _ => identity("Allow", "sns:*"),
    }
}

/// `identity boundary session resource`, where a space is none; the resource policy names the
/// caller's `a`ccount, its `r`ole, its `u`ser or `s`ession, `*`, or denies with `-`.
fn case(signs: &str) -> Case {
    let signs: Vec<char> = signs.chars().collect();
    let principal = |text: &str| resource("Allow", &format!(r#"{{"AWS": "{text}"}}"#));
    Case {
        identity: if signs[0] == ' ' { Vec::new() } else { vec![one(signs[0])] },
        boundary: (signs[1] != ' ').then(|| one(signs[1])),
        session: (signs[2] != ' ').then(|| one(signs[2])),
        resource: match signs[3] {
            'a' => Some(principal(OWN)),
            'r' => Some(principal(ROLE)),
            's' => Some(principal(SESSION)),
            'u' => Some(principal(USER)),
            '*' => Some(resource("Allow", "\"*\"")),
            '-' => Some(resource("Deny", "\"*\"")),
            'x' => Some(principal("333333333333")),
            _ => None,
        },
    }
}

#[test]
fn the_order_within_one_account() {
    let cases: &[(&str, Decision)] = &[
        ("    ", implicit(Identity)),
        (".   ", implicit(Identity)),
        ("+   ", Allow),
        ("-   ", explicit(Identity)),
        ("++  ", Allow),
        ("+.  ", implicit(Boundary)),
        ("+-  ", explicit(Boundary)),
        (" +  ", implicit(Identity)),
        ("+ + ", Allow),
        ("+ . ", implicit(Session)),
        ("+ - ", explicit(Session)),
        ("+++ ", Allow),
        ("+.. ", implicit(Boundary)),
        // The account is named: its own policies decide.
        ("   a", implicit(Identity)),
        ("+  a", Allow),
        ("+. a", implicit(Boundary)),
        // The role is named: this stands for identity-based policies, not for bounds.
        ("   r", Allow),
        (" + r", Allow),
        (" . r", implicit(Boundary)),
        ("  .r", implicit(Session)),
        ("-  r", explicit(Identity)),
        // The session or everyone is named: nothing but an explicit deny takes it away.
        ("   s", Allow),
        (" ..s", Allow),
        ("   *", Allow),
        (" ..*", Allow),
        ("-  s", explicit(Identity)),
        (" - s", explicit(Boundary)),
        ("  -s", explicit(Session)),
        // A deny or a stranger in the resource-based policy.
        ("+++-", explicit(Resource)),
        ("+  x", Allow),
        ("   x", implicit(Identity)),
        ("   u", implicit(Identity)),
    ];
    for (signs, expected) in cases {
        assert_eq!(case(signs).decide(&session(), OWN), *expected, "{signs:?}");
    }
}

#[test]
fn a_user_that_a_resource_names_needs_no_other_policy() {
    for (signs, expected) in [
        ("   u", Allow),
        (" . u", Allow),
        (" - u", explicit(Boundary)),
        ("   a", implicit(Identity)),
        ("   r", implicit(Identity)),
    ] {
        assert_eq!(case(signs).decide(&user(), OWN), expected, "{signs:?}");
    }
}

#[test]
fn across_accounts_both_sides_must_allow() {
    let cases: &[(&str, Decision)] = &[
        ("+   ", implicit(Resource)),
        ("+  x", implicit(Resource)),
        ("   s", implicit(Identity)),
        ("   *", implicit(Identity)),
        ("   a", implicit(Identity)),
        ("+  a", Allow),
        ("+  r", Allow),
        ("+  s", Allow),
        ("+. s", implicit(Boundary)),
        ("+ .s", implicit(Session)),
        ("+  -", explicit(Resource)),
        ("-  s", explicit(Identity)),
    ];
    for (signs, expected) in cases {
        assert_eq!(case(signs).decide(&session(), OTHER), *expected, "{signs:?}");
    }
}

#[test]
fn the_root_user_may_do_all_in_its_account_that_no_resource_denies() {
    assert_eq!(case("    ").decide(&root(), OWN), Allow);
    assert_eq!(case("   x").decide(&root(), OWN), Allow);
    assert_eq!(case("   -").decide(&root(), OWN), explicit(Resource));
    assert_eq!(case("    ").decide(&root(), OTHER), implicit(Resource));
    assert_eq!(case("   a").decide(&root(), OTHER), Allow);
}

#[test]
fn nobody_gets_in_but_by_a_resource_that_is_open_to_everyone() {
    let anonymous = policy::Principal::Anonymous;
    assert_eq!(case("    ").decide(&anonymous, OWN), implicit(Resource));
    assert_eq!(case("   a").decide(&anonymous, OWN), implicit(Resource));
    assert_eq!(case("   *").decide(&anonymous, OWN), Allow);
    assert_eq!(case("   -").decide(&anonymous, OWN), explicit(Resource));
}

fn trusted(identity: char, document: policy::Document) -> Case {
    let statement = match identity {
        '+' => vec![crate::support::identity("Allow", "sts:AssumeRole")],
        '-' => vec![crate::support::identity("Deny", "sts:AssumeRole")],
        _ => Vec::new(),
    };
    Case { identity: statement, resource: Some(document), ..Case::default() }
}

#[test]
fn a_role_is_assumed_only_by_whom_its_trust_policy_allows() {
    let account = r#"{"AWS": "arn:aws:iam::111111111111:root"}"#;
    let named = format!(r#"{{"AWS": "{USER}"}}"#);
    let other = r#"{"AWS": "arn:aws:iam::111111111111:user/other"}"#;
    let cases = [
        ('+', trust("Allow", other), implicit(Trust)),
        (' ', trust("Allow", account), implicit(Identity)),
        ('+', trust("Allow", account), Allow),
        (' ', trust("Allow", &named), Allow),
        ('-', trust("Allow", &named), explicit(Identity)),
        ('+', trust("Deny", account), explicit(Trust)),
    ];
    for (sign, document, expected) in cases {
        let text = document.text().to_owned();
        assert_eq!(trusted(sign, document).decide(&user(), OWN), expected, "{sign} {text}");
    }
    assert_eq!(trusted(' ', trust("Allow", other)).decide(&root(), OWN), implicit(Trust));
    let across = trusted(' ', trust("Allow", &named)).decide(&user(), OTHER);
    assert_eq!(across, implicit(Identity));
}

#[test]
fn a_service_is_allowed_by_the_resource_alone() {
    let lambda = service("lambda.amazonaws.com");
    let document = || trust("Allow", r#"{"Service": "lambda.amazonaws.com"}"#);
    assert_eq!(trusted(' ', document()).decide(&lambda, OWN), Allow);
    let events = service("events.amazonaws.com");
    assert_eq!(trusted(' ', document()).decide(&events, OWN), implicit(Trust));
}

#[test]
fn a_service_may_be_bound_to_its_source() {
    let text = r#"{"Version": "2012-10-17", "Statement": [{"Effect": "Allow",
        "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage",
        "Resource": "arn:aws:sqs:us-east-1:111111111111:orders",
        "Condition": {"ArnLike": {"aws:SourceArn": "arn:aws:sns:*:111111111111:news"},
                      "StringEquals": {"aws:SourceAccount": "111111111111"}}}]}"#;
    let document = policy::Document::parse(text, policy::DocumentKind::Resource).unwrap();
    let case = Case { resource: Some(document), ..Case::default() };
    let sns = service("sns.amazonaws.com");
    let mut context = Context::of(&sns);
    context.set("aws:SourceAccount", OWN);
    context.set("aws:SourceArn", "arn:aws:sns:us-east-1:111111111111:news");
    assert_eq!(case.decide_in(&sns, OWN, &context), Allow);
    context.set("aws:SourceArn", "arn:aws:sns:us-east-1:111111111111:other");
    assert_eq!(case.decide_in(&sns, OWN, &context), implicit(Resource));
    assert_eq!(case.decide(&sns, OWN), implicit(Resource));
}

#[test]
fn one_deny_outweighs_all_allows() {
    let policies = vec![one('+'), one('-'), one('+')];
    let case = Case { identity: policies, ..Case::default() };
    assert_eq!(case.decide(&user(), OWN), explicit(Identity));
}

#[test]
fn a_denial_has_the_official_text() {
    let text = |kind, explicit| {
        Denial { kind, explicit }.message(USER, "sqs:SendMessage", QUEUE).replacen(
            &format!(
                "User: {USER} is not authorized to perform: sqs:SendMessage on resource: {QUEUE} "
            ),
            "",
            1,
        )
    };
    for (kind, implicit, explicit) in [
        (
            Identity,
            "because no identity-based policy allows the sqs:SendMessage action",
            "with an explicit deny in an identity-based policy",
        ),
        (
            Boundary,
            "because no permissions boundary allows the sqs:SendMessage action",
            "with an explicit deny in a permissions boundary",
        ),
        (
            Session,
            "because no session policy allows the sqs:SendMessage action",
            "with an explicit deny in a session policy",
        ),
        (
            Resource,
            "because no resource-based policy allows the sqs:SendMessage action",
            "with an explicit deny in a resource-based policy",
        ),
        (
            Trust,
            "because no role trust policy allows the sqs:SendMessage action",
            "with an explicit deny in the role trust policy",
        ),
    ] {
        assert_eq!(text(kind, false), implicit);
        assert_eq!(text(kind, true), explicit);
    }
}
