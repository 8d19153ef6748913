use crate::common::{ask, create, header, objects, ok};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn a_bucket_tells_where_it_is_to_who_may_list_it() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let reply = ok(&bed, "HEAD", "/photos", &[], "").await;
        assert_eq!(header(&reply, "x-amz-bucket-region"), "eu-central-1");
        assert_eq!(ask(&bed.root(), "HEAD", "/others", &[], "").await.status, 404);
        let user = bed.user(
            "Ada",
            &json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}]}),
        );
        assert_eq!(ask(&user, "HEAD", "/photos", &[], "").await.status, 403);
        let owner = [("x-amz-expected-bucket-owner", "999999999999")];
        assert_eq!(ask(&bed.root(), "HEAD", "/photos", &owner, "").await.status, 403);
    })
    .await;
}
