use crate::common::{everywhere, function};
use serde_json::json;
use std::time::Duration;

#[tokio::test]
async fn a_function_is_told_with_its_tags() {
    everywhere(async |world| {
        let mut input = function();
        input["Tags"] = json!({"team": "a"});
        world.ok("CreateFunction", input).await;
        let answer = world.ok("GetFunction", json!({"FunctionName": "f"})).await;
        assert_eq!(answer["Tags"], json!({"team": "a"}));
        assert_eq!(answer["Configuration"]["FunctionName"], "f");
        let (code, message) = world.fault("GetFunction", json!({"FunctionName": "f:1"})).await;
        assert_eq!(code, "ResourceNotFoundException");
        assert!(message.ends_with("function:f:1"), "{message}");
    })
    .await;
}

#[tokio::test]
async fn the_package_can_be_had_without_a_signature_for_ten_minutes_and_nothing_else() {
    everywhere(async |world| {
        world.create().await;
        let answer = world.ok("GetFunction", json!({"FunctionName": "f"})).await;
        let url = answer["Code"]["Location"].as_str().unwrap().to_owned();
        let path = url.strip_prefix(world.bed.platform.public_url.as_str()).unwrap();
        let anyone = world.bed.anonymous();
        let get = async |path: &str| anyone.rest("lambda", "GET", path, Vec::new().into()).await;
        let reply = get(path).await;
        assert_eq!(
            (reply.status, &reply.headers["content-type"]),
            (200, &"application/zip".parse().unwrap())
        );
        let size = answer["Configuration"]["CodeSize"].as_u64();
        assert_eq!(Some(reply.body.len() as u64), size);

        let (start, last) = path.split_at(path.len() - 1);
        let other = format!("{start}{}", if last == "0" { "1" } else { "0" });
        for path in [other.as_str(), "/_pileus/package/", "/_pileus/package/00"] {
            assert_eq!(get(path).await.status, 403, "{path}");
        }
        assert_eq!(anyone.rest("lambda", "PUT", path, Vec::new().into()).await.status, 405);
        world.bed.clock.advance(Duration::from_secs(601));
        let reply = get(path).await;
        assert_eq!(reply.status, 403);
        assert!(String::from_utf8_lossy(&reply.body).contains("<Message>Request has expired<"));
    })
    .await;
}
