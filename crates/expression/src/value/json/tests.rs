use super::*;
use proptest::prelude::*;
use serde_json::json;

fn received(json: serde_json::Value) -> Result<Received, String> {
    serde_json::from_str(&json.to_string())
        .map_err(|e: serde_json::Error| e.to_string().split(" at line").next().unwrap().to_owned())
}

fn nested(wraps: usize) -> serde_json::Value {
    (0..wraps).fold(json!({"S": "leaf"}), |inner, at| {
        if at % 2 == 0 { json!({"M": {"n": inner}}) } else { json!({"L": [inner]}) }
    })
}

#[test]
fn a_value_of_every_type_reads_and_writes_the_same_json() {
    for json in [
        json!({"S": ""}),
        json!({"N": "-1.5"}),
        json!({"B": "AAEC"}),
        json!({"BOOL": false}),
        json!({"NULL": true}),
        json!({"L": [{"S": "a"}, {"L": []}]}),
        json!({"M": {"": {"N": "1"}, "m": {"M": {}}}}),
        json!({"SS": ["a", "b"]}),
        json!({"NS": ["-1", "2.5"]}),
        json!({"BS": ["AA==", "AQ=="]}),
    ] {
        let value = received(json.clone()).unwrap().check().unwrap();
        assert_eq!(serde_json::to_value(&value).unwrap(), json);
        assert_eq!(serde_json::from_value::<Value>(json).unwrap(), value);
    }
}

#[test]
fn an_invalid_value_is_refused_with_the_official_text() {
    let invalid = "One or more parameter values were invalid: ";
    let empty =
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes";
    for (json, text) in [
        (json!({}), empty.to_owned()),
        (json!({"X": "unknown"}), empty.to_owned()),
        (json!({"S": null}), empty.to_owned()),
        (
            json!({"S": "a", "N": "1"}),
            "Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes".to_owned(),
        ),
        (json!({"S": "a", "N": "b"}), "The parameter cannot be converted to a numeric value: b".to_owned()),
        (json!({"N": ""}), "The parameter cannot be converted to a numeric value".to_owned()),
        (json!({"NULL": false}), format!("{invalid}Null attribute value types must have the value of true")),
        (json!({"SS": []}), format!("{invalid}An string set  may not be empty")),
        (json!({"NS": []}), format!("{invalid}An number set  may not be empty")),
        (json!({"BS": []}), format!("{invalid}Binary sets should not be empty")),
        (json!({"SS": ["b", "a", "b"]}), format!("{invalid}Input collection [b, a, b] contains duplicates.")),
        (json!({"NS": ["1", "1.0"]}), "Input collection contains duplicates".to_owned()),
        (json!({"BS": ["Yg==", "Yg=="]}), format!("{invalid}Input collection [Yg==, Yg==]of type BS contains duplicates.")),
        (json!({"L": [{"S": "a"}, {"N": "x"}]}), "The parameter cannot be converted to a numeric value: x".to_owned()),
        (json!({"M": {"a": {}}}), empty.to_owned()),
    ] {
        let error = received(json.clone()).unwrap().check().unwrap_err();
        assert_eq!(error.to_string(), text, "{json}");
    }
}

#[test]
fn a_value_of_the_wrong_shape_fails_the_deserializer() {
    for (json, text) in [
        (json!("a"), "Unexpected value type in payload"),
        (
            json!([]),
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.AttributeValue",
        ),
        (json!({"S": true}), "TRUE_VALUE cannot be converted to String"),
        (json!({"S": 1}), "NUMBER_VALUE cannot be converted to String"),
        (json!({"N": 1.5}), "DECIMAL_VALUE cannot be converted to String"),
        (json!({"S": ["a"]}), "Unrecognized collection type class java.lang.String"),
        (json!({"S": {"a": 1}}), "Start of structure or map found where not expected"),
        (json!({"B": true}), "only base-64-encoded strings are convertible to bytes"),
        (
            json!({"B": "abc"}),
            "Base64 encoded length is expected a multiple of 4 bytes but found: 3",
        ),
        (json!({"B": "abc?"}), "Invalid last non-pad Base64 character dectected"),
        (json!({"BOOL": 1}), "NUMBER_VALUE cannot be converted to Boolean"),
        (json!({"BOOL": "abc"}), "Unexpected token received from parser"),
        (json!({"L": "a"}), "Unexpected field type"),
        (json!({"SS": {"a": 1}}), "Start of structure or map found where not expected"),
        (json!({"M": "a"}), "Unexpected field type"),
    ] {
        assert_eq!(received(json.clone()).unwrap_err(), text, "{json}");
    }
}

#[test]
fn a_document_ends_at_level_32() {
    let deepest = received(nested(31)).unwrap().check().unwrap();
    assert_eq!(deepest.depth(), limits::MAX_DEPTH);
    for wraps in [32, 40] {
        assert_eq!(received(nested(wraps)).unwrap().check(), Err(Error::TooDeep), "{wraps}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in r#"[\{\}\[\]":,SNBMLOUtruefalsenull0-9 ]{0,80}"#) {
        let _ = serde_json::from_str::<Received>(&text);
    }
}

#[test]
fn an_item_of_a_request_is_whole_or_says_what_is_wrong() {
    let read = |json| serde_json::from_value::<ReceivedItem>(json);
    let valid = read(json!({"a": {"S": "x"}, "b": {"N": "1"}})).unwrap();
    assert_eq!(valid.check().unwrap().len(), 2);
    let wrong = read(json!({"a": {"S": "x"}, "b": {"N": "x"}, "c": {}})).unwrap();
    assert_eq!(
        wrong.check().unwrap_err().to_string(),
        "The parameter cannot be converted to a numeric value: x"
    );
    assert!(read(json!({"a": "x"})).is_err());
    // An item has as many levels below its attributes as a value by itself.
    assert!(read(json!({"a": nested(31)})).unwrap().check().is_ok());
    assert!(read(json!({"a": nested(32)})).unwrap().check().is_err());
}
