use crate::common::{allow, decoded, document, lambda, run};
use serde_json::json;

#[tokio::test]
async fn an_inline_policy_is_shown_url_encoded() {
    run(async |w| {
        w.role("ada", lambda()).await;
        let document = document(json!([allow("s3:*")]));
        let input = json!({"RoleName": "ada", "PolicyName": "p", "PolicyDocument": document});
        w.ok("PutRolePolicy", input).await;
        let got = w.ok("GetRolePolicy", json!({"RoleName": "ada", "PolicyName": "p"})).await;
        assert_eq!((&got["RoleName"], &got["PolicyName"]), (&json!("ada"), &json!("p")));
        assert_eq!(decoded(&got["PolicyDocument"])["Statement"], json!([allow("s3:*")]));
        let (_, code, _) =
            w.fault("GetRolePolicy", json!({"RoleName": "ada", "PolicyName": "q"})).await;
        assert_eq!(code, "NoSuchEntity");
    })
    .await;
}
