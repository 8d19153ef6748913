use crate::common::{fault, invalid, ok, services, unsupported};
use serde_json::json;
use testkit::on_memory;

#[tokio::test]
async fn tags_that_a_table_was_made_with_are_listed() {
    on_memory(services, async |bed| {
        let input = json!({
            "TableName": "abc",
            "KeySchema": [{"AttributeName": "p", "KeyType": "HASH"}],
            "AttributeDefinitions": [{"AttributeName": "p", "AttributeType": "S"}],
            "BillingMode": "PAY_PER_REQUEST",
            "Tags": [{"Key": "team", "Value": "blue"}],
        });
        let created = ok(&bed, "CreateTable", input).await;
        let arn = &created["TableDescription"]["TableArn"];
        let answer = ok(&bed, "ListTagsOfResource", json!({ "ResourceArn": arn })).await;
        assert_eq!(answer, json!({"Tags": [{"Key": "team", "Value": "blue"}]}));
        let input = json!({"ResourceArn": arn, "NextToken": "x"});
        assert_eq!(unsupported(&bed, "ListTagsOfResource", input).await, "NextToken");
        let other = "arn:aws:dynamodb:us-east-1:000000000000:table/abc";
        assert_eq!(
            invalid(&bed, "ListTagsOfResource", json!({ "ResourceArn": other })).await,
            format!("Invalid TableArn: Invalid ResourceArn provided as input {other}")
        );
        let none = "arn:aws:dynamodb:eu-central-1:000000000000:table/none";
        let (code, _) = fault(&bed, "ListTagsOfResource", json!({ "ResourceArn": none })).await;
        assert_eq!(code, "ResourceNotFoundException");
    })
    .await;
}
