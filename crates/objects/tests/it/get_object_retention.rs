use crate::{
    common::{between, create, fails, get, objects, ok, put},
    put_object_lock_configuration::create_locked,
};
use testkit::on_memory;

#[tokio::test]
async fn a_retention_comes_with_the_object_and_is_told() {
    on_memory(objects, async |bed| {
        create_locked(&bed, "photos").await;
        put(&bed, "/photos/free", "x").await;
        let answer = fails(&bed, "GET", "/photos/free?retention", &[], "").await;
        assert_eq!(answer, (404, "NoSuchObjectLockConfiguration".to_owned()));
        let until = ("x-amz-object-lock-retain-until-date", "2027-02-01T00:00:00Z");
        let mode = ("x-amz-object-lock-mode", "COMPLIANCE");
        let without = fails(&bed, "PUT", "/photos/a", &[until, mode], "x").await;
        assert_eq!(without.1, "InvalidRequest");
        let half = fails(&bed, "PUT", "/photos/a", &[mode], "x").await;
        assert_eq!(half.1, "InvalidArgument");
        let md5 = ("content-md5", "nU5Oo+KGsyxVF0ukmq5vIA==");
        let wrong = fails(&bed, "PUT", "/photos/a", &[until, mode, md5], "x").await;
        assert_eq!(wrong.1, "BadDigest");
        let right = ("x-amz-checksum-crc32", "jNwWgw==");
        ok(&bed, "PUT", "/photos/a", &[until, mode, right], "x").await;
        let told = get(&bed, "/photos/a?retention").await.text();
        assert_eq!(between(&told, "Mode"), "COMPLIANCE");
        assert!(between(&told, "RetainUntilDate").starts_with("2027-02-01T00:00:00"), "{told}");
        create(&bed, "plain").await;
        let nowhere = fails(&bed, "PUT", "/plain/a", &[until, mode, right], "x").await;
        assert_eq!(nowhere.1, "InvalidRequest");
        put(&bed, "/plain/a", "x").await;
        assert_eq!(fails(&bed, "GET", "/plain/a?retention", &[], "").await.1, "InvalidRequest");
    })
    .await;
}
