use super::*;
use crate::testing::{bindings, item};
use proptest::prelude::*;
use serde_json::json;

fn parse(
    text: &str,
    names: serde_json::Value,
    values: serde_json::Value,
) -> Result<Condition, String> {
    Condition::parse(text, Kind::Filter, &mut bindings(names, values)).map_err(|e| e.to_string())
}

fn refused(text: &str, names: serde_json::Value, values: serde_json::Value) -> String {
    let error = parse(text, names, values).expect_err(text);
    error.strip_prefix("Invalid FilterExpression: ").expect("the parameter comes first").to_owned()
}

fn subject() -> Item {
    item(json!({
        "n": {"N": "5"}, "s": {"S": "hello"}, "b": {"B": "aGkgdGhlcmU="},
        "t": {"BOOL": true}, "u": {"NULL": true},
        "ns": {"NS": ["2", "4", "7"]}, "ss": {"SS": ["a", "b"]},
        "l": {"L": [{"N": "2"}, {"SS": ["x", "y"]}, {"L": [{"S": "in"}]}]},
        "m": {"M": {"x": {"N": "1"}, "y": {"L": [{"N": "-1"}, {"N": "2"}]}}},
    }))
}

fn values() -> serde_json::Value {
    json!({
        ":5": {"N": "5.0"}, ":4": {"N": "4"}, ":9": {"N": "9"}, ":h": {"S": "he"}, ":z": {"S": "z"},
        ":here": {"B": "aGVyZQ=="}, ":hi": {"B": "aGk="}, ":xy": {"SS": ["y", "x"]},
        ":ba": {"SS": ["b", "a"]}, ":N": {"S": "N"}, ":0": {"N": "0"},
    })
}

#[test]
fn conditions_hold_as_dynamodb_says() {
    for holds in [
        "n = :5",
        "n <> :4",
        "n > :4",
        "n >= :5",
        "n < :9",
        "n <= :5",
        ":4 < n",
        "n <> :z",
        "nope <> :5",
        "nope <> nada",
        "n between :4 and :9",
        "n BETWEEN :5 AND :5",
        "s IN (:h, s2, :5, s3) OR n IN (:4, :5)",
        "ss = :ba",
        "NOT n = :4",
        "NOT NOT n = :5",
        "n = :4 OR n = :5 AND s > :h",
        "(n = :4 OR n = :5) AND (s > :h)",
        "attribute_exists(m.y[1])",
        "attribute_not_exists(m.y[2])",
        "attribute_exists (n)",
        "attribute_type(n, :N)",
        "attribute_type(:5, :N)",
        "begins_with(s, :h)",
        "begins_with(b, :hi)",
        "contains(s, :h)",
        "contains(b, :here)",
        "contains(ns, :4)",
        "contains(l, :xy)",
        "size(s) = :5",
        "size(m) < n",
        "size(ns) between :0 and :4",
        "m.x < m.y[1]",
        "(n) > :4",
        "n > (:4)",
        "((n) > :4)",
        "(m.y)[1] > :0",
        "size((s)) = (n)",
    ] {
        let condition =
            parse(holds, json!(null), values()).unwrap_or_else(|e| panic!("{holds}: {e}"));
        assert!(condition.eval(&subject()), "{holds}");
    }
}

#[test]
fn conditions_fail_as_dynamodb_says() {
    for fails in [
        "n = :4",
        "nope = :5",
        "nope = nada",
        "nope < nada",
        "n < :z",
        "t = u",
        "l < :4",
        "nope between a1 and a2",
        "n between l and :9",
        "nope IN (:5)",
        "attribute_exists(m.z)",
        "attribute_type(nope, :N)",
        "begins_with(n, :h)",
        "contains(n, :5)",
        "contains(s, :4)",
        "contains(ns, :z)",
        "size(n) = :5",
        "size(t) <= :5",
        "size(s) = :z",
        "n = :5 AND n = :4",
        "NOT n = :5 AND n = :5",
    ] {
        let condition =
            parse(fails, json!(null), values()).unwrap_or_else(|e| panic!("{fails}: {e}"));
        assert!(!condition.eval(&subject()), "{fails}");
    }
}

