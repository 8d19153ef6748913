use crate::common::{lambda, run, trust, user_arn};
use serde_json::json;

#[tokio::test]
async fn a_new_trust_policy_counts_for_the_next_request() {
    run(async |w| {
        let ada = w.user("ada").await;
        let role = w.role("r", user_arn("ada")).await;
        w.assume(&ada, &role).await;
        let input = json!({"RoleName": "r", "PolicyDocument": trust(lambda())});
        w.ok("UpdateAssumeRolePolicy", input).await;
        let input = json!({"RoleArn": role, "RoleSessionName": "again"});
        assert_eq!(ada.code("AssumeRole", input).await, "AccessDenied");
    })
    .await;
}
