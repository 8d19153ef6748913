use crate::common::{create_plain, invalid, ok, services};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn tags_are_taken_away_by_their_keys() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        let arn = "arn:aws:dynamodb:eu-central-1:000000000000:table/abc";
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
        ok(&bed, "TagResource", json!({"ResourceArn": arn, "Tags": tags})).await;
        let input = json!({"ResourceArn": arn, "TagKeys": ["a", "none"]});
        ok(&bed, "UntagResource", input).await;
        let answer = ok(&bed, "ListTagsOfResource", json!({ "ResourceArn": arn })).await;
        assert_eq!(answer, json!({"Tags": [{"Key": "b", "Value": "2"}]}));
        assert_eq!(
            invalid(&bed, "UntagResource", json!({"ResourceArn": arn, "TagKeys": []})).await,
            "Atleast one Tag Key needs to be provided as Input."
        );
        let input = json!({"ResourceArn": arn, "TagKeys": ["aws:cloudformation:stack-id"]});
        assert_eq!(
            invalid(&bed, "UntagResource", input).await,
            "Tag Key cannot be prefixed with aws:, Key: aws:cloudformation:stack-id"
        );
    })
    .await;
}
