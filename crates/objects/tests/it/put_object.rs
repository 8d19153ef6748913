use crate::common::{ask, count, create, create_versioned, fails, get, header, objects, ok, put};
use service::tag;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let headers = [
            ("content-type", "image/jpeg"),
            ("cache-control", "max-age=60"),
            ("content-language", "de"),
            ("x-amz-meta-Place", "Rome"),
            ("x-amz-tagging", "a=1&b=2"),
        ];
        let reply = ok(&bed, "PUT", "/photos/a%2Fb%20c", &headers, "hello").await;
        assert_eq!(header(&reply, "etag"), "\"5d41402abc4b2a76b9719d911017c592\"");
        assert_eq!(header(&reply, "x-amz-server-side-encryption"), "AES256");
        assert_eq!(header(&reply, "x-amz-version-id"), "");
        let reply = get(&bed, "/photos/a/b%20c").await;
        assert_eq!(reply.body, "hello");
        assert_eq!(header(&reply, "content-type"), "image/jpeg");
        assert_eq!(header(&reply, "cache-control"), "max-age=60");
        assert_eq!(header(&reply, "content-language"), "de");
        assert_eq!(header(&reply, "x-amz-meta-place"), "Rome");
        assert_eq!(header(&reply, "x-amz-tagging-count"), "2");
        assert_eq!(header(&reply, "accept-ranges"), "bytes");
    })
    .await;
}

#[tokio::test]
async fn bodies_of_every_size_are_kept_and_what_is_replaced_goes() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        for size in [0, 1, 32 * 1024, 32 * 1024 + 1, 200_000] {
            let body: Vec<u8> = (0..size).map(|at: u32| (at % 251) as u8).collect();
            put(&bed, "/photos/a", body.clone()).await;
            assert_eq!(get(&bed, "/photos/a").await.body, body, "of {size} bytes");
            // The bodies of the store: one, if it is small.
            let kept = usize::from(0 < size && size <= 32 * 1024);
            assert_eq!(count(&bed, tag::OBJECTS + 4).await, kept, "of {size} bytes");
        }
    })
    .await;
}

#[tokio::test]
async fn a_small_body_is_not_readable_in_the_store() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        put(&bed, "/photos/a", "a secret of mine").await;
        let range = kv::Tag(tag::OBJECTS + 4).range();
        let entries = bed.platform.store.begin().scan(&range, kv::Scan::first(1)).await.unwrap();
        let value = String::from_utf8_lossy(&entries[0].value).into_owned();
        assert!(!value.contains("secret"), "{value}");
    })
    .await;
}

#[tokio::test]
async fn a_body_that_is_not_what_its_digests_say_is_refused() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let code = async |name: &str, value: &str| {
            fails(&bed, "PUT", "/photos/a", &[(name, value)], "hello").await.1
        };
        assert_eq!(code("content-md5", "AAAAAAAAAAAAAAAAAAAAAA==").await, "BadDigest");
        assert_eq!(code("content-md5", "short").await, "InvalidDigest");
        assert_eq!(code("x-amz-checksum-crc32", "AAAAAA==").await, "BadDigest");
        assert_eq!(code("x-amz-checksum-crc32", "AAAA").await, "InvalidRequest");
        assert_eq!(fails(&bed, "GET", "/photos/a", &[], "").await.1, "NoSuchKey");
        let good =
            [("content-md5", "XUFAKrxLKna5cZ2REBfFkg=="), ("x-amz-checksum-crc32", "NhCmhg==")];
        let reply = ok(&bed, "PUT", "/photos/a", &good, "hello").await;
        assert_eq!(header(&reply, "x-amz-checksum-crc32"), "NhCmhg==");
        assert_eq!(header(&reply, "x-amz-checksum-type"), "FULL_OBJECT");
    })
    .await;
}

