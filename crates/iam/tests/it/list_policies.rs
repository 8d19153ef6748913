use crate::common::{allow, column, run};
use serde_json::json;

#[tokio::test]
async fn policies_are_listed_by_scope_and_use() {
    run(async |w| {
        let arn = w.policy("p", json!([allow("s3:*")])).await;
        w.policy("q", json!([allow("s3:*")])).await;
        w.user("ada").await;
        w.ok("AttachUserPolicy", json!({"UserName": "ada", "PolicyArn": arn})).await;
        let local = w.ok("ListPolicies", json!({"Scope": "Local"})).await;
        assert_eq!(column(&local["Policies"], "PolicyName"), ["p", "q"]);
        let input = json!({"Scope": "Local", "OnlyAttached": true});
        assert_eq!(column(&w.ok("ListPolicies", input).await["Policies"], "PolicyName"), ["p"]);
        let mut names = Vec::new();
        let mut input = json!({"MaxItems": 7});
        loop {
            let page = w.ok("ListPolicies", input.clone()).await;
            names.extend(column(&page["Policies"], "PolicyName"));
            if page["Marker"].is_null() {
                break;
            }
            input["Marker"] = page["Marker"].clone();
        }
        assert!(names.len() > 20, "{names:?}");
        assert!(names.ends_with(&["p".to_owned(), "q".to_owned()]), "{names:?}");
    })
    .await;
}
