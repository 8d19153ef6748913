use crate::common::{arn, fault, logs, missing_group, ok};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn a_group_tells_its_tags() {
    on_every_engine(logs, async |bed| {
        let list = json!({"resourceArn": arn("g")});
        assert_eq!(fault(&bed, "ListTagsForResource", list.clone()).await, missing_group());
        let input = json!({"logGroupName": "g", "tags": {"a": "1"}});
        ok(&bed, "CreateLogGroup", input).await;
        let answer = ok(&bed, "ListTagsForResource", list).await;
        assert_eq!(answer, json!({"tags": {"a": "1"}}));
    })
    .await;
}
