//! Summaries, local artifacts and includes.

use std::collections::BTreeMap;

use serde_json::json;
use template::packaging::{self, ArtifactKind};
use template::summary::{self, Capability};
use template::transform::{self, Includes, Inputs};
use template::{Document, Kind, Result, Template};

const TEXT: &str = "\
Transform: AWS::Serverless-2016-10-31
Description: d
Parameters:
  Version: {Type: String, Default: nodejs24.x}
Globals:
  Function: {CodeUri: ./src, Runtime: !Ref Version}
Resources:
  A: {Type: AWS::Serverless::Function, Properties: {Handler: a.b}}
  B:
    Type: AWS::Serverless::Function
    Metadata: {BuildMethod: makefile}
    Properties:
      Handler: a.b
      Runtime: python3.14
      CodeUri: other/
  C: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, InlineCode: x}}
  D: {Type: AWS::Serverless::Function, Properties: {Handler: a.b, CodeUri: s3://b/k}}
  E: {Type: AWS::Lambda::Function, Properties: {Code: plain}}
  L: {Type: AWS::Serverless::LayerVersion, Properties: {ContentUri: layer}}
  Q: {Type: AWS::SQS::Queue, Properties: {Fn::Transform: {Name: AWS::Include, Parameters: {Location: q.yaml}}, DelaySeconds: 1}}
";

struct Files;

impl Includes for Files {
    fn fetch(&self, location: &str) -> Result<String> {
        assert_eq!(location, "s3://bucket/6");
        Ok("QueueName: included\nDelaySeconds: 5\n".to_owned())
    }
}

#[test]
fn local_paths_are_found_and_replaced() {
    let mut document = Document::parse(TEXT).unwrap();
    let artifacts = packaging::artifacts(&document, &BTreeMap::new()).unwrap();
    let found: Vec<_> = artifacts
        .iter()
        .map(|a| (a.logical_id.as_str(), a.kind, a.location.as_str(), a.at.line))
        .collect();
    assert_eq!(
        found,
        [
            ("A", ArtifactKind::FunctionCode, "./src", 6),
            ("B", ArtifactKind::FunctionCode, "other/", 15),
            ("E", ArtifactKind::FunctionCode, "plain", 18),
            ("L", ArtifactKind::LayerContent, "layer", 19),
            ("", ArtifactKind::Include, "q.yaml", 20),
        ]
    );
    assert_eq!(artifacts[0].runtime.as_deref(), Some("nodejs24.x"));
    assert_eq!(artifacts[1].runtime.as_deref(), Some("python3.14"));
    assert_eq!(artifacts[1].build_method.as_deref(), Some("makefile"));
    for (index, artifact) in artifacts.iter().enumerate() {
        packaging::replace(&mut document, artifact, "bucket", &format!("{}", index + 2)).unwrap();
    }
    let root = document.root().to_json();
    assert_eq!(root["Resources"]["A"]["Properties"]["CodeUri"], json!("s3://bucket/2"));
    assert_eq!(
        root["Resources"]["E"]["Properties"]["Code"],
        json!({"S3Bucket": "bucket", "S3Key": "4"})
    );
    assert!(packaging::artifacts(&document, &BTreeMap::new()).unwrap().is_empty());

    let again = Document::parse(&document.to_json_text()).unwrap();
    let parameters = BTreeMap::new();
    let inputs = Inputs { parameters: &parameters, region: "eu-west-1", includes: Some(&Files) };
    let document = transform::apply(again, &inputs).unwrap();
    let queue = document.root().at_path(&["Resources", "Q", "Properties"]).unwrap().to_json();
    assert_eq!(queue, json!({"DelaySeconds": 1, "QueueName": "included"}));
    let template = Template::read(&document).unwrap();
    assert!(template.resources.contains_key("ARole"));
}

#[test]
fn a_function_without_any_code_is_built_from_the_folder_of_the_template() {
    let text = "Resources:\n  F: {Type: AWS::Serverless::Function, Properties: {Handler: a.b}}\n";
    let mut document = Document::parse(text).unwrap();
    let artifacts = packaging::artifacts(&document, &BTreeMap::new()).unwrap();
    assert_eq!((artifacts[0].location.as_str(), artifacts[0].at.line), (".", 2));
    packaging::replace(&mut document, &artifacts[0], "b", "k").unwrap();
    let code = document.root().at_path(&["Resources", "F", "Properties", "CodeUri"]).unwrap();
    assert_eq!(code.as_str(), Some("s3://b/k"));
}

#[test]
fn a_macro_and_an_include_without_files_are_refused_by_name() {
    let parameters = BTreeMap::new();
    let inputs = Inputs { parameters: &parameters, region: "eu-west-1", includes: None };
    for (text, name) in [
        ("Transform: Mine\nResources: {}", "The transform Mine is not supported"),
        ("Resources: {Fn::Transform: {Name: Mine}}", "The macro Mine is not supported"),
        (TEXT, "The macro AWS::Include here is not supported"),
    ] {
        let error = transform::apply(Document::parse(text).unwrap(), &inputs).unwrap_err();
        assert_eq!((error.message.as_str(), error.kind), (name, Kind::Refused));
    }
}

#[test]
fn a_summary_tells_what_must_be_known_before() {
    let found = summary::summarize(&Document::parse(TEXT).unwrap()).unwrap();
    assert_eq!(found.description, "d");
    assert_eq!(found.transforms, ["AWS::Serverless-2016-10-31"]);
    assert_eq!(found.capabilities, [Capability::Iam, Capability::AutoExpand]);
    assert_eq!(found.parameters["Version"].default.as_deref(), Some("nodejs24.x"));
    assert_eq!(found.resource_types.len(), 4);

    let text = "Resources:\n  R: {Type: AWS::IAM::Role, Properties: {RoleName: r}}\n  P: {Type: AWS::IAM::Policy}\n";
    let found = summary::summarize(&Document::parse(text).unwrap()).unwrap();
    assert_eq!(found.capabilities, [Capability::NamedIam]);
    assert_eq!(
        found.capabilities_reason.as_deref(),
        Some("The following resource(s) require capabilities: [AWS::IAM::Role, AWS::IAM::Policy]")
    );
}

struct Sections;

impl Includes for Sections {
    fn fetch(&self, location: &str) -> Result<String> {
        match location {
            "more.yaml" => {
                Ok("Resources: {B: {Type: AWS::SQS::Queue}}\nMappings: {M: {}}".to_owned())
            }
            other => Err(template::Error::value(format!("there is no {other}"))),
        }
    }
}

#[test]
fn an_include_among_the_transforms_adds_whole_sections() {
    let parameters = BTreeMap::from([("Where".to_owned(), "more.yaml".to_owned())]);
    let inputs = Inputs { parameters: &parameters, region: "eu-west-1", includes: Some(&Sections) };
    let call = "{Name: AWS::Include, Parameters: {Location: !Ref Where}}";
    for (section, left) in
        [(call.to_owned(), None), (format!("[AWS::Serverless-2016-10-31, {call}]"), Some(1))]
    {
        let text = format!("Transform: {section}\nResources: {{A: {{Type: AWS::SQS::Queue}}}}\n");
        let mut document = Document::parse(&text).unwrap();
        transform::include_all(&mut document, &inputs).unwrap();
        let transforms = document.section("Transform").map(|node| node.as_list().unwrap().len());
        assert_eq!(transforms, left);
        let root = document.root().to_json();
        assert_eq!(root["Resources"]["B"]["Type"], "AWS::SQS::Queue");
        assert_eq!(root["Resources"]["A"]["Type"], "AWS::SQS::Queue");
        assert_eq!(root["Mappings"], json!({"M": {}}));
    }
    let text = "Resources:\n  Fn::Transform: {Name: AWS::Include, Parameters: {Location: gone}}\n";
    let mut document = Document::parse(text).unwrap();
    let error = transform::include_all(&mut document, &inputs).unwrap_err();
    assert_eq!(error.to_string(), "there is no gone (line 2, column 3)");
}
