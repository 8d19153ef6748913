use crate::common::{create, fails, get, objects, ok};
use testkit::on_every_engine;

#[tokio::test]
async fn what_is_true_anyway_is_accepted_and_all_else_refused() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let read = get(&bed, "/photos?acl").await.text();
        ok(&bed, "PUT", "/photos?acl", &[], read.clone()).await;
        let canned = [("x-amz-acl", "bucket-owner-full-control")];
        ok(&bed, "PUT", "/photos/a", &canned, "x").await;
        let refused = (400, "AccessControlListNotSupported".to_owned());
        let everyone = "<Grantee xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
                        xsi:type=\"Group\"><URI>http://acs.amazonaws.com/groups/global/AllUsers\
                        </URI></Grantee><Permission>READ</Permission></Grant><Grant><Grantee";
        let public = read.replacen("<Grantee", everyone, 1);
        assert_eq!(fails(&bed, "PUT", "/photos?acl", &[], public).await, refused);
        let private = [("x-amz-acl", "private")];
        assert_eq!(fails(&bed, "PUT", "/photos?acl", &private, "").await, refused);
        let grant = [("x-amz-grant-read", "id=\"1\"")];
        assert_eq!(fails(&bed, "PUT", "/photos?acl", &grant, "").await, refused);
        let nothing = fails(&bed, "PUT", "/photos?acl", &[], "").await;
        assert_eq!(nothing, (400, "MissingSecurityHeader".to_owned()));
        let untyped = read.replacen(" xsi:type=\"CanonicalUser\"", "", 1);
        assert_eq!(fails(&bed, "PUT", "/photos?acl", &[], untyped).await.1, "MalformedXML");
        assert_eq!(get(&bed, "/photos?acl").await.text(), read);
    })
    .await;
}
