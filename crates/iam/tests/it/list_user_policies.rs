use crate::common::{allow, document, run};
use serde_json::json;

#[tokio::test]
async fn names_of_inline_policies_come_in_pages() {
    run(async |w| {
        w.user("ada").await;
        for name in ["a", "b", "c"] {
            let document = document(json!([allow("s3:*")]));
            let input = json!({"UserName": "ada", "PolicyName": name, "PolicyDocument": document});
            w.ok("PutUserPolicy", input).await;
        }
        let first = w.ok("ListUserPolicies", json!({"UserName": "ada", "MaxItems": 2})).await;
        assert_eq!(
            (&first["PolicyNames"], &first["IsTruncated"]),
            (&json!(["a", "b"]), &json!("true"))
        );
        let rest =
            w.ok("ListUserPolicies", json!({"UserName": "ada", "Marker": first["Marker"]})).await;
        assert_eq!((&rest["PolicyNames"], &rest["IsTruncated"]), (&json!(["c"]), &json!("false")));
        let (_, code, _) =
            w.fault("ListUserPolicies", json!({"UserName": "ada", "Marker": "???"})).await;
        assert_eq!(code, "ValidationError");
    })
    .await;
}
