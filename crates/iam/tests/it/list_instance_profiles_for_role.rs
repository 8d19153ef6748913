use crate::common::{lambda, run};
use serde_json::{Value, json};

#[tokio::test]
async fn there_are_no_instance_profiles() {
    run(async |w| {
        w.role("r", lambda()).await;
        let list = w.ok("ListInstanceProfilesForRole", json!({"RoleName": "r"})).await;
        assert_eq!(
            (&list["InstanceProfiles"], &list["IsTruncated"]),
            (&Value::Null, &json!("false"))
        );
        let (_, code, _) =
            w.fault("ListInstanceProfilesForRole", json!({"RoleName": "none"})).await;
        assert_eq!(code, "NoSuchEntity");
    })
    .await;
}
