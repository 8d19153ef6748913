//! What is refused before anything is created.

use crate::support::World;
use serde_json::json;

#[tokio::test]
async fn all_problems_are_told_at_once_with_their_lines() {
    let world = World::new();
    let template = "Resources:
  A:
    Type: Test::Thing::Thing
    Properties:
      Colour: red
      Size: 101
  B: {Type: AWS::EC2::Instance}
  C: {Type: 'Test::Thing::Thing', DeletionPolicy: Snapshot}
  D:
    Type: Test::Thing::Thing
    Properties:
      Link: !GetAtt A.Colour
";
    let input = json!({"StackName": "shop", "TemplateBody": template});
    let (code, message) = world.fault("CreateStack", input).await;
    assert_eq!(code, "ValidationError");
    assert_eq!(
        message,
        "Template error: 5 problems:
- resource A: the property Colour of Test::Thing::Thing is not supported (line 5, column 7)
- resource A: property Size: must be at most 100 (line 6, column 7)
- resource B: the resource type AWS::EC2::Instance is not supported (line 7, column 3)
- resource C: DeletionPolicy Snapshot is not supported (line 8, column 3)
- resource D: Template error: resource A does not support attribute type Colour in Fn::GetAtt (line 12, column 7)"
    );
    assert!(world.things.calls().is_empty());
    assert_eq!(world.ok("ListStacks", json!({})).await["StackSummaries"], json!([]));
}

#[tokio::test]
async fn an_update_to_something_that_is_not_supported_changes_nothing() {
    let world = World::new();
    world.create("shop", "Resources: {A: {Type: 'Test::Thing::Thing'}}").await;
    let template = "Resources: {A: {Type: 'Test::Thing::Thing', Properties: {Colour: red}}}";
    let input = json!({"StackName": "shop", "TemplateBody": template});
    let (_, message) = world.fault("UpdateStack", input).await;
    assert!(message.contains("the property Colour"), "{message}");
    assert_eq!(world.status("shop").await, "CREATE_COMPLETE");
}

#[tokio::test]
async fn what_is_not_here_is_refused_by_name() {
    let world = World::new();
    let template = "Resources: {A: {Type: 'Test::Thing::Thing'}}";
    for (input, name) in [
        (json!({"TemplateBody": template, "ResourceTypes": ["AWS::*"]}), "ResourceTypes"),
        (json!({"TemplateBody": template, "NotificationARNs": ["arn:x"]}), "NotificationARNs"),
        (
            json!({"TemplateBody": template, "DeploymentConfig": {"Mode": "EXPRESS"}}),
            "DeploymentConfig.Mode",
        ),
    ] {
        let mut input = input;
        input["StackName"] = json!("shop");
        let (code, message) = world.fault("CreateStack", input).await;
        assert_eq!(code, "UnsupportedOperation");
        assert!(message.contains(name), "{message}");
    }
    let (_, message) = world.fault("CreateStack", json!({"StackName": "shop"})).await;
    assert_eq!(message, "Either Template URL or Template Body must be specified.");
}

#[tokio::test]
async fn substitutions_are_found_with_their_places() {
    let text = "Resources:
  F:
    Type: AWS::Lambda::Function
    Properties:
      Runtime: python3.13
      Architectures: [arm64]
      TracingConfig: {Mode: Active}
  B:
    Type: AWS::S3::Bucket
    Properties:
      BucketEncryption:
        ServerSideEncryptionConfiguration:
          - ServerSideEncryptionByDefault: {SSEAlgorithm: aws:kms}
  Images:
    Type: AWS::ECR::Repository
";
    let document = template::Document::parse(text).unwrap();
    let template = template::Template::read(&document).unwrap();
    let newest = |_: &str| Some("Python 3.11.2".to_owned());
    let found = stacks::substitutions(&template, &newest);
    let of = |name| found.iter().find(|one| one.text.starts_with(name)).unwrap();
    assert_eq!(found.len(), 5);
    assert_eq!(of("there is no registry").resource, "Images");
    assert_eq!(of("BucketEncryption").at.line, 13);
    assert_eq!(of("Architectures").at.line, 6);
    assert_eq!(of("TracingConfig").at.line, 7);
    assert_eq!(of("Runtime").at.line, 5);
    assert_eq!(of("Runtime").text, "Runtime \"python3.13\": Python 3.11.2 runs it");
}

/// Refused by the transform twice, and by what provides the things.
const MIXED: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  F:
    Type: AWS::Serverless::Function
    Properties: {Handler: h, Runtime: python3.12, InlineCode: x, Colour: red}
  G:
    Type: AWS::Serverless::Graph
  A:
    Type: Test::Thing::Thing
    Properties:
      Colour: red
      Size: 101
      Link: !Ref FRole
  B: {Type: AWS::EC2::Instance}
";

#[tokio::test]
async fn what_the_transform_and_what_the_providers_refuse_is_told_at_once() {
    let world = World::new();
    let capabilities = json!(["CAPABILITY_AUTO_EXPAND", "CAPABILITY_IAM"]);
    let input = json!({"StackName": "shop", "TemplateBody": MIXED, "Capabilities": capabilities});
    let (code, created) = world.fault("CreateStack", input).await;
    assert_eq!(code, "ValidationError");
    let (_, validated) = world.fault("ValidateTemplate", json!({"TemplateBody": MIXED})).await;
    assert_eq!(created, validated);
    let lines: Vec<&str> = created.lines().collect();
    assert_eq!(lines[0], "Template error: 5 problems:", "{created}");
    for (line, what, place) in [
        (1, "property Colour not defined", "line 5"),
        (2, "AWS::Serverless::Graph", "line 6"),
        (3, "the property Colour of Test::Thing::Thing", "line 11"),
        (4, "resource A: property Size: must be at most 100", "line 12"),
        (5, "the resource type AWS::EC2::Instance", "line 14"),
    ] {
        assert!(lines[line].contains(what) && lines[line].contains(place), "{created}");
    }
}

#[tokio::test]
async fn a_template_is_validated_as_far_as_its_parameters_are_known() {
    let world = World::new();
    let open = "Parameters: {Size: {Type: Number}}
Resources:
  A: {Type: 'Test::Thing::Thing', Properties: {Size: !Ref Size, Fixed: x}}
";
    world.ok("ValidateTemplate", json!({"TemplateBody": open})).await;
    let wrong = open.replace("Fixed", "Colour");
    let (_, message) = world.fault("ValidateTemplate", json!({"TemplateBody": wrong})).await;
    assert!(message.contains("the property Colour") && message.contains("line 3"), "{message}");
    // What must be evaluated is looked at when every value is known.
    let other = "  B: {Type: 'Test::Thing::Thing', Properties: {Link: !GetAtt A.Colour}}\n";
    let evaluated = format!("{open}{other}");
    world.ok("ValidateTemplate", json!({"TemplateBody": evaluated})).await;
    let known = evaluated.replace("Number}", "Number, Default: 1}");
    let (_, message) = world.fault("ValidateTemplate", json!({"TemplateBody": known})).await;
    assert!(message.contains("does not support attribute type Colour"), "{message}");
}
