use crate::common::{fault, logs, ok};
use serde_json::{Value, json};
use testkit::{Bed, on_every_engine, on_memory};

async fn names(bed: &Bed, input: Value) -> (Vec<String>, Option<String>) {
    let answer = ok(bed, "DescribeLogGroups", input).await;
    let groups = answer["logGroups"].as_array().unwrap();
    let names = groups.iter().map(|g| g["logGroupName"].as_str().unwrap().to_owned()).collect();
    (names, answer["nextToken"].as_str().map(str::to_owned))
}

#[tokio::test]
async fn groups_come_by_name_and_page_by_page() {
    on_every_engine(logs, async |bed| {
        for name in ["/a/one", "/a/Two", "/b/one"] {
            ok(&bed, "CreateLogGroup", json!({"logGroupName": name})).await;
        }
        let (first, token) = names(&bed, json!({"limit": 2})).await;
        assert_eq!(first, ["/a/Two", "/a/one"]);
        let (rest, end) = names(&bed, json!({"limit": 2, "nextToken": token.unwrap()})).await;
        assert_eq!((rest, end), (vec!["/b/one".to_owned()], None));
        let (prefixed, _) = names(&bed, json!({"logGroupNamePrefix": "/a/"})).await;
        assert_eq!(prefixed, ["/a/Two", "/a/one"]);
        let (found, _) = names(&bed, json!({"logGroupNamePattern": "TWO"})).await;
        assert_eq!(found, ["/a/Two"]);
    })
    .await;
}

#[tokio::test]
async fn parameters_that_exclude_each_other_are_refused() {
    on_memory(logs, async |bed| {
        let both = json!({"logGroupNamePrefix": "a", "logGroupNamePattern": "b"});
        assert_eq!(fault(&bed, "DescribeLogGroups", both).await.0, "InvalidParameterException");
        let token = json!({"nextToken": "no token"});
        let (code, message) = fault(&bed, "DescribeLogGroups", token).await;
        assert_eq!(code, "InvalidParameterException");
        assert_eq!(message, "The specified nextToken is invalid.");
        let (code, message) =
            fault(&bed, "DescribeLogGroups", json!({"includeLinkedAccounts": true})).await;
        assert_eq!(code, "UnsupportedOperation");
        assert!(message.contains("includeLinkedAccounts"), "{message}");
    })
    .await;
}
