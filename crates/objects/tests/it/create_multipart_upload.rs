use crate::{
    common::{create, fails, header, objects, ok},
    uploads::begin,
};
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn an_upload_keeps_what_its_object_will_be_like() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let headers = [
            ("content-type", "image/jpeg"),
            ("x-amz-meta-place", "Rome"),
            ("x-amz-tagging", "a=1"),
        ];
        let id = begin(&bed, "/photos/a", &headers).await;
        let path = format!("/photos/a?partNumber=1&uploadId={id}");
        let part = ok(&bed, "PUT", &path, &[], "x").await;
        let list = crate::uploads::document(&[(1, header(&part, "etag"))]);
        ok(&bed, "POST", &format!("/photos/a?uploadId={id}"), &[], list).await;
        let reply = ok(&bed, "HEAD", "/photos/a", &[], "").await;
        assert_eq!(header(&reply, "content-type"), "image/jpeg");
        assert_eq!(header(&reply, "x-amz-meta-place"), "Rome");
        assert_eq!(header(&reply, "x-amz-tagging-count"), "1");
    })
    .await;
}

#[tokio::test]
async fn checksums_that_cannot_be_added_up_are_refused() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let code = async |algorithm: &str, kind: &str| {
            let headers = [("x-amz-checksum-algorithm", algorithm), ("x-amz-checksum-type", kind)];
            fails(&bed, "POST", "/photos/a?uploads", &headers, "").await.1
        };
        assert_eq!(code("SHA256", "FULL_OBJECT").await, "InvalidRequest");
        assert_eq!(code("CRC64NVME", "COMPOSITE").await, "InvalidRequest");
        assert_eq!(code("XXHASH3", "FULL_OBJECT").await, "InvalidRequest");
        assert_eq!(code("MD4", "COMPOSITE").await, "InvalidArgument");
    })
    .await;
}
