use crate::common::objects;
use testkit::Hints;

#[tokio::test]
async fn every_operation_keeps_its_model_and_asks_for_permission() {
    // The sample of DeleteObjects names no object, which is refused before anything else.
    let hints = Hints { open: &["DeleteObjects"], ..Hints::default() };
    testkit::check_operations(objects, hints).await;
}
