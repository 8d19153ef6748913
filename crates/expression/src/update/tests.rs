use super::*;
use crate::testing::{bindings, item};
use proptest::prelude::*;
use serde_json::json;

fn values() -> serde_json::Value {
    json!({
        ":a": {"S": "a"}, ":n": {"N": "1"}, ":b": {"B": "YQ=="}, ":t": {"BOOL": false},
        ":u": {"NULL": true}, ":ss": {"SS": ["a"]}, ":ns": {"NS": ["1"]}, ":m": {"M": {}},
        ":l": {"L": [{"N": "9"}]}, ":big": {"N": "1e50"},
    })
}

fn parse(text: &str) -> Result<Update, Error> {
    let names = json!({"#a": "a", "#c": "c", "#d": "[3]"});
    Update::parse(text, &mut bindings(names, values()))
}

fn refused(text: &str) -> String {
    let error = parse(text).expect_err(text).to_string();
    error.strip_prefix("Invalid UpdateExpression: ").expect("the parameter comes first").to_owned()
}

fn applied(text: &str, before: serde_json::Value) -> Result<Item, Error> {
    let mut item = item(before);
    parse(text).unwrap_or_else(|e| panic!("{text}: {e}")).apply(&mut item)?;
    Ok(item)
}

#[test]
fn updates_change_items_as_dynamodb_does() {
    let list = |texts: &[&str]| json!({"L": texts.iter().map(|text| json!({"S": text})).collect::<Vec<_>>()});
    for (text, before, after) in [
        ("SET x = :a", json!({}), json!({"x": {"S": "a"}})),
        (
            "set x = y, y = x",
            json!({"x": {"N": "1"}, "y": {"N": "2"}}),
            json!({"x": {"N": "2"}, "y": {"N": "1"}}),
        ),
        ("SET x = x + :n", json!({"x": {"N": "4"}}), json!({"x": {"N": "5"}})),
        ("SET x = (:n - x)", json!({"x": {"N": "4"}}), json!({"x": {"N": "-3"}})),
        (
            "SET x = ((m.c.d)+(:n))",
            json!({"m": {"M": {"c": {"M": {"d": {"N": "1"}}}}}}),
            json!({"x": {"N": "2"}, "m": {"M": {"c": {"M": {"d": {"N": "1"}}}}}}),
        ),
        ("SET x = if_not_exists(x, :n)", json!({"x": {"S": "old"}}), json!({"x": {"S": "old"}})),
        ("SET x = if_not_exists(x, :n) + :n", json!({}), json!({"x": {"N": "2"}})),
        ("SET x = if_not_exists(y, if_not_exists(z, :n))", json!({}), json!({"x": {"N": "1"}})),
        (
            "SET x = list_append(if_not_exists(x, :l), :l)",
            json!({}),
            json!({"x": {"L": [{"N": "9"}, {"N": "9"}]}}),
        ),
        ("SET m.#a = :a", json!({"m": {"M": {}}}), json!({"m": {"M": {"a": {"S": "a"}}}})),
        (
            "SET x[1] = :a, x[9] = :n, x[7] = :t",
            json!({"x": list(&["0", "1"])}),
            json!({"x": {"L": [{"S": "0"}, {"S": "a"}, {"BOOL": false}, {"N": "1"}]}}),
        ),
        (
            "REMOVE x[0], x[2], x[9]",
            json!({"x": list(&["0", "1", "2", "3"])}),
            json!({"x": list(&["1", "3"])}),
        ),
        (
            "REMOVE x[1] SET x[2] = :a, x[5] = :a",
            json!({"x": list(&["0", "1", "2"])}),
            json!({"x": list(&["0", "a", "a"])}),
        ),
        ("SET x[5] = :a REMOVE x[1]", json!({"x": list(&["0"])}), json!({"x": list(&["0", "a"])})),
        ("REMOVE x, nope", json!({"x": {"S": "a"}, "y": {"S": "b"}}), json!({"y": {"S": "b"}})),
        (
            "REMOVE m.k",
            json!({"m": {"M": {"k": {"S": "a"}, "l": {"S": "b"}}}}),
            json!({"m": {"M": {"l": {"S": "b"}}}}),
        ),
        ("ADD x :n, y :ss", json!({}), json!({"x": {"N": "1"}, "y": {"SS": ["a"]}})),
        (
            "ADD x :n, y :ss",
            json!({"x": {"N": "2"}, "y": {"SS": ["a", "b"]}}),
            json!({"x": {"N": "3"}, "y": {"SS": ["a", "b"]}}),
        ),
        ("DELETE y :ss", json!({"y": {"SS": ["a", "b"]}}), json!({"y": {"SS": ["b"]}})),
        ("DELETE y :ss, z :ss", json!({"y": {"SS": ["a"]}}), json!({})),
    ] {
        assert_eq!(applied(text, before).unwrap(), item(after), "{text}");
    }
}

