use super::*;
use expression::limits::MAX_ITEM_BYTES;
use proptest::prelude::*;
use serde_json::json;

fn item(json: serde_json::Value) -> Item {
    serde_json::from_value(json).unwrap()
}

fn every_type() -> serde_json::Value {
    json!({
        "s": {"S": "a \"quoted\" é"}, "n": {"N": "-1.5"}, "b": {"B": "AAH/"},
        "t": {"BOOL": true}, "f": {"BOOL": false}, "z": {"NULL": true},
        "l": {"L": [{"S": ""}, {"L": []}, {"M": {"": {"N": "0"}}}]},
        "m": {"M": {"x": {"M": {}}, "y": {"NULL": true}}},
        "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["-3", "2"]}, "bs": {"BS": ["AA==", "AQ=="]},
    })
}

#[test]
fn an_item_of_every_type_reads_back_and_writes_its_json() {
    let item = item(every_type());
    let stored = Stored::encode(&item);
    assert_eq!(stored.decode().unwrap(), item);
    assert_eq!(stored.size(), item_bytes(&item));
    assert_eq!(serde_json::to_value(&stored).unwrap(), every_type());
    assert_eq!(serde_json::to_string(&stored).unwrap(), serde_json::to_string(&item).unwrap());
}

/// Written by version 1; must be readable for ever.
#[test]
fn the_bytes_of_version_1_are_still_read() {
    let bytes = hex::decode("011000000003016b000161016e010303830b017407010178060105");
    let stored = Stored::read(bytes.unwrap().into()).unwrap();
    let expected = json!({
        "k": {"S": "a"}, "n": {"N": "10"}, "t": {"M": {"x": {"L": [{"NULL": true}]}}},
    });
    assert_eq!(serde_json::to_value(stored.decode().unwrap()).unwrap(), expected);
    let again = Stored::encode(&item(expected));
    assert_eq!(hex::encode(again.as_value()), hex::encode(stored.as_value()));
}

#[test]
fn damaged_bytes_are_told_and_never_panic() {
    assert!(Stored::read(Bytes::new()).is_err());
    assert!(Stored::read(Bytes::from_static(b"\x02\0\0\0\0\0")).is_err());
    let whole = Stored::encode(&item(every_type())).as_value();
    for cut in HEADER..whole.len() {
        let stored = Stored::read(whole.slice(..cut)).unwrap();
        assert!(stored.decode().is_err(), "{cut}");
        assert!(serde_json::to_string(&stored).is_err(), "{cut}");
    }
}

#[test]
fn the_bulkiest_item_stays_far_below_the_stores_limit() {
    let fill = |value: Value, each: usize| {
        let list = vec![value; (MAX_ITEM_BYTES - 10) / each];
        Item::from([("k".to_owned(), Value::L(list))])
    };
    for item in [
        fill(Value::S(String::new()), 1),
        fill(Value::N("1E-130".parse().unwrap()), 3),
        fill(Value::N("-1".parse().unwrap()), 3),
    ] {
        assert!(item_bytes(&item) <= MAX_ITEM_BYTES);
        let bytes = Stored::encode(&item).stored_bytes();
        assert!(bytes < 1024 * 1024, "{bytes}");
    }
}

proptest! {
    #[test]
    fn any_text_and_bytes_read_back(name in ".{0,20}", text in ".{0,300}", bytes: Vec<u8>) {
        let item = Item::from([
            (name, Value::S(text)),
            ("bytes".to_owned(), Value::Bs([bytes].into())),
        ]);
        let stored = Stored::encode(&item);
        prop_assert_eq!(stored.decode().unwrap(), item.clone());
        prop_assert_eq!(serde_json::to_value(&stored).unwrap(), serde_json::to_value(&item).unwrap());
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(0u8..12, 0..60)) {
        let stored = Stored::read([&[VERSION, 0, 0, 0, 0][..], &bytes].concat().into()).unwrap();
        let _ = stored.decode();
        let _ = serde_json::to_string(&stored);
    }
}
