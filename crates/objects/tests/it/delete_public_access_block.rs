use crate::common::{create, fails, objects, ok};
use testkit::on_every_engine;

#[tokio::test]
async fn what_was_removed_is_not_found() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        ok(&bed, "DELETE", "/photos?publicAccessBlock", &[], "").await;
        let none = fails(&bed, "GET", "/photos?publicAccessBlock", &[], "").await;
        assert_eq!(none, (404, "NoSuchPublicAccessBlockConfiguration".to_owned()));
    })
    .await;
}
