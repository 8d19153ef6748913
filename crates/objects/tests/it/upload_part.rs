use crate::{
    common::{count, create, fails, header, objects, ok},
    uploads::begin,
};
use service::tag;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_part_replaces_an_earlier_one_of_its_number() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let id = begin(&bed, "/photos/a", &[]).await;
        let path = format!("/photos/a?partNumber=7&uploadId={id}");
        for body in ["hello", "hello again"] {
            ok(&bed, "PUT", &path, &[], body).await;
        }
        assert_eq!(count(&bed, tag::OBJECTS + 6).await, 1);
        assert_eq!(count(&bed, tag::OBJECTS + 4).await, 1);
    })
    .await;
}

#[tokio::test]
async fn parts_have_numbers_checksums_and_uploads_that_are_there() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let id = begin(&bed, "/photos/a", &[("x-amz-checksum-algorithm", "CRC32")]).await;
        let path = |number: u32, id: &str| format!("/photos/a?partNumber={number}&uploadId={id}");
        for number in [0, 10_001] {
            let code = fails(&bed, "PUT", &path(number, &id), &[], "x").await.1;
            assert_eq!(code, "InvalidArgument");
        }
        let gone = fails(&bed, "PUT", &path(1, "nonsense"), &[], "x").await;
        assert_eq!(gone, (404, "NoSuchUpload".to_owned()));
        let other = [("x-amz-checksum-sha1", "qvTGHdzF6KLavt4PO0gs2a6pQ00=")];
        assert_eq!(fails(&bed, "PUT", &path(1, &id), &other, "hello").await.1, "InvalidRequest");
        let bad = [("x-amz-checksum-crc32", "AAAAAA==")];
        assert_eq!(fails(&bed, "PUT", &path(1, &id), &bad, "hello").await.1, "BadDigest");
        let good = [("x-amz-checksum-crc32", "NhCmhg==")];
        let reply = ok(&bed, "PUT", &path(1, &id), &good, "hello").await;
        assert_eq!(header(&reply, "x-amz-checksum-crc32"), "NhCmhg==");
        // An upload that named no checksum takes parts with any.
        let id = begin(&bed, "/photos/a", &[]).await;
        ok(&bed, "PUT", &path(1, &id), &other, "hello").await;
    })
    .await;
}
