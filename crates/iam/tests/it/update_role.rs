use crate::common::{lambda, run};
use serde_json::json;

#[tokio::test]
async fn what_an_update_leaves_out_stays() {
    run(async |w| {
        w.role("r", lambda()).await;
        w.ok("UpdateRole", json!({"RoleName": "r", "Description": "does things"})).await;
        w.ok("UpdateRole", json!({"RoleName": "r", "MaxSessionDuration": 7200})).await;
        let role = &w.ok("GetRole", json!({"RoleName": "r"})).await["Role"];
        assert_eq!(role["Description"], "does things");
        assert_eq!(role["MaxSessionDuration"], "7200");
        let (_, code, _) =
            w.fault("UpdateRole", json!({"RoleName": "r", "MaxSessionDuration": 60})).await;
        assert_eq!(code, "ValidationError");
    })
    .await;
}
