use crate::common::{FUNCTION, everywhere, function};
use serde_json::json;

#[tokio::test]
async fn an_environment_is_opened_for_who_may_see_it() {
    everywhere(async |world| {
        let mut input = function();
        input["Environment"] = json!({"Variables": {"AB": "hunter2"}});
        world.ok("CreateFunction", input).await;
        let answer = world.ok("GetFunctionConfiguration", json!({"FunctionName": FUNCTION})).await;
        assert_eq!(answer["Environment"]["Variables"]["AB"], "hunter2");
        let snapshot = kv::Range::prefix(&[0x01]);
        let mut tx = world.bed.platform.store.begin();
        for entry in tx.scan(&snapshot, kv::Scan::first(1000)).await.unwrap() {
            assert!(!String::from_utf8_lossy(&entry.value).contains("hunter2"));
        }
    })
    .await;
}
