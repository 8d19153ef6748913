//! The tuple codec: its bytes, which are permanent, and its order.

use kv::{Error, KeyBuilder, KeyReader, Stamp, Tag};
use proptest::prelude::*;

const TAG: Tag = Tag(0x0a0b);

#[test]
fn the_bytes_of_every_element_are_permanent() {
    let key = KeyBuilder::new(TAG)
        .str("a\0b")
        .bytes(&[0xff, 0x00])
        .u8(7)
        .bool(true)
        .u64(0x0102_0304_0506_0708)
        .i64(-1)
        .i64(1)
        .fixed16(&[0x11; 16])
        .stamp(Stamp::new(2, 3))
        .build();
    let golden = concat!(
        "0a0b",
        "6100ff620000",
        "ff00ff0000",
        "07",
        "01",
        "0102030405060708",
        "7fffffffffffffff",
        "8000000000000001",
        "11111111111111111111111111111111",
        "00000000000000020003",
    );
    let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(hex, golden);
}

#[test]
fn what_is_no_such_key_is_corrupt() {
    let corrupt = |result: Result<(), Error>| assert!(matches!(result, Err(Error::Corrupt(_))));
    corrupt(KeyReader::new(TAG, b"\x0a").map(drop));
    corrupt(KeyReader::new(TAG, b"\x0a\x0c").map(drop));
    let read = |bytes: &'static [u8]| KeyReader::new(Tag(0), bytes).unwrap();
    corrupt(read(b"\0\0abc").str().map(drop));
    corrupt(read(b"\0\0a\0\x01").bytes().map(drop));
    corrupt(read(b"\0\0\xff\0\0").str().map(drop));
    corrupt(read(b"\0\0\x02").bool().map(drop));
    corrupt(read(b"\0\0\x02").u64().map(drop));
    corrupt(read(b"\0\0\x02").finish());
}

#[test]
fn a_tags_range_holds_its_keys_and_no_others() {
    let range = TAG.range();
    assert!(range.contains(&KeyBuilder::new(TAG).bytes(&[0xff; 40]).build()));
    assert!(!range.contains(&KeyBuilder::new(Tag(0x0a0c)).build()));
    assert!(!range.contains(&KeyBuilder::new(Tag(0x0a0a)).bytes(&[0xff; 40]).build()));
}

type Tuple = (String, Vec<u8>, u64, i64, bool, u8, [u8; 16]);

fn tuple() -> impl Strategy<Value = Tuple> {
    // Few distinct bytes, so that equal and nested elements are common.
    let byte = prop_oneof![Just(0u8), Just(1), Just(0xfe), Just(0xff), any::<u8>()];
    (
        "[\\x00\\x01a\u{ff}]{0,3}",
        proptest::collection::vec(byte, 0..3),
        prop_oneof![0u64..3, any::<u64>()],
        prop_oneof![-2i64..3, any::<i64>()],
        any::<bool>(),
        any::<u8>(),
        any::<[u8; 16]>(),
    )
}

fn build(t: &Tuple) -> kv::Key {
    KeyBuilder::new(TAG)
        .str(&t.0)
        .bytes(&t.1)
        .u64(t.2)
        .i64(t.3)
        .bool(t.4)
        .u8(t.5)
        .fixed16(&t.6)
        .build()
}

proptest! {
    #[test]
    fn keys_order_as_their_tuples(a in tuple(), b in tuple()) {
        prop_assert_eq!(build(&a).cmp(&build(&b)), a.cmp(&b));
    }

    #[test]
    fn a_key_reads_back_as_its_tuple(t in tuple()) {
        let key = build(&t);
        let mut reader = KeyReader::new(TAG, &key).unwrap();
        prop_assert_eq!(reader.str().unwrap(), t.0);
        prop_assert_eq!(reader.bytes().unwrap(), t.1);
        prop_assert_eq!(reader.u64().unwrap(), t.2);
        prop_assert_eq!(reader.i64().unwrap(), t.3);
        prop_assert_eq!(reader.bool().unwrap(), t.4);
        prop_assert_eq!(reader.u8().unwrap(), t.5);
        prop_assert_eq!(reader.fixed16().unwrap(), t.6);
        reader.finish().unwrap();
    }

    #[test]
    fn a_prefix_range_holds_just_the_strings_that_begin_with_it(
        prefix in "[\\x00ab]{0,2}", text in "[\\x00ab]{0,3}",
    ) {
        let range = KeyBuilder::new(TAG).str_prefix(&prefix).range();
        let key = KeyBuilder::new(TAG).str(&text).build();
        prop_assert_eq!(range.contains(&key), text.starts_with(&prefix));
    }
}
