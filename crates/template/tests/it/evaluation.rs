//! Sections, conditions, graph and evaluation.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use template::{Bound, Document, Error, Kind, Pseudo, Resolved, Result, Scope, Template};

fn pseudo() -> Pseudo {
    Pseudo {
        account_id: "123456789012".into(),
        region: "eu-west-1".into(),
        partition: "aws".into(),
        url_suffix: "amazonaws.com".into(),
        stack_name: "demo".into(),
        stack_id: "arn:aws:cloudformation:eu-west-1:123456789012:stack/demo/1".into(),
        notification_arns: vec![],
    }
}

/// Knows `Ref` and `Arn` of the queue called `Known`, and the export `shared`.
struct Existing;

impl Scope for Existing {
    fn reference(&self, id: &str) -> Result<Resolved> {
        if id == "Known" { Ok(Resolved::Value(json!("known-name"))) } else { Ok(Resolved::Unknown) }
    }
    fn attribute(&self, id: &str, attribute: &str) -> Result<Resolved> {
        match (id, attribute) {
            ("Known", "Arn") => Ok(Resolved::Value(json!("arn:known"))),
            ("Known", other) => Err(Error::value(format!("no attribute {other}"))),
            _ => Ok(Resolved::Unknown),
        }
    }
    fn import(&self, export: &str) -> Result<Resolved> {
        match export {
            "shared" => Ok(Resolved::Value(json!("imported"))),
            other => Err(Error::value(format!("No export named {other} found."))),
        }
    }
    fn availability_zones(&self, region: &str) -> Result<Vec<String>> {
        Ok(vec![format!("{region}a"), format!("{region}b")])
    }
}

fn read(text: &str) -> Result<Template> {
    Template::read(&Document::parse(text)?)
}

fn bind(text: &str, given: &[(&str, &str)]) -> Result<Bound> {
    let given: BTreeMap<_, _> = given.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
    Bound::new(read(text)?, &given, &pseudo())
}

/// The value of property `P` of resource `R`, with some parameters, mappings and conditions around.
fn property(yaml: &str) -> Result<Value> {
    let text = format!(
        "Parameters:\n  Stage: {{Type: String, Default: prod}}\n  Names: {{Type: CommaDelimitedList, Default: 'a,b,c'}}\n\
         Mappings:\n  M: {{eu-west-1: {{size: 3, list: [x, y]}}}}\n\
         Conditions:\n  Yes: !Equals [!Ref Stage, prod]\n  No: !Not [!Condition 'Yes']\n\
         Resources:\n  Known: {{Type: AWS::SQS::Queue}}\n  New: {{Type: AWS::SQS::Queue}}\n  R:\n    Type: T\n    Properties:\n      P: {yaml}\n"
    );
    let bound = bind(&text.replace("  Yes:", "  'Yes':").replace("  No:", "  'No':"), &[])?;
    let mut properties = bound.properties("R", &Existing)?;
    let value = properties.swap_remove("P").map(|found| found.value);
    Ok(value.unwrap_or(Value::Null))
}

