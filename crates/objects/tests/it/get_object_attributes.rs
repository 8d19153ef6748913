use crate::{
    common::{all_between, between, create, objects, ok},
    uploads::{FIVE_MIB, upload},
};
use testkit::on_every_engine;

#[tokio::test]
async fn only_the_attributes_that_are_asked_for_are_told() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let headers =
            [("x-amz-checksum-algorithm", "CRC32"), ("x-amz-checksum-type", "FULL_OBJECT")];
        let parts = [(1, vec![1; FIVE_MIB]), (2, b"hello".to_vec())];
        upload(&bed, "/photos/a", &headers, &parts).await;
        let get = async |names: &str| {
            let names = [("x-amz-object-attributes", names)];
            ok(&bed, "GET", "/photos/a?attributes", &names, "").await.text()
        };
        let all = get("ETag,Checksum,ObjectParts,StorageClass,ObjectSize").await;
        assert!(between(&all, "ETag").ends_with("-2"), "{all}");
        assert_eq!(between(&all, "ObjectSize"), (FIVE_MIB + 5).to_string());
        assert_eq!(between(&all, "StorageClass"), "STANDARD");
        assert_eq!(between(&all, "ChecksumType"), "FULL_OBJECT");
        assert_eq!(between(&all, "PartsCount"), "2");
        assert_eq!(all_between(&all, "PartNumber"), ["1", "2"]);
        assert_eq!(all_between(&all, "ChecksumCRC32").last().unwrap(), "NhCmhg==");
        let one = get("ObjectSize").await;
        assert!(!one.contains("ETag") && !one.contains("Checksum"), "{one}");
    })
    .await;
}
