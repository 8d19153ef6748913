use crate::common::{arn, code, names, ok, put, secrets};
use serde_json::{Value, json};
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn parameters_are_described_without_their_values() {
    on_every_engine(secrets, async |bed| {
        let secret = json!({"Name": "/s", "Value": "hunter2", "Type": "SecureString"});
        ok(&bed, "PutParameter", secret).await;
        let answer = ok(&bed, "DescribeParameters", json!({})).await;
        let found = &answer["Parameters"][0];
        assert_eq!((&found["ARN"], &found["KeyId"]), (&json!(arn("/s")), &json!("alias/aws/ssm")));
        assert!(!answer.to_string().contains("hunter2"));
        assert_eq!(found["LastModifiedUser"], "arn:aws:iam::000000000000:root");
    })
    .await;
}

#[tokio::test]
async fn filters_choose() {
    on_memory(secrets, async |bed| {
        for name in ["/a/b", "/a/b/c", "name"] {
            put(&bed, name, "v").await;
        }
        let tags = json!({"ResourceType": "Parameter", "ResourceId": "name",
            "Tags": [{"Key": "team", "Value": "blue"}]});
        ok(&bed, "AddTagsToResource", tags).await;
        let filter = |key: &str, option: Value, value: &str| {
            json!({"ParameterFilters": [{"Key": key, "Option": option, "Values": [value]}]})
        };
        for (input, expected) in [
            (filter("Name", json!("BeginsWith"), "a/"), vec!["/a/b", "/a/b/c"]),
            (filter("Name", json!("Contains"), "b/c"), vec!["/a/b/c"]),
            (filter("Name", json!("Equals"), "name"), vec!["name"]),
            (filter("Path", json!("OneLevel"), "/a"), vec!["/a/b"]),
            (filter("Path", json!("Recursive"), "/a"), vec!["/a/b", "/a/b/c"]),
            (filter("Type", json!("Equals"), "SecureString"), vec![]),
            (filter("tag:team", json!("Equals"), "blue"), vec!["name"]),
            (filter("Tier", json!("Equals"), "Standard"), vec!["/a/b", "/a/b/c", "name"]),
            (json!({"Filters": [{"Key": "Name", "Values": ["na"]}]}), vec!["name"]),
        ] {
            let answer = ok(&bed, "DescribeParameters", input.clone()).await;
            assert_eq!(names(&answer), expected, "{input}");
        }
        let bad = filter("Type", json!("BeginsWith"), "S");
        assert_eq!(code(&bed, "DescribeParameters", bad).await, "InvalidFilterOption");
        let bad = filter("Type", json!("Equals"), "Text");
        assert_eq!(code(&bed, "DescribeParameters", bad).await, "InvalidFilterValue");
        let bad = json!({"Shared": true});
        assert_eq!(code(&bed, "DescribeParameters", bad).await, "UnsupportedOperation");
    })
    .await;
}
