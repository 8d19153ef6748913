use crate::common::{create, fails, get, objects, ok};
use testkit::on_every_engine;

#[tokio::test]
async fn tags_given_at_the_creation_are_told() {
    on_every_engine(objects, async |bed| {
        create(&bed, "plain").await;
        let none = fails(&bed, "GET", "/plain?tagging", &[], "").await;
        assert_eq!(none, (404, "NoSuchTagSet".to_owned()));
        let document = "<CreateBucketConfiguration><LocationConstraint>eu-central-1\
                        </LocationConstraint><Tags><Tag><Key>a</Key><Value>1</Value></Tag></Tags>\
                        </CreateBucketConfiguration>";
        ok(&bed, "PUT", "/photos", &[], document).await;
        let text = get(&bed, "/photos?tagging").await.text();
        assert!(text.contains("<Tag><Key>a</Key><Value>1</Value></Tag>"), "{text}");
    })
    .await;
}
