use crate::{common::everywhere, publish_layer_version::layer};
use serde_json::json;

/// Texts as AWS gave them to LocalStack's validated tests (`test_layer_exceptions`).
#[tokio::test]
async fn a_version_that_is_not_there_is_told_so() {
    everywhere(async |world| {
        world.ok("PublishLayerVersion", layer("tools", "a", "x")).await;
        for (name, number, code, text) in [
            ("tools", 2, "ResourceNotFoundException", "The resource you requested does not exist."),
            ("none", 1, "ResourceNotFoundException", "The resource you requested does not exist."),
            ("tools", 0, "InvalidParameterValueException", "Layer Version Cannot be less than 1"),
        ] {
            let input = json!({"LayerName": name, "VersionNumber": number});
            let fault = world.fault("GetLayerVersion", input).await;
            assert_eq!(fault, (code.to_owned(), text.to_owned()));
        }
    })
    .await;
}
