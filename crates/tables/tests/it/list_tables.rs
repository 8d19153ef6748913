use crate::common::{create_plain, invalid, ok, services};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn tables_are_listed_in_pages_in_the_order_of_their_names() {
    on_every_engine(services, async |bed| {
        for name in ["ccc", "aaa", "ddd", "bbb"] {
            create_plain(&bed, name).await;
        }
        let all = ok(&bed, "ListTables", json!({})).await;
        assert_eq!(all, json!({"TableNames": ["aaa", "bbb", "ccc", "ddd"]}));
        let first = ok(&bed, "ListTables", json!({"Limit": 3})).await;
        let names = json!(["aaa", "bbb", "ccc"]);
        assert_eq!(first, json!({"TableNames": names, "LastEvaluatedTableName": "ccc"}));
        let input = json!({"Limit": 3, "ExclusiveStartTableName": "ccc"});
        assert_eq!(ok(&bed, "ListTables", input).await, json!({"TableNames": ["ddd"]}));
        assert_eq!(
            invalid(&bed, "ListTables", json!({"Limit": 101})).await,
            "1 validation error detected: Value '101' at 'limit' failed to satisfy constraint: \
             Member must have value less than or equal to 100"
        );
    })
    .await;
}
