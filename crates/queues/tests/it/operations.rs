use crate::common::queues;
use testkit::Hints;

#[tokio::test]
async fn every_operation_keeps_its_model_and_asks_for_permission() {
    let members = &[("QueueUrl", "http://127.0.0.1:4566/000000000000/abc")];
    testkit::check_operations(queues, Hints { members, ..Hints::default() }).await;
}
