use crate::common::{column, run};
use serde_json::json;

#[tokio::test]
async fn users_come_in_pages_in_the_order_of_their_names() {
    run(async |w| {
        for (name, path) in [("b", "/"), ("A", "/"), ("c", "/team/x/"), ("d", "/team/")] {
            w.ok("CreateUser", json!({"UserName": name, "Path": path})).await;
        }
        let first = w.ok("ListUsers", json!({"MaxItems": 3})).await;
        assert_eq!(column(&first["Users"], "UserName"), ["A", "b", "c"]);
        let rest = w.ok("ListUsers", json!({"Marker": first["Marker"]})).await;
        assert_eq!(column(&rest["Users"], "UserName"), ["d"]);
        let team = w.ok("ListUsers", json!({"PathPrefix": "/team/", "MaxItems": 1})).await;
        assert_eq!(
            (column(&team["Users"], "UserName"), &team["IsTruncated"]),
            (vec!["c".to_owned()], &json!("true"))
        );
    })
    .await;
}
