use crate::common::{column, lambda, run, trust};
use serde_json::json;

#[tokio::test]
async fn roles_come_in_pages_in_the_order_of_their_names() {
    run(async |w| {
        for (name, path) in [("b", "/"), ("A", "/"), ("c", "/team/x/"), ("d", "/team/")] {
            let input = json!({"RoleName": name, "Path": path, "AssumeRolePolicyDocument": trust(lambda())});
            w.ok("CreateRole", input).await;
        }
        let first = w.ok("ListRoles", json!({"MaxItems": 3})).await;
        assert_eq!(column(&first["Roles"], "RoleName"), ["A", "b", "c"]);
        let rest = w.ok("ListRoles", json!({"Marker": first["Marker"]})).await;
        assert_eq!(column(&rest["Roles"], "RoleName"), ["d"]);
        let team = w.ok("ListRoles", json!({"PathPrefix": "/team/", "MaxItems": 1})).await;
        assert_eq!((column(&team["Roles"], "RoleName"), &team["IsTruncated"]), (vec!["c".to_owned()], &json!("true")));
    })
    .await;
}
