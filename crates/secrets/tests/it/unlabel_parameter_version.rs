use crate::common::{code, ok, put, secrets};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn labels_are_taken_from_the_version_that_has_them() {
    on_every_engine(secrets, async |bed| {
        put(&bed, "p", "1").await;
        ok(&bed, "LabelParameterVersion", json!({"Name": "p", "Labels": ["prod"]})).await;
        let input = json!({"Name": "p", "ParameterVersion": 1, "Labels": ["prod", "other"]});
        let answer = ok(&bed, "UnlabelParameterVersion", input).await;
        assert_eq!(answer, json!({"RemovedLabels": ["prod"], "InvalidLabels": ["other"]}));
        assert_eq!(
            code(&bed, "GetParameter", json!({"Name": "p:prod"})).await,
            "ParameterVersionNotFound"
        );
    })
    .await;
}