#[tokio::test]
async fn conditions_are_about_the_version_that_is_replaced() {
    on_every_engine(objects, async |bed| {
        create_versioned(&bed, "photos").await;
        let absent = [("if-none-match", "*")];
        let other = [("if-match", "\"00000000000000000000000000000000\"")];
        let (status, code) = fails(&bed, "PUT", "/photos/a", &other, "x").await;
        assert_eq!((status, code.as_str()), (404, "NoSuchKey"));
        let first = ok(&bed, "PUT", "/photos/a", &absent, "1").await;
        let (status, code) = fails(&bed, "PUT", "/photos/a", &absent, "2").await;
        assert_eq!((status, code.as_str()), (412, "PreconditionFailed"));
        assert_eq!(fails(&bed, "PUT", "/photos/a", &other, "2").await.0, 412);
        let same = [("if-match", header(&first, "etag"))];
        ok(&bed, "PUT", "/photos/a", &same, "2").await;
        // A delete marker is no object.
        ok(&bed, "DELETE", "/photos/a", &[], "").await;
        ok(&bed, "PUT", "/photos/a", &absent, "3").await;
    })
    .await;
}

#[tokio::test]
async fn of_racing_puts_for_an_absent_key_one_wins() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        for round in 0..10 {
            let path = format!("/photos/{round}");
            let puts = (0..64).map(|at| {
                let (client, path) = (bed.root(), path.clone());
                async move {
                    let absent = [("if-none-match", "*")];
                    ask(&client, "PUT", &path, &absent, format!("{at}")).await.status
                }
            });
            let statuses = futures_util::future::join_all(puts).await;
            let winners = statuses.iter().filter(|status| **status == 200).count();
            assert_eq!(winners, 1, "{statuses:?}");
            assert!(statuses.iter().all(|status| [200, 412].contains(status)), "{statuses:?}");
        }
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_is_refused_before_the_body_counts() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let long = format!("/photos/{}", "x".repeat(1_025));
        assert_eq!(fails(&bed, "PUT", &long, &[], "x").await.1, "KeyTooLongError");
        assert_eq!(fails(&bed, "PUT", "/others/a", &[], "x").await.1, "NoSuchBucket");
        let acl = [("x-amz-acl", "public-read")];
        let code = fails(&bed, "PUT", "/photos/a", &acl, "x").await.1;
        assert_eq!(code, "AccessControlListNotSupported");
        let class = [("x-amz-storage-class", "GLACIER")];
        assert_eq!(fails(&bed, "PUT", "/photos/a", &class, "x").await.1, "NotImplemented");
        let key = [("x-amz-server-side-encryption-customer-algorithm", "AES256")];
        assert_eq!(fails(&bed, "PUT", "/photos/a", &key, "x").await.1, "NotImplemented");
    })
    .await;
}

/// Of `123456789`, as Python's `hashlib` and its package `xxhash` give them.
const SUMS: [(&str, &str); 7] = [
    ("crc64nvme", "rosUhgp5mIg="),
    ("sha1", "98O8HYCOBHMq32eZZczDTKeuNEE="),
    (
        "sha512",
        "2eZ2LdHI6vbWGzxhkvxAjU1tXxF20MKRabwk5xw/J0rSf81YEbMT1oH35V7ALXPUmclUVba1u1A6z1dPuo/+hQ==",
    ),
    ("md5", "JfnnlDI7RTiF9RgfG2JNCw=="),
    ("xxhash64", "jLhB20DmroM="),
    ("xxhash3", "ctyxi2ehff8="),
    ("xxhash128", "MxGUd+3l3NXpcWQnaB1YYA=="),
];

#[tokio::test]
async fn a_checksum_of_any_kind_is_compared_kept_and_told() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        for (algorithm, sum) in SUMS {
            let name = format!("x-amz-checksum-{algorithm}");
            let path = format!("/photos/{algorithm}");
            let reply = ok(&bed, "PUT", &path, &[(name.as_str(), sum)], "123456789").await;
            assert_eq!(header(&reply, &name), sum);
            let mode = [("x-amz-checksum-mode", "ENABLED")];
            let reply = ok(&bed, "GET", &path, &mode, "").await;
            assert_eq!(header(&reply, &name), sum);
            let other = fails(&bed, "PUT", &path, &[(name.as_str(), sum)], "12345678").await;
            assert_eq!(other.1, "BadDigest", "{algorithm}");
        }
    })
    .await;
}
