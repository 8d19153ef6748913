use crate::common::{create_plain, fault, ok, services};
use serde_json::json;
use testkit::on_memory;

#[tokio::test]
async fn items_never_expire_by_themselves() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        let answer = ok(&bed, "DescribeTimeToLive", json!({"TableName": "abc"})).await;
        assert_eq!(answer, json!({"TimeToLiveDescription": {"TimeToLiveStatus": "DISABLED"}}));
        let (code, _) = fault(&bed, "DescribeTimeToLive", json!({"TableName": "none"})).await;
        assert_eq!(code, "ResourceNotFoundException");
    })
    .await;
}
