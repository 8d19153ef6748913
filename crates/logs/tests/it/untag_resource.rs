use crate::common::{arn, fault, logs, missing_group, ok};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn tags_are_removed() {
    on_every_engine(logs, async |bed| {
        let untag = json!({"resourceArn": arn("g"), "tagKeys": ["a", "unknown"]});
        assert_eq!(fault(&bed, "UntagResource", untag.clone()).await, missing_group());
        let input = json!({"logGroupName": "g", "tags": {"a": "1", "b": "2"}});
        ok(&bed, "CreateLogGroup", input).await;
        ok(&bed, "UntagResource", untag).await;
        let answer = ok(&bed, "ListTagsForResource", json!({"resourceArn": arn("g")})).await;
        assert_eq!(answer["tags"], json!({"b": "2"}));
    })
    .await;
}
