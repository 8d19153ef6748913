//! Limits are equal on every engine.

use kv::{Error, Key, Value, limits};

use crate::{Subject, store, value};

/// Exactly.
pub async fn a_key_and_a_value_at_their_limits_are_stored(engine: Subject) {
    let store = store(&engine);
    let longest = Key::from(vec![0xff; limits::KEY_BYTES]);
    let largest = Value::from(vec![7; limits::VALUE_BYTES]);
    let mut tx = store.begin();
    tx.put(longest.clone(), largest.clone()).unwrap();
    tx.commit().await.unwrap();
    assert_eq!(store.begin().get(&longest).await.unwrap(), Some(largest.clone()));
    let everything = kv::Range::prefix(b"");
    let last = store.begin().scan(&everything, kv::Scan::last(1)).await.unwrap();
    assert_eq!(last[0].key, longest);
    assert_eq!(last[0].value, largest);
}

/// By one.
pub async fn what_is_beyond_a_limit_is_refused(engine: Subject) {
    let store = store(&engine);
    let mut tx = store.begin();
    let long = Key::from(vec![0; limits::KEY_BYTES + 1]);
    let expected = Err(Error::KeyTooLarge { bytes: limits::KEY_BYTES + 1 });
    assert_eq!(tx.put(long.clone(), value("")), expected);
    assert_eq!(tx.delete(long.clone()), expected);
    assert_eq!(tx.add(long, 1), expected);
    let prefix = Key::from(vec![0; limits::KEY_BYTES - kv::Stamp::BYTES]);
    assert_eq!(tx.put_versionstamped(prefix, b"x", value("")), expected);
    assert_eq!(tx.put(Key::new(), value("")), Err(Error::KeyEmpty));
    let large = Value::from(vec![0; limits::VALUE_BYTES + 1]);
    let expected = Err(Error::ValueTooLarge { bytes: limits::VALUE_BYTES + 1 });
    assert_eq!(tx.put(Key::from_static(b"k"), large), expected);

    let mut tx = store.begin();
    let quarter = Value::from(vec![0; limits::VALUE_BYTES]);
    for number in 0..4u8 {
        tx.put(Key::from(vec![number]), quarter.clone()).unwrap();
    }
    let fifth = tx.put(Key::from_static(b"4"), quarter);
    assert!(matches!(fifth, Err(Error::TransactionTooLarge { .. })), "{fifth:?}");

    let mut tx = store.begin();
    for number in 0..limits::TRANSACTION_KEYS {
        tx.put(Key::from(number.to_be_bytes().to_vec()), value("")).unwrap();
    }
    let keys = limits::TRANSACTION_KEYS + 1;
    assert_eq!(tx.delete(Key::from_static(b"one more")), Err(Error::TooManyKeys { keys }));
}

/// Ten thousand keys, and nearly ten mebibytes.
pub async fn a_transaction_at_its_limits_is_stored(engine: Subject) {
    let store = store(&engine);
    let mut tx = store.begin();
    let bytes = limits::TRANSACTION_BYTES / limits::TRANSACTION_KEYS - 8;
    for number in 0..limits::TRANSACTION_KEYS {
        let content = Value::from(vec![u8::try_from(number % 251).unwrap(); bytes]);
        tx.put(Key::from((number as u64).to_be_bytes().to_vec()), content).unwrap();
    }
    tx.commit().await.unwrap();
    let mut tx = store.begin();
    let all = tx.scan(&kv::Range::prefix(b""), kv::Scan::first(20_000)).await.unwrap();
    assert_eq!(all.len(), limits::TRANSACTION_KEYS);
    for (number, entry) in all.iter().enumerate() {
        assert_eq!(entry.key[..], (number as u64).to_be_bytes());
        assert_eq!(entry.value.len(), bytes);
        assert!(entry.value.iter().all(|byte| usize::from(*byte) == number % 251));
    }
}
