use crate::common::{create, fails, objects, ok};
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_bucket_is_made_once() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        ok(&bed, "HEAD", "/photos", &[], "").await;
        let location = "<CreateBucketConfiguration><LocationConstraint>eu-central-1\
                        </LocationConstraint></CreateBucketConfiguration>";
        let again = fails(&bed, "PUT", "/photos", &[], location).await;
        assert_eq!(again, (409, "BucketAlreadyOwnedByYou".to_owned()));
    })
    .await;
}

#[tokio::test]
async fn names_locations_and_features_that_cannot_be_are_refused() {
    on_memory(objects, async |bed| {
        let constraint = |region: &str| {
            format!(
                "<CreateBucketConfiguration><LocationConstraint>{region}</LocationConstraint>\
                 </CreateBucketConfiguration>"
            )
        };
        let here = constraint("eu-central-1");
        let code = async |path: &str, headers: &[(&str, &str)], body: &str| {
            fails(&bed, "PUT", path, headers, body.to_owned()).await.1
        };
        assert_eq!(code("/Photos", &[], &here).await, "InvalidBucketName");
        assert_eq!(code("/ab", &[], &here).await, "InvalidBucketName");
        let elsewhere = constraint("us-west-2");
        let illegal = "IllegalLocationConstraintException";
        assert_eq!(code("/photos", &[], &elsewhere).await, illegal);
        assert_eq!(code("/photos", &[], "").await, illegal);
        let acl = &[("x-amz-acl", "public-read")];
        assert_eq!(code("/photos", acl, &here).await, "AccessControlListNotSupported");
        let ownership = &[("x-amz-object-ownership", "ObjectWriter")];
        assert_eq!(code("/photos", ownership, &here).await, "NotImplemented");
    })
    .await;
}
