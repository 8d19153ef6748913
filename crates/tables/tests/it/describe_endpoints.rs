use crate::common::{ok, services};
use serde_json::json;
use testkit::on_memory;

#[tokio::test]
async fn the_endpoint_is_the_platform_itself() {
    on_memory(services, async |bed| {
        let answer = ok(&bed, "DescribeEndpoints", json!({})).await;
        let endpoint = json!({"Address": "127.0.0.1:4566", "CachePeriodInMinutes": 1440});
        assert_eq!(answer, json!({"Endpoints": [endpoint]}));
    })
    .await;
}
