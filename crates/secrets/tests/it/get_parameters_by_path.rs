use crate::common::{code, names, ok, put, secrets};
use serde_json::json;
use testkit::{on_every_engine, on_memory};

#[tokio::test]
async fn a_path_holds_one_level_or_all() {
    on_every_engine(secrets, async |bed| {
        for name in ["/a/b", "/a/b/c", "/ab", "x"] {
            put(&bed, name, "v").await;
        }
        for (path, recursive, expected) in [
            ("/a", false, vec!["/a/b"]),
            ("/a/", true, vec!["/a/b", "/a/b/c"]),
            ("/", false, vec!["/ab", "x"]),
            ("/none", true, vec![]),
        ] {
            let input = json!({"Path": path, "Recursive": recursive});
            assert_eq!(names(&ok(&bed, "GetParametersByPath", input).await), expected, "{path}");
        }
        assert_eq!(
            code(&bed, "GetParametersByPath", json!({"Path": "a"})).await,
            "ValidationException"
        );
    })
    .await;
}

#[tokio::test]
async fn pages_follow_one_another() {
    on_memory(secrets, async |bed| {
        for number in 0..12 {
            put(&bed, &format!("/p/{number:02}"), "v").await;
        }
        let first = ok(&bed, "GetParametersByPath", json!({"Path": "/p"})).await;
        assert_eq!(names(&first).len(), 10);
        let input = json!({"Path": "/p", "NextToken": first["NextToken"]});
        let second = ok(&bed, "GetParametersByPath", input).await;
        assert_eq!(names(&second), ["/p/10", "/p/11"]);
        assert!(second.get("NextToken").is_none());
        let bad = json!({"Path": "/p", "NextToken": "?"});
        assert_eq!(code(&bed, "GetParametersByPath", bad).await, "InvalidNextToken");
    })
    .await;
}

#[tokio::test]
async fn a_path_is_filtered_by_type() {
    on_memory(secrets, async |bed| {
        put(&bed, "/p/a", "v").await;
        let secret = json!({"Name": "/p/s", "Value": "v", "Type": "SecureString"});
        ok(&bed, "PutParameter", secret).await;
        let by = |key: &str, value: &str| {
            json!({"Path": "/p", "ParameterFilters": [{"Key": key, "Values": [value]}]})
        };
        let answer = ok(&bed, "GetParametersByPath", by("Type", "SecureString")).await;
        assert_eq!(names(&answer), ["/p/s"]);
        let answer = ok(&bed, "GetParametersByPath", by("KeyId", "alias/aws/ssm")).await;
        assert_eq!(names(&answer), ["/p/s"]);
        assert_eq!(code(&bed, "GetParametersByPath", by("Name", "a")).await, "InvalidFilterKey");
        assert_eq!(code(&bed, "GetParametersByPath", by("Label", "a")).await, "UnsupportedOperation");
    })
    .await;
}
