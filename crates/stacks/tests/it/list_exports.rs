//! Exports.

use crate::support::World;
use serde_json::json;

pub(crate) const EXPORTER: &str = "
Resources: {A: {Type: 'Test::Thing::Thing', Properties: {Fixed: one}}}
Outputs: {Out: {Value: !Ref A, Export: {Name: shared}}}
";
pub(crate) const IMPORTER: &str = "
Resources: {B: {Type: 'Test::Thing::Thing', Properties: {Link: !ImportValue shared}}}
";

#[tokio::test]
async fn an_export_is_imported_and_held() {
    let world = World::new();
    let input = json!({"StackName": "user", "TemplateBody": IMPORTER});
    let (_, message) = world.fault("CreateStack", input).await;
    assert_eq!(message, "No export named shared found.");
    let id = world.create("owner", EXPORTER).await;
    let value = world.physical_ids("owner").await["A"].clone();
    let exports = world.ok("ListExports", json!({})).await;
    assert_eq!(
        exports["Exports"],
        json!([{"ExportingStackId": id, "Name": "shared", "Value": value}])
    );
    let (_, message) = world.fault("ListImports", json!({"ExportName": "shared"})).await;
    assert_eq!(message, "Export 'shared' is not imported by any stack.");
    world.create("user", IMPORTER).await;
    let ids = world.physical_ids("user").await;
    assert_eq!(world.things.existing()[&ids["B"]]["Link"], value);
    let imports = world.ok("ListImports", json!({"ExportName": "shared"})).await;
    assert_eq!(imports["Imports"], json!(["user"]));

    let (code, message) = world.fault("DeleteStack", json!({"StackName": "owner"})).await;
    assert_eq!(code, "ValidationError");
    assert_eq!(message, "Export shared cannot be deleted as it is in use by user");
    world.update("owner", &EXPORTER.replace("one", "two")).await;
    assert_eq!(world.status("owner").await, "UPDATE_ROLLBACK_COMPLETE");
    let reason = world.reason("owner", "owner UPDATE_ROLLBACK_IN_PROGRESS").await;
    assert!(reason.starts_with("Export shared cannot be updated as it is in use by user"));
    assert_eq!(world.physical_ids("owner").await["A"], value);

    world.delete("user").await;
    world.update("owner", &EXPORTER.replace("one", "two")).await;
    assert_eq!(world.status("owner").await, "UPDATE_COMPLETE");
    world.delete("owner").await;
    assert_eq!(world.ok("ListExports", json!({})).await["Exports"], json!([]));
}

#[tokio::test]
async fn a_name_is_exported_once() {
    let world = World::new();
    world.create("owner", EXPORTER).await;
    world.create("other", EXPORTER).await;
    assert_eq!(world.status("other").await, "ROLLBACK_COMPLETE");
    let reason = world.reason("other", "other ROLLBACK_IN_PROGRESS").await;
    assert!(reason.starts_with("Export with name shared is already exported"), "{reason}");
    assert_eq!(world.things.existing().len(), 1);
    world.delete("other").await;
    assert_eq!(world.ok("ListExports", json!({})).await["Exports"].as_array().unwrap().len(), 1);
}
