use crate::common::{ok, services};
use serde_json::json;
use testkit::on_memory;

#[tokio::test]
async fn the_limits_are_those_that_tables_are_held_to() {
    on_memory(services, async |bed| {
        let expected = json!({
            "AccountMaxReadCapacityUnits": 80_000,
            "AccountMaxWriteCapacityUnits": 80_000,
            "TableMaxReadCapacityUnits": 40_000,
            "TableMaxWriteCapacityUnits": 40_000,
        });
        assert_eq!(ok(&bed, "DescribeLimits", json!({})).await, expected);
    })
    .await;
}
