use serde_json::json;
use service::Platform;
use std::sync::Arc;
use testkit::{Hints, on_memory};

fn registry(_: &Arc<Platform>) -> Vec<service::Definition> {
    vec![functions::registry()]
}

#[tokio::test]
async fn there_are_no_repositories_of_images() {
    on_memory(registry, async |bed| {
        let all = bed.ok("ecr", "DescribeRepositories", json!({})).await;
        assert_eq!(all, json!({"repositories": []}));
        let input = json!({"repositoryNames": ["shop/images"], "registryId": "000000000000"});
        let (code, text) = bed.fault("ecr", "DescribeRepositories", input).await;
        assert_eq!(code, "RepositoryNotFoundException");
        let expected = "The repository with name 'shop/images' does not exist in the registry with \
                        id '000000000000'";
        assert_eq!(text, expected);
    })
    .await;
}

#[tokio::test]
async fn the_registry_keeps_its_model_and_asks_for_permission() {
    testkit::check_operations(registry, Hints::default()).await;
}
