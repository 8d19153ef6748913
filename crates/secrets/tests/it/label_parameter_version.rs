use crate::common::{change, code, get, ok, put, secrets};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn a_label_names_one_version_and_moves() {
    on_every_engine(secrets, async |bed| {
        put(&bed, "p", "1").await;
        change(&bed, "p", "2").await;
        let input = json!({"Name": "p", "ParameterVersion": 1, "Labels": ["prod", "1st", "aws-x"]});
        let answer = ok(&bed, "LabelParameterVersion", input).await;
        assert_eq!(answer, json!({"InvalidLabels": ["1st", "aws-x"], "ParameterVersion": 1}));
        assert_eq!(get(&bed, "p:prod").await["Value"], "1");
        ok(&bed, "LabelParameterVersion", json!({"Name": "p", "Labels": ["prod"]})).await;
        assert_eq!(get(&bed, "p:prod").await["Value"], "2");
        let nine: Vec<String> = (0..10).map(|number| format!("l{number}")).collect();
        let many = json!({"Name": "p", "Labels": nine});
        assert_eq!(
            code(&bed, "LabelParameterVersion", many).await,
            "ParameterVersionLabelLimitExceeded"
        );
        let none = json!({"Name": "p", "ParameterVersion": 9, "Labels": ["x"]});
        assert_eq!(code(&bed, "LabelParameterVersion", none).await, "ParameterVersionNotFound");
    })
    .await;
}
