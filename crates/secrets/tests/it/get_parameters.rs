use crate::common::{names, ok, put, secrets};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn several_are_found_and_the_others_are_named() {
    on_every_engine(secrets, async |bed| {
        put(&bed, "a", "1").await;
        put(&bed, "b", "2").await;
        let input = json!({"Names": ["b", "a:1", "a:7", "none", "b"]});
        let answer = ok(&bed, "GetParameters", input).await;
        assert_eq!(names(&answer), ["b", "a"]);
        assert_eq!(answer["InvalidParameters"], json!(["a:7", "none"]));
    })
    .await;
}
