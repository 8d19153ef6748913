use crate::common::{ADMIN, allow, decoded, run};
use serde_json::json;

#[tokio::test]
async fn a_version_is_shown_with_its_document() {
    run(async |w| {
        let arn = w.policy("p", json!([allow("s3:*")])).await;
        let version = w.ok("GetPolicyVersion", json!({"PolicyArn": arn, "VersionId": "v1"})).await;
        let version = &version["PolicyVersion"];
        assert_eq!(decoded(&version["Document"])["Statement"], json!([allow("s3:*")]));
        let aws = w.ok("GetPolicyVersion", json!({"PolicyArn": ADMIN, "VersionId": "v1"})).await;
        assert_eq!(decoded(&aws["PolicyVersion"]["Document"])["Statement"][0]["Action"], "*");
        let (status, _, message) =
            w.fault("GetPolicyVersion", json!({"PolicyArn": arn, "VersionId": "v9"})).await;
        let text = format!("Policy {arn} version v9 does not exist or is not attachable.");
        assert_eq!((status, message), (404, text));
    })
    .await;
}
