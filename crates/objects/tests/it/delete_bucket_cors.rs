use crate::{
    common::{create, fails, objects, ok},
    put_bucket_cors::RULE,
};
use testkit::on_every_engine;

#[tokio::test]
async fn rules_go_and_may_be_gone_already() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        ok(&bed, "PUT", "/photos?cors", &[], RULE).await;
        for _ in 0..2 {
            assert_eq!(ok(&bed, "DELETE", "/photos?cors", &[], "").await.status, 204);
        }
        assert_eq!(fails(&bed, "GET", "/photos?cors", &[], "").await.0, 404);
    })
    .await;
}
