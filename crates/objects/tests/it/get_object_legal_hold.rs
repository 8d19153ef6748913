use crate::{
    common::{between, fails, get, header, objects, ok, put},
    put_object_lock_configuration::create_locked,
};
use testkit::on_memory;

#[tokio::test]
async fn a_hold_comes_with_the_object_and_is_told() {
    on_memory(objects, async |bed| {
        create_locked(&bed, "photos").await;
        put(&bed, "/photos/free", "x").await;
        let answer = fails(&bed, "GET", "/photos/free?legal-hold", &[], "").await;
        assert_eq!(answer.1, "NoSuchObjectLockConfiguration");
        let headers =
            [("x-amz-object-lock-legal-hold", "ON"), ("x-amz-checksum-crc32", "jNwWgw==")];
        ok(&bed, "PUT", "/photos/a", &headers, "x").await;
        let told = get(&bed, "/photos/a?legal-hold").await.text();
        assert_eq!(between(&told, "Status"), "ON");
        let reply = get(&bed, "/photos/a").await;
        assert_eq!(header(&reply, "x-amz-object-lock-legal-hold"), "ON");
        assert_eq!(header(&reply, "x-amz-object-lock-mode"), "");
    })
    .await;
}
