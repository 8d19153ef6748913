use http::Request;
use serde_json::{Value, json};
use service::Platform;
use std::sync::Arc;
use testkit::{Bed, Hints, Reply, on_memory};

fn registry(_: &Arc<Platform>) -> Vec<service::Definition> {
    vec![functions::registry()]
}

async fn ask(bed: &Bed, input: Value) -> Reply {
    let target = "AmazonEC2ContainerRegistry_V20150921.DescribeRepositories";
    let request = Request::post("/")
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amz-target", target);
    bed.root().send("ecr", request, input.to_string().into()).await
}

#[tokio::test]
async fn there_are_no_repositories_of_images() {
    on_memory(registry, async |bed| {
        let all = ask(&bed, json!({})).await;
        assert_eq!((all.status, all.json()), (200, json!({"repositories": []})));
        let input = json!({"repositoryNames": ["shop/images"], "registryId": "000000000000"});
        let none = ask(&bed, input).await.json();
        assert!(
            none["__type"].as_str().unwrap().ends_with("RepositoryNotFoundException"),
            "{none}"
        );
        let expected = "The repository with name 'shop/images' does not exist in the registry with \
                        id '000000000000'";
        assert_eq!(none["message"], expected);
    })
    .await;
}

#[tokio::test]
async fn the_registry_keeps_its_model_and_asks_for_permission() {
    testkit::check_operations(registry, Hints::default()).await;
}
