use crate::{
    common::{between, create, fails, get, objects, ok},
    put_bucket_lifecycle_configuration::lifecycle,
};
use testkit::on_every_engine;

#[tokio::test]
async fn rules_are_told_as_they_were_given() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let none = fails(&bed, "GET", "/photos?lifecycle", &[], "").await;
        assert_eq!(none, (404, "NoSuchLifecycleConfiguration".to_owned()));
        let rule = "<Filter><Prefix>a/</Prefix></Filter><Expiration>\
                    <Date>2027-01-17T00:00:00Z</Date></Expiration>";
        ok(&bed, "PUT", "/photos?lifecycle", &[], lifecycle(&[rule])).await;
        let text = get(&bed, "/photos?lifecycle").await.text();
        assert_eq!(between(&text, "Prefix"), "a/");
        assert!(between(&text, "Date").starts_with("2027-01-17T00:00:00"), "{text}");
        assert_eq!(between(&text, "ID").len(), 36);
    })
    .await;
}
