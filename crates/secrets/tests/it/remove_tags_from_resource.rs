use crate::common::{ok, secrets};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn tags_are_removed() {
    on_every_engine(secrets, async |bed| {
        let tags = json!([{"Key": "a", "Value": "1"}, {"Key": "b", "Value": "2"}]);
        let input = json!({"Name": "p", "Value": "v", "Type": "String", "Tags": tags});
        ok(&bed, "PutParameter", input).await;
        let of = json!({"ResourceType": "Parameter", "ResourceId": "p"});
        let mut input = of.clone();
        input["TagKeys"] = json!(["a", "none"]);
        ok(&bed, "RemoveTagsFromResource", input).await;
        let answer = ok(&bed, "ListTagsForResource", of).await;
        assert_eq!(answer, json!({"TagList": [{"Key": "b", "Value": "2"}]}));
    })
    .await;
}