#[test]
fn a_syntax_error_names_the_token_and_what_is_around_it() {
    for (text, token, near) in [
        ("things are not gonna be ok", "are", "things are not"),
        ("a > 4", "4", "> 4"),
        ("foo", "<EOF>", "foo"),
        ("a =", "<EOF>", "="),
        ("attribute_exists(Pictures-RearView)", "-", "Pictures-RearView"),
        ("attribute_exists(\"P\")", "\"", "(\"P"),
        ("attribute_exists(Pictures..RearView)", ".", "..RearView"),
        ("attribute_exists(asdf[a])", "a", "[a]"),
        ("a in b, c", "b", "in b,"),
        ("a > between", "between", "> between"),
        ("a in (b,c,)", ")", ",)"),
        ("a IN ()", ")", "()"),
        ("#$.b > a", "#", "#$"),
        ("a > :things.stuff", ".", ":things.stuff"),
        ("b[:a] > a", ":a", "[:a]"),
        ("ü > a", "ü", "ü >"),
        ("_a > b", "_", "_a"),
        ("size(a).b > a", ".", ").b"),
        ("(size(a))[0] > a", "[", ")[0"),
        ("(a)between(b.c.d)and((c)", "<EOF>", ")"),
        ("a AND b = c", "AND", "a AND b"),
        ("(a) AND b = c", "AND", ") AND b"),
        ("NOT a", "<EOF>", "a"),
        ("(a = b) = c", "=", ") = c"),
    ] {
        let expected = format!("Syntax error; token: \"{token}\", near: \"{near}\"");
        assert_eq!(refused(text, json!(null), json!(null)), expected, "{text}");
    }
}

#[test]
fn redundant_parentheses_are_refused() {
    for text in [
        "a=a and a > ((views))",
        "(a)between(((b.c)).d)and(c)",
        "a > whatever((:things), ((a)))",
        "a=a AND ((a=a AND a=a)) AND a=a",
        "a=a AND ((a=a AND (a=a AND a=a)))",
        "((a = b))",
    ] {
        let problem = refused(text, json!(null), json!(null));
        assert_eq!(problem, "The expression has redundant parentheses;", "{text}");
    }
    for text in ["(a = b) AND (c = d)", "((a = b) AND (c = d))", "(a = b OR (c = d))"] {
        assert!(parse(text, json!(null), json!(null)).is_ok(), "{text}");
    }
}

#[test]
fn functions_reserved_words_and_unknown_names_are_refused_in_order() {
    let misused = "The function is not allowed to be used this way in an expression; function: ";
    let reserved = "Attribute name is a reserved keyword; reserved keyword: ";
    let name =
        "An expression attribute name used in the document path is not defined; attribute name: ";
    let value =
        "An expression attribute value used in expression is not defined; attribute value: ";
    let count = "Incorrect number of operands for operator or function; operator or function: ";
    for (text, problem) in [
        ("a=a and whatever((:things)) > a", "Invalid function name; function: whatever".to_owned()),
        (
            "attRIbute_exIsts((views), #a)",
            "Invalid function name; function: attRIbute_exIsts".to_owned(),
        ),
        (
            "list_append(a, b) = c",
            "The function is not allowed in a condition expression; function: list_append"
                .to_owned(),
        ),
        ("a=a and attribute_exists((views), (#a)) > b", format!("{misused}attribute_exists")),
        ("contains(:things, c) > b", format!("{misused}contains")),
        ("size(contains(a, b)) > a", format!("{misused}contains")),
        ("size(things)", format!("{misused}size")),
        ("a between b and attribute_exists(things)", format!("{misused}attribute_exists")),
        ("a in (b, attribute_exists(things))", format!("{misused}attribute_exists")),
        ("attribute_exists(views, #a)", format!("{reserved}views")),
        (":a < abOrT", format!("{reserved}abOrT")),
        ("attribute_exists(#Pictures.RearView, :a) and a=a", format!("{name}#Pictures")),
        ("begins_with(Pictures.#RearView)", format!("{name}#RearView")),
        ("(a)between(b.c[45].#d)and(:a)", format!("{name}#d")),
        ("begins_with(:hello, #a, #b)", format!("{value}:hello")),
        (":a < :b", format!("{value}:a")),
        (
            "attribute_exists(things, a) and a=a",
            format!("{count}attribute_exists, number of operands: 2"),
        ),
        ("begins_with(things, size(a), b)", format!("{count}begins_with, number of operands: 3")),
        ("size(things, a) > b", format!("{count}size, number of operands: 2")),
    ] {
        assert_eq!(refused(text, json!(null), json!(null)), problem, "{text}");
    }
}

#[test]
fn an_operator_does_not_take_the_same_path_twice() {
    for (text, operator, path) in [
        ("a = a AND #a = b AND :views > a", "=", "[a]"),
        ("#a <> a", "<>", "[a]"),
        ("((a=a) OR (a=a))", "=", "[a]"),
        ("contains(ab.bc[1].a, ab.bc[1].#a)", "contains", "[ab, bc, [1], a]"),
        ("a IN (b, #a)", "IN", "[a]"),
    ] {
        let expected = format!(
            "The first operand must be distinct from the remaining operands for this operator or function; operator: {operator}, first operand: {path}"
        );
        assert_eq!(refused(text, json!({"#a": "a"}), json!(null)), expected, "{text}");
    }
}