#[test]
fn an_update_that_does_not_fit_the_item_is_refused_and_changes_nothing() {
    let before = || json!({"s": {"S": "a"}, "n": {"N": "1"}, "ns": {"NS": ["1"]}, "m": {"M": {}}, "l": {"L": []}});
    for (error, texts) in [
        (
            Error::UpdatePath,
            &[
                "SET y.a = :a",
                "SET s.a = :a",
                "SET l.#a = :a",
                "SET m[0] = :a",
                "REMOVE y.a",
                "REMOVE y[1]",
                "REMOVE m[0]",
                "ADD y.a :ss",
                "DELETE y.a :ss",
                "DELETE l.#a :ss",
            ][..],
        ),
        (
            Error::UpdateOperand,
            &[
                "ADD s :n",
                "ADD ns :n",
                "ADD n :ss",
                "DELETE s :ss",
                "DELETE ns :ss",
                "SET x = s + :n",
                "SET x = m - :n",
                "SET x = list_append(ns, :l)",
            ],
        ),
        (
            Error::UpdateMissing,
            &[
                "SET x = y",
                "SET x = list_append(y, :l)",
                "SET x = y + :n",
                "SET x = if_not_exists(y, z)",
            ],
        ),
        (Error::NumberOverflow, &["SET x = n + :big", "ADD n :big"]),
    ] {
        for text in texts {
            let mut subject = item(before());
            assert_eq!(parse(text).unwrap().apply(&mut subject), Err(error.clone()), "{text}");
            assert_eq!(subject, item(before()), "{text}");
        }
    }
}

#[test]
fn an_update_can_not_make_a_document_too_deep() {
    let chain =
        |wraps: usize| (0..wraps).fold(json!({"M": {}}), |inner, _| json!({"M": {"k": inner}}));
    let path = format!("SET a{} = :m", ".k".repeat(31));
    assert!(applied(&path, json!({"a": chain(30)})).is_ok());
    let path = format!("SET a{} = :l", ".k".repeat(31));
    assert_eq!(applied(&path, json!({"a": chain(30)})), Err(Error::TooDeep));
}

#[test]
fn the_deepest_update_fits_a_small_stack() {
    let nested = |depth: usize| {
        format!("SET x = {}a{}", "if_not_exists(y, ".repeat(depth), ")".repeat(depth))
    };
    let run = move || {
        let found = applied(&nested(100), json!({"a": {"N": "1"}})).unwrap();
        assert_eq!(found["x"], Value::N(1u64.into()));
        assert_eq!(
            refused(&nested(101)),
            "The expression is nested too deeply; nesting levels: 101"
        );
    };
    std::thread::Builder::new().stack_size(1 << 20).spawn(run).unwrap().join().unwrap();
}

#[test]
fn what_an_update_wrote_is_cut_out_of_the_item() {
    let mut subject = item(
        json!({"m": {"M": {"a": {"N": "1"}, "b": {"N": "2"}}}, "x": {"S": "old"}, "y": {"S": "y"}}),
    );
    let update = parse("SET m.#a = :a, z = :n REMOVE x").unwrap();
    let old = update.changes().project(&subject);
    let new = update.apply(&mut subject).unwrap().project(&subject);
    assert_eq!(old, item(json!({"m": {"M": {"a": {"N": "1"}}}, "x": {"S": "old"}})));
    assert_eq!(new, item(json!({"m": {"M": {"a": {"S": "a"}}}, "z": {"N": "1"}})));
    let targets: Vec<_> = update.targets().map(Path::attribute).collect();
    assert_eq!(targets, ["m", "z", "x"]);
}

#[test]
fn a_syntax_error_names_the_token_and_what_is_around_it() {
    for (text, token, near) in [
        ("INVALID SYNTAX HERE", "INVALID", "INVALID SYNTAX"),
        ("ADD hits : incr", ":", "hits : incr"),
        ("SET a = :a, set b = :b", "set", ", set b"),
        ("SET x = :a,", "<EOF>", ","),
        ("SET _123 = :a", "_", "SET _123"),
        ("set a", "<EOF>", "a"),
        ("set a=set", "set", "=set"),
        ("remove a = b", "=", "a = b"),
        ("delete a if_not_exist(b)", "if_not_exist", "a if_not_exist("),
        ("set :a = b", ":a", "set :a ="),
        ("set a = b / c", "/", "b / c"),
        ("set a[1] = \"eight\"", "\"", "= \"eight"),
        ("SET a = if_not_exist(a, 100)", "100", ", 100)"),
        ("set (a = (b + c))", "(", "set (a"),
        ("set a = (b.c).d + e", ".", ").d"),
        ("set a = b + c + d", "+", "c + d"),
    ] {
        let expected = format!("Syntax error; token: \"{token}\", near: \"{near}\"");
        assert_eq!(refused(text), expected, "{text}");
    }
}

