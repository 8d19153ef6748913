use super::*;
use crate::{KeyType, testing::bindings};
use proptest::prelude::*;
use serde_json::json;

fn parse(text: &str, values: serde_json::Value) -> Result<KeyCondition, String> {
    KeyCondition::parse(text, &mut bindings(json!(null), values)).map_err(|e| e.to_string())
}

fn key(name: &str, key_type: KeyType) -> KeyAttribute {
    KeyAttribute { name: name.to_owned(), key_type }
}

fn range(text: &str, values: serde_json::Value, with_sort: bool) -> Result<KeyRange, String> {
    let sort = with_sort.then(|| key("b", KeyType::S));
    let schema = KeySchema { partition: key("a", KeyType::S), sort };
    parse(text, values)?.range(&schema).map_err(|e| e.to_string())
}

fn text(text: &str) -> Value {
    Value::S(text.to_owned())
}

#[test]
fn a_key_condition_gives_the_partition_and_the_range() {
    use SortCondition::*;
    let (x, y) = (|| text("x"), || text("y"));
    for (expression, sort) in [
        ("a = :x", None),
        (":x = a AND b = :y", Some(Equal(y()))),
        ("b < :y AND a = :x", Some(Less(y()))),
        ("(a = :x) AND (b <= :y)", Some(LessOrEqual(y()))),
        ("a = :x AND :y < b", Some(Greater(y()))),
        ("a = :x AND :y <= b", Some(GreaterOrEqual(y()))),
        ("a = :x AND b > :y", Some(Greater(y()))),
        ("a = :x AND b >= :y", Some(GreaterOrEqual(y()))),
        ("a = :x and b between :x and :y", Some(Between(x(), y()))),
        ("a = :x AND begins_with(b, :y)", Some(BeginsWith(y()))),
    ] {
        let found = range(expression, json!({":x": {"S": "x"}, ":y": {"S": "y"}}), true);
        assert_eq!(found, Ok(KeyRange { partition: x(), sort }), "{expression}");
    }
}

#[test]
fn a_condition_that_selects_no_keys_is_refused_with_the_official_text() {
    let in_condition = "Invalid condition in KeyConditionExpression: ";
    let invalid = "Invalid operator used in KeyConditionExpression: ";
    let nested = "KeyConditionExpressions cannot contain nested operations";
    let two = "Multiple attribute names used in one condition";
    let deep = "KeyConditionExpressions cannot have conditions on nested attributes";
    let twice = "KeyConditionExpressions must only contain one condition per key";
    for (expression, text) in [
        ("a > b and size(b) > c or a > c", format!("{invalid}OR")),
        ("a in (b, size(c), d)", format!("{invalid}IN")),
        ("attribute_exists(a)", format!("{invalid}attribute_exists")),
        ("attribute_type(a, :s)", format!("{invalid}attribute_type")),
        ("contains(a.d, b)", format!("{invalid}contains")),
        ("not a > b", format!("{invalid}NOT")),
        ("a <> b", format!("{invalid}<>")),
        (
            ":a between size(b) and size(a) and b > :b",
            format!("{in_condition}BETWEEN operator must have the key attribute as its first operand"),
        ),
        (
            "begins_with(:a, b) and a > :b",
            format!("{in_condition}begins_with operator must have the key attribute as its first operand"),
        ),
        ("size(b) > a AND a.b > b AND b > c", nested.to_owned()),
        ("a > size(b.d)", nested.to_owned()),
        ("a between size(b) and size(a)", nested.to_owned()),
        ("b > a.b", format!("{in_condition}{two}")),
        ("b between c[1] and d", format!("{in_condition}{two}")),
        ("a between b and size(a)", format!("{in_condition}{two}")),
        ("begins_with(a, b)", format!("{in_condition}{two}")),
        ("b.d > a AND c.d > e.f", deep.to_owned()),
        ("b[0] > a", deep.to_owned()),
        (":b > :a AND a < :b", format!("{in_condition}No key attribute specified")),
        ("b > :a AND b < :a and c = :a and d = :a", twice.to_owned()),
        ("(a > :a and b > :a) and (b > :a and c > :a)", twice.to_owned()),
        ("a = :a and b = :a and :a = c", "Conditions can be of length 1 or 2 only".to_owned()),
        (
            "a > 4",
            "Invalid KeyConditionExpression: Syntax error; token: \"4\", near: \"> 4\"".to_owned(),
        ),
        (
            "a between :b and :a",
            "Invalid KeyConditionExpression: The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {S:b}, upper bound operand: AttributeValue: {S:a}".to_owned(),
        ),
    ] {
        let values = json!({":a": {"S": "a"}, ":b": {"S": "b"}, ":s": {"S": "S"}});
        assert_eq!(parse(expression, values).unwrap_err(), text, "{expression}");
    }
}

#[test]
fn conditions_that_do_not_fit_the_key_are_refused() {
    let values = || json!({":s": {"S": "s"}, ":n": {"N": "1"}});
    let wrong_type = "One or more parameter values were invalid: Condition parameter type does not match schema type";
    for (expression, with_sort, text) in [
        ("a > :s", false, "Query key condition not supported"),
        ("begins_with(a, :s)", false, "Query key condition not supported"),
        ("a = :s AND b = :s", false, "Query key condition not supported"),
        (":n > a", false, wrong_type),
        ("a = :s AND b = :n", true, wrong_type),
        ("z = :s", true, "Query condition missed key schema element: a"),
        ("a = :s AND c = :s", true, "Query condition missed key schema element: b"),
    ] {
        assert_eq!(range(expression, values(), with_sort).unwrap_err(), text, "{expression}");
    }
}

#[test]
fn the_end_of_a_prefix_is_the_next_prefix() {
    let end = |bytes: &[u8]| SortCondition::BeginsWith(Value::B(bytes.to_vec())).range().1;
    assert_eq!(end(b"ab"), Bound::Excluded(b"ac".to_vec()));
    assert_eq!(end(&[1, 255, 255]), Bound::Excluded(vec![2]));
    assert_eq!(end(&[255, 255]), Bound::Unbounded);
    assert_eq!(end(&[]), Bound::Unbounded);
}

proptest! {
    #[test]
    fn the_range_holds_just_the_keys_that_meet_the_condition(key in "[a-c\u{ff}]{0,3}", bound in "[a-c\u{ff}]{0,3}") {
        let (value, limit) = (text(&key), text(&bound));
        prop_assert_eq!(SortCondition::Equal(limit.clone()).matches(&value), key == bound);
        prop_assert_eq!(SortCondition::Less(limit.clone()).matches(&value), key < bound);
        prop_assert_eq!(SortCondition::GreaterOrEqual(limit.clone()).matches(&value), key >= bound);
        prop_assert_eq!(SortCondition::BeginsWith(limit).matches(&value), key.starts_with(&bound));
    }
}
