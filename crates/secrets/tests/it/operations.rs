use crate::common::secrets;
use testkit::Hints;

#[tokio::test]
async fn every_operation_keeps_its_model_and_asks_for_permission() {
    let members = &[("Path", "/shop"), ("Name", "/shop/name"), ("ResourceType", "Parameter")];
    testkit::check_operations(secrets, Hints { members, ..Hints::default() }).await;
}