#[test]
fn every_function_returns_its_value() {
    let cases = [
        ("!Ref Stage", json!("prod")),
        ("!Ref Names", json!(["a", "b", "c"])),
        ("!Ref Known", json!("known-name")),
        ("!Ref AWS::Region", json!("eu-west-1")),
        ("!Ref AWS::NoValue", Value::Null),
        ("[1, !Ref AWS::NoValue]", json!([1])),
        ("!GetAtt Known.Arn", json!("arn:known")),
        ("{Fn::GetAtt: [Known, Arn]}", json!("arn:known")),
        (
            "!Sub '${Stage}-${AWS::AccountId}-${Known.Arn}-${!Literal}'",
            json!("prod-123456789012-arn:known-${Literal}"),
        ),
        ("!Sub ['${a}/${Stage}', {a: !Select [1, !Ref Names]}]", json!("b/prod")),
        ("!Join ['-', [a, !Ref Stage, 3]]", json!("a-prod-3")),
        ("!Join [',', !Ref Names]", json!("a,b,c")),
        ("!Split ['.', a.b]", json!(["a", "b"])),
        ("!Select ['0', [x, y]]", json!("x")),
        ("!If ['Yes', 1, 2]", json!(1)),
        ("!If ['No', 1, !Ref AWS::NoValue]", Value::Null),
        ("!FindInMap [M, !Ref AWS::Region, size]", json!(3)),
        ("!Select [1, !FindInMap [M, eu-west-1, list]]", json!("y")),
        ("!ImportValue shared", json!("imported")),
        ("!Base64 text", json!("dGV4dA==")),
        ("!GetAZs ''", json!(["eu-west-1a", "eu-west-1b"])),
        ("!Select [1, !Cidr [10.0.0.0/16, 2, 8]]", json!("10.0.1.0/24")),
        ("{Condition: {StringEquals: {a: b}}}", json!({"Condition": {"StringEquals": {"a": "b"}}})),
    ];
    for (yaml, expected) in cases {
        assert_eq!(property(yaml).unwrap_or_else(|e| panic!("{yaml}: {e}")), expected, "{yaml}");
    }
}

#[test]
fn a_wrong_function_is_refused_with_the_official_text_and_its_line() {
    let cases = [
        (
            "!Ref Missing",
            "Template format error: Unresolved resource dependencies [Missing] in the Resources block of the template",
        ),
        (
            "!Sub '${Missing}'",
            "Template format error: Unresolved resource dependencies [Missing] in the Resources block of the template",
        ),
        (
            "!GetAtt Missing.Arn",
            "Template error: instance of Fn::GetAtt references undefined resource Missing",
        ),
        (
            "!GetAtt Known",
            "Template error: every Fn::GetAtt object requires two non-empty parameters, the resource name and the resource attribute",
        ),
        ("!If [Nope, 1, 2]", "Template error: unresolved condition dependency Nope in Fn::If"),
        (
            "!Select [5, [a]]",
            "Template error: Fn::Select cannot select nonexistent value at index 5",
        ),
        ("!FindInMap [M, a, b]", "Template error: Unable to get mapping for M::a::b"),
        (
            "!FindInMap [N, a, b]",
            "Template error: Mapping named 'N' is not present in the 'Mappings' section of template.",
        ),
        ("!ImportValue other", "No export named other found."),
        ("!GetAtt Known.Nope", "no attribute Nope"),
        (
            "!Equals [a, b]",
            "Template error: Fn::Equals is only allowed in the Conditions section of the template",
        ),
        ("{Fn::Length: [1]}", "The function Fn::Length is not supported"),
        (
            "'{{resolve:ssm-secure:/a:1}}'",
            "The dynamic reference {{resolve:ssm-secure:/a:1}} is not supported",
        ),
        (
            "!Sub '{{resolve:ssm:${New}}}'",
            "The dynamic reference {{resolve:ssm:{{unknown:New}}}}, of which a part is known \
             only once a resource exists, is not supported",
        ),
        (
            "{a: ~}",
            "Template format error: [/Resources/R/Properties/P/a] 'null' values are not allowed in templates",
        ),
    ];
    for (yaml, expected) in cases {
        let error = property(yaml).unwrap_err();
        assert_eq!(error.message, expected, "{yaml}");
        assert_eq!(error.at.map(|at| at.line), Some(15), "{yaml}: {error}");
    }
}

#[test]
fn what_does_not_exist_yet_is_named() {
    let text = "Resources:\n  New: {Type: T}\n  R:\n    Type: T\n    Properties:\n      Plain: 1\n      Name: !Ref New\n      Text: !Sub '${New.Arn}/x'\n      Part: !Select [1, !Split [':', !GetAtt New.Arn]]\n";
    let properties = bind(text, &[]).unwrap().properties("R", &Existing).unwrap();
    assert!(properties["Plain"].is_known());
    assert_eq!(properties["Name"].unknown, ["New"]);
    assert_eq!(properties["Text"].value, json!("{{unknown:New.Arn}}/x"));
    assert_eq!(properties["Part"].unknown, ["New.Arn"]);
}

