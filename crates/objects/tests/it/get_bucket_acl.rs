use crate::common::{all_between, between, create, fails, get, objects};
use testkit::on_every_engine;

#[tokio::test]
async fn the_owner_of_a_bucket_may_do_everything() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let text = get(&bed, "/photos?acl").await.text();
        assert!(text.contains("<AccessControlPolicy xmlns="), "{text}");
        let grantee = "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                       xsi:type=\"CanonicalUser\">";
        assert!(text.contains(grantee), "{text}");
        assert_eq!(all_between(&text, "Permission"), ["FULL_CONTROL"]);
        let ids = all_between(&text, "ID");
        assert_eq!(ids.len(), 2);
        assert_eq!(ids[0], ids[1]);
        assert_eq!(between(&get(&bed, "/").await.text(), "ID"), ids[0]);
        assert_eq!(fails(&bed, "GET", "/nobody?acl", &[], "").await.1, "NoSuchBucket");
    })
    .await;
}
