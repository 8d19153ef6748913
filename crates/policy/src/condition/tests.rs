use super::*;

fn conditions(text: &str) -> Result<Conditions, Malformed> {
    Conditions::parse(&serde_json::from_str(text).unwrap(), true, "Condition")
}

/// Evaluates one operator on `aws:k`, whose values are given; none means that it is absent.
fn holds(operator: &str, policy: &str, values: Option<&[&str]>) -> bool {
    let mut context = Context::new();
    context.set("aws:username", "jane");
    match values {
        Some([one]) => context.set("aws:k", *one),
        Some(many) => context.set_all("aws:k", many.iter().map(|v| (*v).to_owned())),
        None => {}
    }
    let text = format!(r#"{{"{operator}": {{"aws:K": {policy}}}}}"#);
    conditions(&text).unwrap().hold(&context, false)
}

#[test]
fn every_operator_decides_as_documented() {
    let cases: &[(&str, &str, &str, bool)] = &[
        ("StringEquals", r#""a""#, "a", true),
        ("StringEquals", r#""a""#, "A", false),
        ("StringEquals", r#"["b", "a"]"#, "a", true),
        ("StringEquals", r#""a*""#, "ab", false),
        ("StringEquals", r#""${aws:username}""#, "jane", true),
        ("StringNotEquals", r#""a""#, "b", true),
        ("StringNotEquals", r#"["b", "a"]"#, "a", false),
        ("StringEqualsIgnoreCase", r#""ÄB""#, "äb", true),
        ("StringNotEqualsIgnoreCase", r#""AB""#, "ab", false),
        ("StringLike", r#""a*c?""#, "abcd", true),
        ("StringLike", r#""a*c?""#, "abc", false),
        ("StringNotLike", r#""a*""#, "b", true),
        ("NumericEquals", "5", "5.0", true),
        ("NumericNotEquals", "5", "5", false),
        ("NumericLessThan", r#""5""#, "4.9", true),
        ("NumericLessThan", r#""5""#, "5", false),
        ("NumericLessThanEquals", "5", "5", true),
        ("NumericGreaterThan", "-5", "-4", true),
        ("NumericGreaterThanEquals", "5", "4", false),
        ("NumericEquals", "5", "five", false),
        ("DateEquals", r#""2026-01-01""#, "1767225600", true),
        ("DateNotEquals", r#""2026-01-01""#, "2026-01-02", true),
        ("DateLessThan", r#""2026-01-01""#, "2025-12-31T23:59:59Z", true),
        ("DateLessThanEquals", r#""2026-01-01""#, "2026-01-01T00:00:00Z", true),
        ("DateGreaterThan", r#""2026-01-01""#, "2026-01-01T00:00:00Z", false),
        ("DateGreaterThanEquals", r#""2026-01-01""#, "2026-01-01T00:00:00Z", true),
        ("Bool", r#""true""#, "true", true),
        ("Bool", "true", "false", false),
        ("BinaryEquals", r#""aGk=""#, "aGk=", true),
        ("BinaryEquals", r#""aGk=""#, "aGo=", false),
        ("IpAddress", r#""10.0.0.0/8""#, "10.9.8.7", true),
        ("IpAddress", r#""10.0.0.0/8""#, "11.0.0.0", false),
        ("IpAddress", r#""10.0.0.1""#, "::ffff:10.0.0.1", true),
        ("IpAddress", r#""0.0.0.0/0""#, "1.2.3.4", true),
        ("IpAddress", r#""2001:db8::/32""#, "2001:db8:1::1", true),
        ("IpAddress", r#""::/0""#, "1.2.3.4", false),
        ("NotIpAddress", r#"["10.0.0.0/8", "127.0.0.1/32"]"#, "127.0.0.1", false),
        ("ArnEquals", r#""arn:aws:sns:*:*:t""#, "arn:aws:sns:r:1:t", true),
        ("ArnLike", r#""arn:aws:sns:*:*:t*""#, "arn:aws:sns:r:1:x", false),
        ("ArnNotEquals", r#""arn:aws:sns:*:*:t""#, "arn:aws:sns:r:1:x", true),
        ("ArnNotLike", r#""arn:aws:sns:*:*:t""#, "arn:aws:sns:r:1:t", false),
        ("Null", r#""false""#, "x", true),
        ("Null", r#""true""#, "x", false),
    ];
    for (operator, policy, value, expected) in cases {
        assert_eq!(
            holds(operator, policy, Some(&[value])),
            *expected,
            "{operator} {policy} {value}"
        );
    }
}

#[test]
fn an_absent_key_fails_unless_the_operator_is_negated_or_conditional() {
    for (operator, expected) in [
        ("StringEquals", false),
        ("StringNotEquals", true),
        ("StringEqualsIfExists", true),
        ("StringNotEqualsIfExists", true),
        ("ForAllValues:StringEquals", true),
        ("ForAnyValue:StringEquals", false),
        ("ForAnyValue:StringNotEquals", false),
        ("ForAnyValue:StringEqualsIfExists", true),
    ] {
        assert_eq!(holds(operator, r#""a""#, None), expected, "{operator}");
    }
    assert!(holds("Null", "true", None));
    assert!(!holds("Null", "false", None));
    assert!(holds("Null", "true", Some(&[])));
}

#[test]
fn set_operators_look_at_every_value() {
    let policy = r#"["a", "b"]"#;
    let cases: &[(&str, &[&str], bool)] = &[
        ("ForAllValues:StringEquals", &["a", "b"], true),
        ("ForAllValues:StringEquals", &["a", "c"], false),
        ("ForAllValues:StringEquals", &[], true),
        ("ForAnyValue:StringEquals", &["c", "b"], true),
        ("ForAnyValue:StringEquals", &["c", "d"], false),
        ("ForAnyValue:StringEquals", &[], false),
        ("ForAllValues:StringNotEquals", &["c", "d"], true),
        ("ForAllValues:StringNotEquals", &["c", "a"], false),
        ("ForAnyValue:StringNotEquals", &["a", "c"], true),
        ("ForAnyValue:StringNotEquals", &["a", "b"], false),
        ("ForAnyValue:StringLike", &["a"], true),
    ];
    for (operator, values, expected) in cases {
        assert_eq!(holds(operator, policy, Some(values)), *expected, "{operator} {values:?}");
    }
}

#[test]
fn all_conditions_must_hold() {
    let text = r#"{"StringEquals": {"aws:a": "1", "aws:b": "2"}, "Bool": {"aws:c": "true"}}"#;
    let both = conditions(text).unwrap();
    let mut context = Context::new();
    context.set("aws:a", "1");
    context.set("aws:b", "2");
    assert!(!both.hold(&context, false));
    context.set("aws:c", "true");
    assert!(both.hold(&context, false));
}

#[test]
fn an_unreadable_side_of_a_negated_operator_refuses() {
    let text = r#"{"StringNotEquals": {"aws:k": "${aws:PrincipalTag/team}"}}"#;
    let condition = conditions(text).unwrap();
    let mut context = Context::new();
    context.set("aws:k", "x");
    assert!(!condition.hold(&context, false), "it allows nothing");
    assert!(condition.hold(&context, true), "it denies");
}

#[test]
fn broken_conditions_are_refused_with_their_place() {
    for (text, place) in [
        (r#"{"StringSame": {"aws:k": "a"}}"#, "Condition.StringSame"),
        (r#"{"NullIfExists": {"aws:k": "true"}}"#, "Condition.NullIfExists"),
        (r#"{"ForSomeValues:StringEquals": {}}"#, "Condition.ForSomeValues:StringEquals"),
        (r#"{"StringEquals": "x"}"#, "Condition.StringEquals"),
        (r#"{"StringEquals": {"k": "a"}}"#, "Condition.StringEquals.k"),
        (r#"{"StringEquals": {"aws:k": {}}}"#, "Condition.StringEquals.aws:k"),
        (r#"{"NumericEquals": {"aws:k": "x"}}"#, "Condition.NumericEquals.aws:k"),
        (r#"{"DateEquals": {"aws:k": "x"}}"#, "Condition.DateEquals.aws:k"),
        (r#"{"DateSame": {"aws:k": "x"}}"#, "Condition.DateSame"),
        (r#"{"Bool": {"aws:k": "yes"}}"#, "Condition.Bool.aws:k"),
        (r#"{"BinaryEquals": {"aws:k": "?"}}"#, "Condition.BinaryEquals.aws:k"),
        (r#"{"IpAddress": {"aws:k": "1.2.3.4/33"}}"#, "Condition.IpAddress.aws:k"),
        (r#"{"ArnLike": {"aws:k": "x"}}"#, "Condition.ArnLike.aws:k"),
        (r#"{"StringLike": {"aws:k": "${x}"}}"#, "Condition.StringLike.aws:k"),
    ] {
        assert_eq!(conditions(text).unwrap_err().place, place, "{text}");
    }
}
