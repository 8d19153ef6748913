use crate::common::{change, code, ok, put, secrets};
use serde_json::json;
use testkit::on_every_engine;

#[tokio::test]
async fn all_versions_are_told_the_oldest_first_with_their_labels() {
    on_every_engine(secrets, async |bed| {
        put(&bed, "p", "1").await;
        change(&bed, "p", "2").await;
        change(&bed, "p", "3").await;
        let label = json!({"Name": "p", "ParameterVersion": 2, "Labels": ["good"]});
        ok(&bed, "LabelParameterVersion", label).await;
        let input = json!({"Name": "p", "MaxResults": 2});
        let first = ok(&bed, "GetParameterHistory", input).await;
        assert_eq!(
            (&first["Parameters"][0]["Value"], &first["Parameters"][1]["Value"]),
            (&json!("1"), &json!("2"))
        );
        assert_eq!(first["Parameters"][1]["Labels"], json!(["good"]));
        let input = json!({"Name": "p", "NextToken": first["NextToken"]});
        let second = ok(&bed, "GetParameterHistory", input).await;
        assert_eq!(second["Parameters"].as_array().unwrap().len(), 1);
        assert_eq!(second["Parameters"][0]["Version"], 3);
        assert_eq!(
            code(&bed, "GetParameterHistory", json!({"Name": "q"})).await,
            "ParameterNotFound"
        );
    })
    .await;
}
