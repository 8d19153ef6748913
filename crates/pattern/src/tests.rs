use super::*;
use proptest::prelude::*;
use serde_json::json;

fn matches(pattern: &Value, event: &Value) -> bool {
    Pattern::parse(&pattern.to_string()).unwrap().matches(event)
}

/// Pattern, events that it is for, events that it is not for.
fn check(pattern: Value, yes: &[Value], no: &[Value]) {
    for event in yes {
        assert!(matches(&pattern, event), "{pattern} is for {event}");
    }
    for event in no {
        assert!(!matches(&pattern, event), "{pattern} is not for {event}");
    }
}

#[test]
fn every_field_must_match_and_one_member_of_each_list() {
    check(
        json!({"source": ["aws.ec2"], "detail": {"state": ["stopped", "terminated"]}}),
        &[json!({"source": "aws.ec2", "detail": {"state": "stopped", "more": 1}, "id": "x"})],
        &[
            json!({"source": "aws.ec2", "detail": {"state": "running"}}),
            json!({"source": "aws.s3", "detail": {"state": "stopped"}}),
            json!({"source": "aws.ec2"}),
            json!({"source": "aws.ec2", "detail": "stopped"}),
            json!([{"source": "aws.ec2", "detail": {"state": "stopped"}}]),
        ],
    );
}

#[test]
fn values_are_compared_with_their_types() {
    check(
        json!({"a": [1]}),
        &[json!({"a": 1}), json!({"a": 1.0})],
        &[json!({"a": "1"}), json!({"a": true})],
    );
    check(json!({"a": [null]}), &[json!({"a": null})], &[json!({"a": ""}), json!({})]);
    check(json!({"a": [""]}), &[json!({"a": ""})], &[json!({"a": null}), json!({})]);
    check(json!({"a": [true]}), &[json!({"a": true})], &[json!({"a": "true"})]);
}

#[test]
fn an_array_matches_by_one_of_its_elements() {
    check(
        json!({"names": ["b"]}),
        &[json!({"names": ["a", "b"]}), json!({"names": [["b"]]})],
        &[json!({"names": ["a"]}), json!({"names": []})],
    );
    // One element has both, not one the one and another the other.
    check(
        json!({"items": {"kind": ["car"], "doors": [2]}}),
        &[json!({"items": [{"kind": "bus", "doors": 1}, {"kind": "car", "doors": 2}]})],
        &[json!({"items": [{"kind": "car", "doors": 4}, {"kind": "bus", "doors": 2}]})],
    );
}

#[test]
fn strings_match_by_their_ends_and_without_their_case() {
    let file = |name: &str| json!({ "file": name });
    check(json!({"file": [{"prefix": "im"}]}), &[file("img")], &[file("Img"), json!({"file": 1})]);
    check(
        json!({"file": [{"prefix": {"equals-ignore-case": "im"}}]}),
        &[file("IMG"), file("img")],
        &[file("gim")],
    );
    check(json!({"file": [{"suffix": ".png"}]}), &[file("a.png")], &[file("a.PNG")]);
    check(json!({"file": [{"suffix": {"equals-ignore-case": ".png"}}]}), &[file("a.PNG")], &[]);
    check(json!({"file": [{"equals-ignore-case": "A.Ünï"}]}), &[file("a.üNÏ")], &[file("a.u")]);
}

#[test]
fn wildcards_stand_for_any_text_and_can_be_escaped() {
    let file = |name: &str| json!({ "file": name });
    check(
        json!({"file": [{"wildcard": "dir/*/a*.png"}]}),
        &[file("dir/x/a.png"), file("dir/x/y/abc.png"), file("dir//a.png.png")],
        &[file("dir/a.png"), file("dir/x/a.jpg"), file("dir/x/b.png")],
    );
    check(json!({"file": [{"wildcard": "*"}]}), &[file(""), file("x")], &[json!({"file": 1})]);
    check(json!({"file": [{"wildcard": r"a\*b\\*"}]}), &[file(r"a*b\c")], &[file(r"axb\c")]);
    // The ends may not overlap.
    check(json!({"file": [{"wildcard": "aba*aba"}]}), &[file("abaaba")], &[file("ababa")]);
}

#[test]
fn anything_but_wants_a_value_that_is_none_of_these() {
    let state = |value: Value| json!({ "state": value });
    check(
        json!({"state": [{"anything-but": ["stopped", "ended"]}]}),
        &[
            state(json!("running")),
            state(json!(4)),
            state(json!(null)),
            state(json!(["stopped", "x"])),
        ],
        &[state(json!("stopped")), state(json!("ended")), json!({}), state(json!(["stopped"]))],
    );
    check(json!({"state": [{"anything-but": "x"}]}), &[state(json!("y"))], &[state(json!("x"))]);
    check(
        json!({"state": [{"anything-but": {"prefix": ["in", "un"]}}]}),
        &[state(json!("ok"))],
        &[state(json!("init")), state(json!("undone"))],
    );
    check(
        json!({"state": [{"anything-but": {"wildcard": "*/bin/*"}}]}),
        &[state(json!("/lib/x"))],
        &[state(json!("/usr/bin/x"))],
    );
}

