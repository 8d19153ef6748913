use crate::common::{allow, document, lambda, run};
use serde_json::json;

#[tokio::test]
async fn names_of_inline_policies_come_in_pages() {
    run(async |w| {
        w.role("ada", lambda()).await;
        for name in ["a", "b", "c"] {
            let document = document(json!([allow("s3:*")]));
            let input = json!({"RoleName": "ada", "PolicyName": name, "PolicyDocument": document});
            w.ok("PutRolePolicy", input).await;
        }
        let first = w.ok("ListRolePolicies", json!({"RoleName": "ada", "MaxItems": 2})).await;
        assert_eq!(
            (&first["PolicyNames"], &first["IsTruncated"]),
            (&json!(["a", "b"]), &json!("true"))
        );
        let rest =
            w.ok("ListRolePolicies", json!({"RoleName": "ada", "Marker": first["Marker"]})).await;
        assert_eq!((&rest["PolicyNames"], &rest["IsTruncated"]), (&json!(["c"]), &json!("false")));
        let (_, code, _) =
            w.fault("ListRolePolicies", json!({"RoleName": "ada", "Marker": "???"})).await;
        assert_eq!(code, "ValidationError");
    })
    .await;
}