#[test]
fn resources_are_ordered_by_what_they_need() {
    let text = "Parameters: {On: {Type: String, Default: 'no'}}\nConditions: {C: !Equals [!Ref On, 'yes']}\n\
        Resources:\n  A: {Type: T, DependsOn: [D, Maybe], Properties: {x: !Ref B, y: !If [C, !Ref Maybe, z]}}\n  B: {Type: T, Properties: {x: !Sub '${C1.Arn}'}}\n  C1: {Type: T}\n  D: {Type: T}\n  Maybe: {Type: T, Condition: C}\n";
    let graph = bind(text, &[]).unwrap().graph().unwrap();
    assert_eq!(graph.needs("A").collect::<Vec<_>>(), ["B", "D"]);
    assert_eq!(graph.needed_by("C1").collect::<Vec<_>>(), ["B"]);
    assert_eq!(graph.order(), ["C1", "B", "D", "A"]);
    let graph = bind(text, &[("On", "yes")]).unwrap().graph().unwrap();
    assert_eq!(graph.needs("A").collect::<Vec<_>>(), ["B", "D", "Maybe"]);
}

#[test]
fn a_circle_names_its_members_only() {
    let text = "Resources:\n  A: {Type: T, DependsOn: B}\n  B: {Type: T, Properties: {x: !Ref A, y: !Ref C}}\n  C: {Type: T}\n  D: {Type: T, DependsOn: A}\n";
    let error = bind(text, &[]).unwrap().graph().unwrap_err();
    assert_eq!(error.message, "Circular dependency between resources: [A, B]");
    assert_eq!(error.at.unwrap().line, 2);
}

#[test]
fn a_reference_to_a_resource_whose_condition_is_not_met_is_unresolved() {
    let text = "Conditions: {C: !Equals [a, b]}\nResources:\n  A: {Type: T}\n  M: {Type: T, Condition: C}\nOutputs:\n  O: {Value: !Ref M}\n";
    let error = bind(text, &[]).unwrap().graph().unwrap_err();
    assert_eq!(
        error.message,
        "Template format error: Unresolved resource dependencies [M] in the Outputs block of the template"
    );
}

#[test]
fn parameters_must_be_given_and_known() {
    let text = "Parameters: {A: {Type: String}, B: {Type: String}}\nResources: {R: {Type: T}}\n";
    assert_eq!(bind(text, &[]).unwrap_err().message, "Parameters: [A, B] must have values");
    let error = bind(text, &[("A", "1"), ("B", "2"), ("X", "3")]).unwrap_err();
    assert_eq!(error.message, "Parameters: [X] do not exist in the template");
}