#[test]
fn numbers_lie_between_bounds() {
    let n = |value: Value| json!({ "n": value });
    check(
        json!({"n": [{"numeric": [">", 0, "<=", 5.5]}]}),
        &[n(json!(0.1)), n(json!(5.5))],
        &[n(json!(0)), n(json!(5.6)), n(json!("1")), json!({})],
    );
    check(json!({"n": [{"numeric": ["=", 3.018e2]}]}), &[n(json!(301.8))], &[n(json!(302))]);
}

#[test]
fn a_field_that_is_there_or_not() {
    check(
        json!({"a": {"b": [{"exists": true}]}}),
        &[json!({"a": {"b": null}}), json!({"a": {"b": [1]}})],
        &[json!({"a": {}}), json!({}), json!({"a": {"b": {"c": 1}}}), json!({"a": {"b": []}})],
    );
    check(
        json!({"a": {"b": [{"exists": false}]}, "c": [1]}),
        &[json!({"a": {}, "c": 1}), json!({"c": 1}), json!({"a": [{"d": 1}, {}], "c": 1})],
        &[
            json!({"a": {"b": 1}, "c": 1}),
            json!({"a": {}}),
            json!({"a": 5, "c": 1}),
            json!({"a": [{"b": 1}, {"d": 1}], "c": 1}),
        ],
    );
}

#[test]
fn addresses_lie_in_blocks() {
    let ip = |text: &str| json!({ "ip": text });
    check(
        json!({"ip": [{"cidr": "10.0.0.0/24"}, {"cidr": "2001:db8::/32"}]}),
        &[ip("10.0.0.255"), ip("2001:db8:1::1")],
        &[ip("10.0.1.0"), ip("2001:db9::1"), ip("ten")],
    );
    check(json!({"ip": [{"cidr": "0.0.0.0/0"}]}), &[ip("9.9.9.9")], &[ip("::1")]);
}

#[test]
fn a_pattern_tells_the_names_that_it_looks_at() {
    let text = r#"{"a": [1], "$or": [{"b": [2]}, {"a": {"c": [3]}}]}"#;
    assert_eq!(Pattern::parse(text).unwrap().names(), ["a", "b", "a"]);
}

#[test]
fn one_of_the_patterns_of_an_or_must_match() {
    check(
        json!({"a": [1], "$or": [{"b": [2]}, {"c": {"d": [3]}}]}),
        &[json!({"a": 1, "b": 2}), json!({"a": 1, "c": {"d": 3}})],
        &[json!({"a": 1}), json!({"b": 2}), json!({"a": 1, "b": 3})],
    );
    check(json!({"$or": ["x"]}), &[json!({"$or": "x"})], &[json!({})]);
}

#[test]
fn what_is_no_pattern_is_refused_with_the_reason() {
    for (text, reason) in [
        ("{", "Filter is not valid JSON"),
        ("[]", "Filter is not an object"),
        ("{}", "Empty objects are not allowed"),
        (r#"{"a": {}}"#, "Empty objects are not allowed"),
        (r#"{"a": []}"#, "Empty arrays are not allowed"),
        (r#"{"a": "b"}"#, "\"a\" must be an object or an array"),
        (r#"{"a": [[1]]}"#, "Match value must be String, number, true, false, or null"),
        (r#"{"a": [{"regex": "x"}]}"#, "Unrecognized match type regex"),
        (r#"{"a": [{"prefix": "x", "suffix": "y"}]}"#, "Only one key allowed in match expression"),
        (r#"{"a": [{"prefix": 1}]}"#, "prefix match pattern must be a string"),
        (r#"{"a": [{"exists": 1}]}"#, "exists match pattern must be either true or false."),
        (r#"{"a": [{"numeric": ["!", 1]}]}"#, "Unrecognized numeric range operator: \"!\""),
        (
            r#"{"a": [{"numeric": ["=", 6e9]}]}"#,
            "Value must be between -5.0E9 and 5.0E9, inclusive",
        ),
        (r#"{"a": [{"numeric": [">", 5, "<", 1]}]}"#, "Bottom must be less than top"),
        (r#"{"a": [{"anything-but": {"prefix": ""}}]}"#, "Null prefix not allowed"),
        (r#"{"$or": [{"a": [1]}]}"#, "There must have at least 2 Objects in $or relationship"),
    ] {
        assert_eq!(Pattern::parse(text).unwrap_err().to_string(), reason, "{text}");
    }
    assert!(Pattern::parse(&format!(r#"{{"a": ["{}"]}}"#, "x".repeat(4096))).is_err());
    for odd in ["a**b", r"a\n"] {
        assert!(Pattern::parse(&json!({"a": [{"wildcard": odd}]}).to_string()).is_err());
    }
}

proptest! {
    #[test]
    fn a_wildcard_finds_what_a_naive_search_finds(pattern in "[ab*]{0,8}", value in "[ab]{0,10}") {
        fn naive(pattern: &[u8], value: &[u8]) -> bool {
            match pattern {
                [] => value.is_empty(),
                [b'*', rest @ ..] => (0..=value.len()).any(|n| naive(rest, &value[n..])),
                [byte, rest @ ..] => value.first() == Some(byte) && naive(rest, &value[1..]),
            }
        }
        prop_assume!(!pattern.contains("**"));
        let rule = json!({"a": [{ "wildcard": pattern }]});
        prop_assert_eq!(matches(&rule, &json!({ "a": value })), naive(pattern.as_bytes(), value.as_bytes()));
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "\\PC{0,60}") {
        let _ = Pattern::parse(&text);
    }
}