#[test]
fn constants_of_the_wrong_type_are_refused() {
    for (text, function, value) in [
        ("attribute_type(a, size(a)) and a=:a", "attribute_type", json!({"N": "1"})),
        ("attribute_type(a, :a)", "attribute_type", json!({"L": []})),
        ("begins_with(a, size(a)) and a=:a", "begins_with", json!({"N": "1"})),
        ("begins_with(a, :a)", "begins_with", json!({"SS": ["1"]})),
        ("begins_with(:a, a)", "begins_with", json!({"NULL": true})),
        ("size(size(a)) > :a", "size", json!({"N": "1"})),
        ("attribute_not_exists(size(:a))", "size", json!({"N": "1"})),
        ("size(:a) > a", "size", json!({"BOOL": true})),
        ("a < :a", "<", json!({"BOOL": true})),
        (":a >= a", ">=", json!({"L": []})),
        ("a BETWEEN :a AND b", "BETWEEN", json!({"M": {}})),
    ] {
        let key = value.as_object().unwrap().keys().next().unwrap().clone();
        let problem = refused(text, json!(null), json!({":a": value}));
        assert_eq!(
            problem,
            format!(
                "Incorrect operand type for operator or function; operator or function: {function}, operand type: {key}"
            ),
            "{text}"
        );
    }
    for (text, problem) in [
        (
            "attribute_exists(:a) and a=a",
            "Operator or function requires a document path; operator or function: attribute_exists",
        ),
        (
            "attribute_not_exists(size(:a))",
            "Operator or function requires a document path; operator or function: attribute_not_exists",
        ),
        (
            "attribute_type(a, :a)",
            "Invalid attribute type name found; type: 1, valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}",
        ),
        (
            "a between :a and :n",
            "The BETWEEN operator requires same data type for lower and upper bounds; lower bound operand: AttributeValue: {S:1}, upper bound operand: AttributeValue: {N:1}",
        ),
        (
            "a between :n and :m",
            "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; lower bound operand: AttributeValue: {N:1}, upper bound operand: AttributeValue: {N:0}",
        ),
    ] {
        let values = json!({":a": {"S": "1"}, ":n": {"N": "1"}, ":m": {"N": "0"}});
        assert_eq!(refused(text, json!(null), values), problem, "{text}");
    }
}

#[test]
fn a_condition_is_bounded() {
    let nested = |depth: usize| format!("a<b {}{}", "or (a<b ".repeat(depth), ")".repeat(depth));
    assert!(parse(&nested(149), json!(null), json!(null)).is_ok());
    let too_many = "The expression contains too many operators; operator count: 301";
    for text in [nested(200), format!("{}a<b", "not ".repeat(1000))] {
        assert_eq!(refused(&text, json!(null), json!(null)), too_many);
    }
    for text in ["(".repeat(4096), format!("{}a<b{}", "(".repeat(2000), ")".repeat(2000))] {
        assert_eq!(
            refused(&text, json!(null), json!(null)),
            "The expression has redundant parentheses;"
        );
    }
    for text in [
        format!("a<{}b{}", "size(".repeat(600), ")".repeat(600)),
        format!("a<{}b{}", "(".repeat(1000), ")".repeat(1000)),
    ] {
        assert_eq!(
            refused(&text, json!(null), json!(null)),
            "The expression is nested too deeply; nesting levels: 101"
        );
    }
    let members = |count: usize| format!("a IN (b{})", ",b".repeat(count - 1));
    assert!(parse(&members(100), json!(null), json!(null)).is_ok());
    assert_eq!(
        refused(&members(101), json!(null), json!(null)),
        "The IN operator is provided with too many operands; number of operands: 101"
    );
    assert_eq!(refused("", json!(null), json!(null)), "The expression can not be empty;");
}

#[test]
fn the_deepest_condition_fits_a_small_stack() {
    let run = || {
        let text = format!("{}a<b{}", "not (".repeat(299), ")".repeat(299));
        let condition = parse(&text, json!(null), json!(null)).unwrap();
        assert!(condition.clone().eval(&item(json!({"a": {"N": "2"}, "b": {"N": "1"}}))));
        let refused = format!("a<{}b{}", "f(".repeat(100), ")".repeat(100));
        assert!(parse(&refused, json!(null), json!(null)).is_err());
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn the_paths_of_a_condition_are_known() {
    let condition = parse("a.b = c AND NOT contains(d[1], e)", json!(null), json!(null)).unwrap();
    let paths: Vec<_> = condition.paths().iter().map(ToString::to_string).collect();
    assert_eq!(paths, ["[a, b]", "[c]", "[d, [1]]", "[e]"]);
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in r"([a-c]|#a|:v|\(|\)|size|contains| AND | OR | NOT | IN | BETWEEN |=|<>|<|>|\.|\[|\]|1|,| |é|_){0,40}") {
        if let Ok(condition) = parse(&text, json!({"#a": "a"}), json!({":v": {"N": "1"}})) {
            let _ = condition.eval(&item(json!({"a": {"N": "1"}, "b": {"L": [{"S": "x"}]}})));
        }
    }

    #[test]
    fn no_characters_make_the_parser_panic(text in ".{0,60}") {
        let _ = parse(&text, json!(null), json!(null));
    }
}
