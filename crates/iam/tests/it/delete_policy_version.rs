use crate::common::{allow, document, run};
use serde_json::json;

#[tokio::test]
async fn the_version_in_force_cannot_be_deleted() {
    run(async |w| {
        let arn = w.policy("p", json!([allow("s3:*")])).await;
        let (status, code, message) =
            w.fault("DeletePolicyVersion", json!({"PolicyArn": arn, "VersionId": "v1"})).await;
        assert_eq!((status, code.as_str()), (409, "DeleteConflict"));
        assert_eq!(message, "Cannot delete the default version of a policy.");
        let document = document(json!([allow("s3:*")]));
        let input = json!({"PolicyArn": arn, "PolicyDocument": document});
        w.ok("CreatePolicyVersion", input.clone()).await;
        w.ok("DeletePolicyVersion", json!({"PolicyArn": arn, "VersionId": "v2"})).await;
        let version = &w.ok("CreatePolicyVersion", input).await["PolicyVersion"];
        assert_eq!(version["VersionId"], "v3", "numbers are not used again");
    })
    .await;
}
