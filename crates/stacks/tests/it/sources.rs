//! Templates, and what they include, in buckets.

use crate::support::World;
use serde_json::json;
use testkit::PUBLIC_URL;

const TEMPLATE: &str = "Resources: {A: {Type: 'Test::Thing::Thing', Properties: {Size: 1}}}";

#[tokio::test]
async fn a_template_can_lie_in_a_bucket() {
    let world = World::new();
    world.outside.put("box/a/t.yaml", TEMPLATE);
    let url = format!("{PUBLIC_URL}/box/a/t.yaml");
    world.ok("ValidateTemplate", json!({"TemplateURL": url})).await;
    let summary = world.ok("GetTemplateSummary", json!({"TemplateURL": url})).await;
    assert_eq!(summary["ResourceTypes"], json!(["Test::Thing::Thing"]));
    world.ok("CreateStack", json!({"StackName": "shop", "TemplateURL": url})).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "CREATE_COMPLETE");
    world.outside.put("box/two", &TEMPLATE.replace('1', "2"));
    let url = "https://box.s3.eu-west-1.amazonaws.com/two";
    let set = json!({"StackName": "shop", "ChangeSetName": "two", "TemplateURL": url});
    world.ok("CreateChangeSet", set).await;
    world.ok("UpdateStack", json!({"StackName": "shop", "TemplateURL": url})).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE");
    let template = world.ok("GetTemplate", json!({"StackName": "shop"})).await;
    assert_eq!(template["TemplateBody"], TEMPLATE.replace('1', "2"));
    assert!(world.outside.callers().iter().all(|caller| caller.ends_with(":root")));
}

#[tokio::test]
async fn a_template_that_cannot_be_read_is_refused() {
    let world = World::new();
    world.outside.put("box/large", &"#".repeat(1_000_001));
    let own = |key: &str| format!("{PUBLIC_URL}/box/{key}");
    for (url, reason) in [
        ("s3://box/t.yaml".to_owned(), "TemplateURL must be a supported URL."),
        ("https://example.com/box/t".to_owned(), "TemplateURL must be a supported URL."),
        (own("none"), "S3 error: The specified key does not exist.\nFor more information check"),
        (own("large"), "Template may not exceed 1000000 bytes in size."),
    ] {
        let input = json!({"StackName": "shop", "TemplateURL": url});
        let (code, message) = world.fault("CreateStack", input).await;
        assert_eq!(code, "ValidationError");
        assert!(message.starts_with(reason), "{message}");
    }
    let both = json!({"StackName": "shop", "TemplateURL": own("x"), "TemplateBody": TEMPLATE});
    let (_, message) = world.fault("CreateStack", both).await;
    assert_eq!(message, "Only one of TemplateBody and TemplateURL may be specified");
}

const INCLUDES: &str = "
Parameters: {Where: {Type: String, Default: 's3://box/things'}}
Transform: {Name: 'AWS::Include', Parameters: {Location: 's3://box/sections'}}
Resources:
  A: {Type: 'Test::Thing::Thing'}
  Fn::Transform: {Name: 'AWS::Include', Parameters: {Location: !Ref Where}}
";

#[tokio::test]
async fn a_template_can_include_what_lies_in_buckets() {
    let world = World::new();
    world.outside.put("box/sections", "Outputs: {B: {Value: !Ref B}}");
    world.outside.put("box/things", "B: {Type: 'Test::Thing::Gadget'}");
    let mut input = json!({"StackName": "shop", "TemplateBody": INCLUDES});
    let (code, _) = world.fault("CreateStack", input.clone()).await;
    assert_eq!(code, "InsufficientCapabilitiesException");
    input["Capabilities"] = json!(["CAPABILITY_AUTO_EXPAND"]);
    world.ok("CreateStack", input).await;
    // What it included then is part of it.
    world.outside.put("box/things", "C: {Type: 'Test::Thing::Gadget'}");
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "CREATE_COMPLETE");
    let ids = world.physical_ids("shop").await;
    assert_eq!(ids.keys().collect::<Vec<_>>(), ["A", "B"]);
    assert_eq!(world.stack("shop").await["Outputs"][0]["OutputValue"], ids["B"]);
    let template = world.ok("GetTemplate", json!({"StackName": "shop"})).await;
    assert_eq!(template["TemplateBody"], INCLUDES);
    let processed = json!({"StackName": "shop", "TemplateStage": "Processed"});
    let text = world.ok("GetTemplate", processed).await["TemplateBody"].to_string();
    assert!(text.contains("Test::Thing::Gadget") && !text.contains("Include"), "{text}");
    // A change set keeps both texts too.
    let two = "B: {Type: 'Test::Thing::Gadget'}\nC: {Type: 'Test::Thing::Gadget'}";
    world.outside.put("box/things", two);
    let set = json!({"StackName": "shop", "ChangeSetName": "next", "TemplateBody": INCLUDES});
    world.ok("CreateChangeSet", set).await;
    let named = json!({"StackName": "shop", "ChangeSetName": "next"});
    let template = world.ok("GetTemplate", named.clone()).await;
    assert_eq!(template["TemplateBody"], INCLUDES);
    world.ok("ExecuteChangeSet", named).await;
    world.run_jobs().await;
    assert_eq!(world.status("shop").await, "UPDATE_COMPLETE");
    assert_eq!(world.physical_ids("shop").await.len(), 3);
    let template = world.ok("GetTemplate", json!({"StackName": "shop"})).await;
    assert_eq!(template["TemplateBody"], INCLUDES);
}

#[tokio::test]
async fn what_cannot_be_included_is_told() {
    let world = World::new();
    let template = |location: &str| {
        format!(
            "Resources: {{Fn::Transform: {{Name: 'AWS::Include', Parameters: {{Location: {location}}}}}}}"
        )
    };
    for (location, reason) in [
        (
            "'s3://box/none'",
            "Transform AWS::Include failed with: The specified key does not exist.",
        ),
        ("box", "Transform AWS::Include failed with: S3 bucket name or key is invalid."),
        ("[a]", "Transform AWS::Include failed with: The location parameter is not a string"),
    ] {
        let input = json!({"StackName": "shop", "TemplateBody": template(location)});
        let (code, message) = world.fault("CreateStack", input).await;
        assert_eq!(code, "ValidationError");
        assert!(message.contains(reason), "{message}");
    }
    let macro_ = "Resources: {Fn::Transform: {Name: Mine}}";
    let input = json!({"StackName": "shop", "TemplateBody": macro_});
    let (_, message) = world.fault("CreateStack", input).await;
    assert!(message.contains("The macro Mine is not supported"), "{message}");
}
