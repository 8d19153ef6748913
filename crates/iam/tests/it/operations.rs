use crate::common::ADMIN;
use clock::Ids;
use iam::{Iam, MasterKey};
use service::{Definition, Platform};
use std::sync::Arc;
use testkit::Hints;

fn services(platform: &Arc<Platform>) -> Vec<Definition> {
    iam::definitions(&Iam::new(platform, MasterKey::new([7; 32]), Ids::from_seed(3)))
}

/// Who may ask for credentials is decided by the key that signed and by trust policies; the tests of
/// those operations show it.
#[tokio::test]
async fn every_operation_keeps_its_model_and_asks_for_permission() {
    let open = &["AssumeRole", "GetCallerIdentity", "GetSessionToken"];
    let members = &[("PolicyArn", ADMIN)];
    testkit::check_operations(services, Hints { open, members }).await;
}
