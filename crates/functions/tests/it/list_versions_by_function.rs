use crate::common::{FUNCTION, everywhere};
use serde_json::json;

#[tokio::test]
async fn versions_are_listed_in_pages_after_the_latest() {
    everywhere(async |world| {
        world.create().await;
        for timeout in 4..7 {
            let input = json!({"FunctionName": "f", "Timeout": timeout});
            world.ok("UpdateFunctionConfiguration", input).await;
            world.ok("PublishVersion", json!({"FunctionName": "f"})).await;
        }
        let mut input = json!({"FunctionName": "f", "MaxItems": 2});
        let mut seen = Vec::new();
        loop {
            let page = world.ok("ListVersionsByFunction", input.clone()).await;
            for version in page["Versions"].as_array().unwrap() {
                let label = version["Version"].as_str().unwrap().to_owned();
                assert_eq!(version["FunctionArn"], format!("{FUNCTION}:{label}"));
                seen.push(label);
            }
            let Some(marker) = page.get("NextMarker") else { break };
            input["Marker"] = marker.clone();
        }
        assert_eq!(seen, ["$LATEST", "1", "2", "3"]);
        let mut input = json!({"FunctionVersion": "ALL", "MaxItems": 3});
        let page = world.ok("ListFunctions", input.clone()).await;
        input["Marker"] = page["NextMarker"].clone();
        let rest = world.ok("ListFunctions", input).await;
        let count = |page: &serde_json::Value| page["Functions"].as_array().unwrap().len();
        assert_eq!((count(&page), count(&rest)), (3, 1));
        assert_eq!(rest["Functions"][0]["Version"], "3");
    })
    .await;
}
