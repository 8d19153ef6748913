use crate::common::{FUNCTION, ROLE, World};
use std::sync::Arc;
use testkit::Hints;

#[tokio::test]
async fn every_operation_keeps_its_model_and_asks_for_permission() {
    let members = &[
        ("Arn", "arn:aws:lambda:eu-central-1:000000000000:layer:tools:1"),
        ("FunctionName", "f"),
        ("Resource", FUNCTION),
        ("Role", ROLE),
        ("UUID", "00000000-0000-4000-8000-000000000000"),
    ];
    let build = |platform: &Arc<service::Platform>| World::definitions(platform);
    testkit::check_operations(build, Hints { members, ..Hints::default() }).await;
}