#[test]
fn a_wrong_update_is_refused_with_the_official_text() {
    let two = |what: &str, one: &str, other: &str| {
        format!(
            "Two document paths {what} with each other; must remove or rewrite one of these paths; path one: {one}, path two: {other}"
        )
    };
    let operand = |function: &str, operand: &str| {
        format!(
            "Incorrect operand type for operator or function; operator or function: {function}, operand type: {operand}"
        )
    };
    let clause = |clause: &str, operand: &str| {
        format!(
            "Incorrect operand type for operator or function; operator: {clause}, operand type: {operand}, typeSet: ALLOWED_FOR_{clause}_OPERAND"
        )
    };
    for (text, problem) in [
        ("", "The expression can not be empty;".to_owned()),
        (" set #c = :c set abOrt = true ", "Attribute name is a reserved keyword; reserved keyword: abOrt".to_owned()),
        ("set #x = if_not_exist(:c) set c = d", "Invalid function name; function: if_not_exist".to_owned()),
        ("set a = size(b)", "The function is not allowed in an update expression; function: size".to_owned()),
        ("set a = #x set c = :d", "The \"SET\" section can only be used once in an update expression;".to_owned()),
        ("delete #x :e set a = b delete #e :f", "The \"DELETE\" section can only be used once in an update expression;".to_owned()),
        ("SET #x = if_not_exists(:c)", "An expression attribute name used in the document path is not defined; attribute name: #x".to_owned()),
        ("SET #a = if_not_exists(:c)", "An expression attribute value used in expression is not defined; attribute value: :c".to_owned()),
        ("set d[1] = a, d.b = a, c[1].a = a, #c = if_not_exists(a)", two("overlap", "[c, [1], a]", "[c]")),
        ("set #c[3].#d = a, #c[3] = a", two("overlap", "[c, [3], [3]]", "[c, [3]]")),
        ("set #c[3].#d = a, #c.#d[3] = if_not_exists(a)", two("conflict", "[c, [3], [3]]", "[c, [3], [3]]")),
        ("set b = list_append(:a, a), c = if_not_exists(a) add a.b :a", clause("ADD", "STRING")),
        ("delete a.b :n", clause("DELETE", "NUMBER")),
        ("add a.b :l", clause("ADD", "LIST")),
        ("set a = if_not_exists(c)", "Incorrect number of operands for operator or function; operator or function: if_not_exists, number of operands: 1".to_owned()),
        ("set a = if_not_exists(if_not_exists(a, b), c)", "Operator or function requires a document path; operator or function: if_not_exists".to_owned()),
        ("set a = list_append(:a, a)", operand("list_append", "S")),
        ("set a = list_append(a, :ns)", operand("list_append", "NS")),
        ("set a = :a + :b", operand("+", "S")),
        ("set a = a - :t", operand("-", "BOOL")),
        ("set a = a - :m", operand("-", "M")),
    ] {
        assert_eq!(refused(text), problem, "{text}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_or_the_update_panic(text in r"(SET |REMOVE |ADD |DELETE )?([a-c]|#a|:n|:ss|:l|\(|\)|if_not_exists|list_append|SET |REMOVE |ADD |DELETE |=|\+|-|\.|\[|\]|1|,| |é){0,30}") {
        if let Ok(update) = parse(&text) {
            let mut subject = item(json!({"a": {"N": "1"}, "b": {"L": [{"S": "x"}]}, "c": {"M": {"a": {"SS": ["a"]}}}}));
            let _ = update.apply(&mut subject);
        }
    }

    #[test]
    fn any_update_of_list_members_keeps_the_others(set in proptest::collection::btree_set(0usize..8, 0..4), removed in proptest::collection::btree_set(0usize..8, 0..4)) {
        let removed: Vec<_> = removed.difference(&set).collect();
        let mut text = String::new();
        for (at, index) in set.iter().enumerate() {
            text += &format!("{} x[{index}] = :a", if at == 0 { "SET" } else { "," });
        }
        for (at, index) in removed.iter().enumerate() {
            text += &format!("{} x[{index}]", if at == 0 { " REMOVE" } else { "," });
        }
        prop_assume!(!text.is_empty());
        let before = json!({"x": {"L": (0..5).map(|n| json!({"N": n.to_string()})).collect::<Vec<_>>()}});
        let mut expected: Vec<_> = (0..5).filter(|at| !removed.contains(&at)).map(|at| if set.contains(&at) { "a".to_owned() } else { at.to_string() }).collect();
        expected.extend(set.iter().filter(|at| **at >= 5).map(|_| "a".to_owned()));
        let after = applied(&text, before).unwrap();
        let Value::L(list) = &after["x"] else { unreachable!() };
        let found: Vec<_> = list.iter().map(|v| match v { Value::S(s) => s.clone(), Value::N(n) => n.to_string(), _ => unreachable!() }).collect();
        prop_assert_eq!(found, expected);
    }
}
