use crate::common::{everywhere, function};
use serde_json::json;

#[tokio::test]
async fn functions_are_listed_in_pages() {
    everywhere(async |world| {
        for name in ["c", "a", "b"] {
            let mut input = function();
            input["FunctionName"] = name.into();
            world.ok("CreateFunction", input).await;
        }
        let first = world.ok("ListFunctions", json!({"MaxItems": 2})).await;
        let name = |answer: &serde_json::Value, index: usize| {
            answer["Functions"][index]["FunctionName"].as_str().unwrap_or_default().to_owned()
        };
        assert_eq!((name(&first, 0), name(&first, 1)), ("a".to_owned(), "b".to_owned()));
        let input = json!({"Marker": first["NextMarker"]});
        let second = world.ok("ListFunctions", input).await;
        assert_eq!((name(&second, 0), second.get("NextMarker")), ("c".to_owned(), None));
    })
    .await;
}
