use crate::common::{create_plain, fault, get, invalid, ok, put, services};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_description_counts_items_and_bytes() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        put(&bed, "abc", json!({"p": {"S": "1"}})).await;
        put(&bed, "abc", json!({"p": {"S": "2"}, "n": {"S": "12345"}})).await;
        put(&bed, "abc", json!({"p": {"S": "2"}, "n": {"S": "123"}})).await;
        put(&bed, "abc", json!({"p": {"S": "3"}})).await;
        let delete = json!({"TableName": "abc", "Key": {"p": {"S": "3"}}});
        ok(&bed, "DeleteItem", delete.clone()).await;
        ok(&bed, "DeleteItem", delete).await;
        let update = json!({"TableName": "abc", "Key": {"p": {"S": "1"}},
            "UpdateExpression": "SET q = p"});
        ok(&bed, "UpdateItem", update).await;
        let table = ok(&bed, "DescribeTable", json!({"TableName": "abc"})).await["Table"].clone();
        assert_eq!(table["TableStatus"], "ACTIVE");
        assert_eq!(table["ItemCount"], 2);
        assert_eq!(table["TableSizeBytes"], 4 + 6);
        assert_eq!(table["DeletionProtectionEnabled"], false);
        assert_eq!(get(&bed, "abc", "3").await, json!(null));
    })
    .await;
}

#[tokio::test]
async fn a_table_goes_by_its_name_and_by_its_arn() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        let arn = "arn:aws:dynamodb:eu-central-1:000000000000:table/abc";
        let table = ok(&bed, "DescribeTable", json!({ "TableName": arn })).await;
        assert_eq!(table["Table"]["TableName"], "abc");
        let elsewhere = "arn:aws:dynamodb:us-east-1:000000000000:table/abc";
        assert_eq!(
            invalid(&bed, "DescribeTable", json!({ "TableName": elsewhere })).await,
            format!("1 validation error detected: Invalid AWS region in '{elsewhere}'")
        );
        assert_eq!(
            fault(&bed, "DescribeTable", json!({"TableName": "none"})).await,
            (
                "ResourceNotFoundException".to_owned(),
                "Requested resource not found: Table: none not found".to_owned()
            )
        );
    })
    .await;
}
