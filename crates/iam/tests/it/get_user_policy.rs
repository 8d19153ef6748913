use crate::common::{allow, decoded, document, run};
use serde_json::json;

#[tokio::test]
async fn an_inline_policy_is_shown_url_encoded() {
    run(async |w| {
        w.user("ada").await;
        let document = document(json!([allow("s3:*")]));
        let input = json!({"UserName": "ada", "PolicyName": "p", "PolicyDocument": document});
        w.ok("PutUserPolicy", input).await;
        let got = w.ok("GetUserPolicy", json!({"UserName": "ada", "PolicyName": "p"})).await;
        assert_eq!((&got["UserName"], &got["PolicyName"]), (&json!("ada"), &json!("p")));
        assert_eq!(decoded(&got["PolicyDocument"])["Statement"], json!([allow("s3:*")]));
        let (_, code, _) =
            w.fault("GetUserPolicy", json!({"UserName": "ada", "PolicyName": "q"})).await;
        assert_eq!(code, "NoSuchEntity");
    })
    .await;
}
