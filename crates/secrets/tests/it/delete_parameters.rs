use crate::common::{ok, put, secrets};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn several_are_deleted_and_those_that_were_not_there_are_named() {
    on_every_engine(secrets, async |bed| {
        put(&bed, "a", "1").await;
        let answer = ok(&bed, "DeleteParameters", json!({"Names": ["a", "b"]})).await;
        assert_eq!(answer, json!({"DeletedParameters": ["a"], "InvalidParameters": ["b"]}));
    })
    .await;
}
