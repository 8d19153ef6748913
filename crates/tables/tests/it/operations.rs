use crate::common::services;
use testkit::Hints;

#[tokio::test]
async fn every_operation_keeps_its_model_and_asks_for_permission() {
    testkit::check_operations(services, Hints::default()).await;
}