#[test]
fn sections_and_attributes_that_do_not_exist_or_are_not_supported_are_refused() {
    let cases = [
        (
            "Foo: 1\nResources: {R: {Type: T}}\n",
            "Invalid template property or properties [Foo]",
            Kind::Invalid,
        ),
        (
            "Rules: {R: {Assert: 1}}\nResources: {R: {Type: T}}\n",
            "Invalid template rule property 'Assert'",
            Kind::Invalid,
        ),
        (
            "Transform: AWS::LanguageExtensions\nResources: {R: {Type: T}}\n",
            "The transform AWS::LanguageExtensions is not supported",
            Kind::Refused,
        ),
        (
            "AWSTemplateFormatVersion: 2011-01-01\nResources: {R: {Type: T}}\n",
            "Template format error: Unsupported template version.",
            Kind::Invalid,
        ),
        (
            "Resources: {}\n",
            "Template format error: At least one Resources member must be defined.",
            Kind::Invalid,
        ),
        (
            "Resources: {R: {Properties: {}}}\n",
            "Template format error: [/Resources/R] Every Resources object must contain a Type member.",
            Kind::Invalid,
        ),
        (
            "Resources: {R: {Type: T, Foo: 1}}\n",
            "Invalid template resource property 'Foo'",
            Kind::Invalid,
        ),
        (
            "Resources: {R: {Type: T, CreationPolicy: {}}}\n",
            "The attribute CreationPolicy (resource R) is not supported",
            Kind::Refused,
        ),
        (
            "Resources: {R-1: {Type: T}}\n",
            "Template format error: Resources name 'R-1' is non alphanumeric.",
            Kind::Invalid,
        ),
        (
            "Resources: {R: {Type: T, Condition: C}}\n",
            "Template format error: Unresolved condition dependency C in the Resources block of the template",
            Kind::Invalid,
        ),
        (
            "Resources: {R: {Type: T, DependsOn: X}}\n",
            "Template format error: Unresolved resource dependencies [X] in the Resources block of the template",
            Kind::Invalid,
        ),
    ];
    for (text, message, kind) in cases {
        let error = read(text).unwrap_err();
        assert_eq!((error.message.as_str(), error.kind), (message, kind), "{text}");
        assert!(error.at.is_some());
    }
}

#[test]
fn a_section_with_too_many_entries_is_refused() {
    let resource = "Resources: {R: {Type: T}}\n";
    let too_many = format!(
        "{resource}Parameters: {{{}}}\n",
        (0..201).map(|n| format!("P{n}: {{Type: String}}")).collect::<Vec<_>>().join(", ")
    );
    let error = read(&too_many).unwrap_err();
    assert_eq!(error.kind, Kind::Limit);
    assert_eq!(
        error.message,
        "Template format error: Number of parameters, 201, is greater than maximum allowed, 200"
    );
}

#[test]
fn conditions_in_a_circle_and_with_resources_are_refused() {
    let circle =
        "Conditions: {A: !Not [!Condition B], B: !Not [!Condition A]}\nResources: {R: {Type: T}}\n";
    assert!(bind(circle, &[]).unwrap_err().message.contains("circular condition dependency"));
    let resource = "Conditions: {A: !Equals [!Ref R, x]}\nResources: {R: {Type: T}}\n";
    assert!(
        bind(resource, &[])
            .unwrap_err()
            .message
            .contains("Cannot reference resources in the Conditions block")
    );
}

const RULES: &str = "
Parameters:
  Version: {Type: String}
  Stage: {Type: String, Default: test}
  Zones: {Type: CommaDelimitedList, Default: 'a,b'}
Rules:
  Recent:
    Assertions:
      - Assert: !Not [!Contains [[1, 2], !Ref Version]]
        AssertDescription: It is too old.
  Live:
    RuleCondition: !Equals [!Ref Stage, live]
    Assertions:
      - Assert: !EachMemberIn [!Ref Zones, [a, b, c]]
      - Assert: !EachMemberEquals [!Ref Zones, a]
Resources:
  R: {Type: A::B::C}
";

#[test]
fn rules_are_checked_with_the_parameters() {
    let bind = |given: &[(&str, &str)]| {
        let given = given.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let template = Template::read(&Document::parse(RULES).unwrap()).unwrap();
        Bound::new(template, &given, &pseudo()).map(drop).map_err(|error| error.message)
    };
    assert_eq!(bind(&[("Version", "3")]), Ok(()));
    let too_old = "Template error: rule Recent: It is too old.".to_owned();
    assert_eq!(bind(&[("Version", "2")]), Err(too_old));
    let live = [("Version", "3"), ("Stage", "live")];
    let failed = "Template error: rule Live: an assertion does not hold".to_owned();
    assert_eq!(bind(&live), Err(failed));
    assert_eq!(bind(&[live[0], live[1], ("Zones", "a,a")]), Ok(()));
}
