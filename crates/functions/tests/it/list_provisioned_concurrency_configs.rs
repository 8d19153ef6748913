use crate::{
    common::{FUNCTION, everywhere},
    create_alias::two_versions,
    put_provisioned_concurrency_config::provision,
};
use serde_json::json;

#[tokio::test]
async fn all_of_a_function_are_listed_in_pages() {
    everywhere(async |world| {
        two_versions(&world).await;
        for (qualifier, count) in [("1", 3), ("2", 4)] {
            provision(&world, qualifier, count).await;
        }
        let (mut found, mut marker) = (Vec::new(), json!(null));
        loop {
            let mut input = json!({"FunctionName": "f", "MaxItems": 1});
            if !marker.is_null() {
                input["Marker"] = marker;
            }
            let page = world.ok("ListProvisionedConcurrencyConfigs", input).await;
            for one in page["ProvisionedConcurrencyConfigs"].as_array().unwrap() {
                assert_eq!(one["Status"], "IN_PROGRESS");
                found.push((
                    one["FunctionArn"].clone(),
                    one["RequestedProvisionedConcurrentExecutions"].clone(),
                ));
            }
            marker = page["NextMarker"].clone();
            if marker.is_null() {
                break;
            }
        }
        let arn = |version: &str| json!(format!("{FUNCTION}:{version}"));
        assert_eq!(found, [(arn("1"), json!(3)), (arn("2"), json!(4))]);
    })
    .await;
}
