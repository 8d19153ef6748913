use crate::common::{allow, column, document, run};
use serde_json::json;

#[tokio::test]
async fn versions_are_listed_newest_first() {
    run(async |w| {
        let arn = w.policy("p", json!([allow("s3:*")])).await;
        let input = json!({"PolicyArn": arn, "PolicyDocument": document(json!([allow("s3:*")]))});
        w.ok("CreatePolicyVersion", input).await;
        let list = w.ok("ListPolicyVersions", json!({"PolicyArn": arn})).await;
        assert_eq!(column(&list["Versions"], "VersionId"), ["v2", "v1"]);
        assert_eq!(column(&list["Versions"], "IsDefaultVersion"), ["false", "true"]);
        let first = w.ok("ListPolicyVersions", json!({"PolicyArn": arn, "MaxItems": 1})).await;
        let input = json!({"PolicyArn": arn, "Marker": first["Marker"]});
        let rest = w.ok("ListPolicyVersions", input).await;
        assert_eq!(column(&rest["Versions"], "VersionId"), ["v1"]);
    })
    .await;
}
