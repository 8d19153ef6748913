use super::{Endpoint, Folder};
use crate::endpoint::Request;
use rustix::process::{Signal, getpid, kill_process};
use std::{
    process::ExitCode,
    sync::{Mutex, mpsc},
    thread,
};

const TEMPLATE: &str = "\
Transform: AWS::Serverless-2016-10-31
Resources:
  Hello:
    Type: AWS::Serverless::Function
    Properties: {Handler: app.f, Runtime: python3.12, CodeUri: src}
";
const ID: &str = "arn:aws:cloudformation:eu-west-1:000000000000:stack/shop/1";

/// A CloudFormation of one stack: the states that the resource and the stack go through, and what an
/// update answers.
struct CloudFormation {
    events: &'static [(&'static str, &'static str, &'static str)],
    refusal: Option<&'static str>,
    /// The token of the deployment, once there is one.
    token: Mutex<Option<String>>,
    before: Option<&'static str>,
}

impl CloudFormation {
    fn new(events: &'static [(&'static str, &'static str, &'static str)]) -> Self {
        Self { events, refusal: None, token: Mutex::new(None), before: None }
    }

    fn endpoint(self) -> Endpoint {
        Endpoint::new(move |request| self.answer(request))
    }

    fn answer(&self, request: &Request) -> (u16, String) {
        if request.method == "PUT" {
            return (200, "{}".to_owned());
        }
        let action = request.parameter("Action").unwrap();
        match action.as_str() {
            "DescribeStacks" => self.describe(),
            "DescribeStackEvents" => (200, self.events()),
            // What is asked before anything is built.
            "ValidateTemplate" | "CreateChangeSet" | "DeleteChangeSet" => {
                (200, format!("<R><{action}Result><Id>1</Id></{action}Result></R>"))
            }
            _ if self.refusal.is_some() => error(self.refusal.unwrap()),
            _ => {
                *self.token.lock().unwrap() = request.parameter("ClientRequestToken");
                (200, format!("<R><{action}Result><StackId>{ID}</StackId></{action}Result></R>"))
            }
        }
    }

    fn describe(&self) -> (u16, String) {
        let started = self.token.lock().unwrap().is_some();
        let status = if started { self.events.last().map(|event| event.1) } else { self.before };
        let Some(status) = status else { return error("Stack with id shop does not exist") };
        (
            200,
            format!(
                "<R><DescribeStacksResult><Stacks><member><StackName>shop</StackName>\
                 <StackId>{ID}</StackId><StackStatus>{status}</StackStatus></member></Stacks>\
                 </DescribeStacksResult></R>"
            ),
        )
    }

    /// Newest first, as the API gives them.
    fn events(&self) -> String {
        let token = self.token.lock().unwrap().clone().unwrap();
        let member = |(index, (kind, status, reason)): (usize, &(&str, &str, &str))| {
            let id = if *kind == "AWS::CloudFormation::Stack" { ID } else { "shop-hello" };
            format!(
                "<member><EventId>{index}</EventId><LogicalResourceId>Hello</LogicalResourceId>\
                 <PhysicalResourceId>{id}</PhysicalResourceId><ResourceType>{kind}</ResourceType>\
                 <ResourceStatus>{status}</ResourceStatus>\
                 <ResourceStatusReason>{reason}</ResourceStatusReason>\
                 <ClientRequestToken>{token}</ClientRequestToken></member>"
            )
        };
        let members: String = self.events.iter().enumerate().rev().map(member).collect();
        format!(
            "<R><DescribeStackEventsResult><StackEvents>{members}</StackEvents>\
             </DescribeStackEventsResult></R>"
        )
    }
}

fn error(message: &str) -> (u16, String) {
    (
        400,
        format!(
            "<ErrorResponse><Error><Code>ValidationError</Code><Message>{message}</Message></Error>\
             </ErrorResponse>"
        ),
    )
}

const STACK: &str = "AWS::CloudFormation::Stack";
const FUNCTION: &str = "AWS::Lambda::Function";
const CREATED: &[(&str, &str, &str)] = &[
    (STACK, "CREATE_IN_PROGRESS", ""),
    (FUNCTION, "CREATE_IN_PROGRESS", ""),
    (FUNCTION, "CREATE_COMPLETE", "Substituted: Runtime: another version runs it"),
    (STACK, "CREATE_COMPLETE", ""),
];
const FAILED: &[(&str, &str, &str)] = &[
    (FUNCTION, "CREATE_FAILED", "no such role"),
    (STACK, "ROLLBACK_IN_PROGRESS", ""),
    (FUNCTION, "DELETE_COMPLETE", ""),
    (STACK, "ROLLBACK_COMPLETE", ""),
];

#[test]
fn code_is_uploaded_under_its_hash_before_the_stack_is_created() {
    let endpoint = CloudFormation::new(CREATED).endpoint();
    assert_eq!(Folder::new(&endpoint.url, TEMPLATE).deploy(&[]), ExitCode::SUCCESS);
    let requests = endpoint.requests();
    let upload = requests.iter().position(|request| request.method == "PUT").unwrap();
    let create = requests.iter().position(|r| r.text().contains("CreateStack&")).unwrap();
    assert!(upload < create);
    let key = requests[upload].path.strip_prefix("/_pileus/code/").unwrap();
    assert!(requests[upload].body.starts_with(b"PK"));
    assert!(requests[upload].head.contains("/eu-west-1/lambda/aws4_request"));
    let body = requests[create].parameter("TemplateBody").unwrap();
    assert!(body.contains(&format!("s3://pileus-code/{key}")), "{body}");
}

#[test]
fn the_template_of_a_nested_stack_is_uploaded_with_its_code_before_the_stack_is_created() {
    let endpoint = CloudFormation::new(CREATED).endpoint();
    let parent = "Resources:\n  Child:\n    Type: AWS::CloudFormation::Stack\n    Properties: \
                  {TemplateURL: child.yaml}\n";
    let folder = Folder::new(&endpoint.url, parent);
    std::fs::write(folder.path("child.yaml"), TEMPLATE).unwrap();
    assert_eq!(folder.deploy(&[]), ExitCode::SUCCESS);
    let requests = endpoint.requests();
    let place = |start: &str| requests.iter().position(|one| one.path.starts_with(start)).unwrap();
    let (code, template) = (place("/_pileus/code/"), place("/pileus-templates/"));
    let create = requests.iter().position(|r| r.text().contains("CreateStack&")).unwrap();
    assert!(code < template && template < create);
    let key = requests[code].path.strip_prefix("/_pileus/code/").unwrap();
    let text = requests[template].text();
    assert!(text.contains(&format!("s3://pileus-code/{key}")), "{text}");
    let url = format!("{}{}", endpoint.url, requests[template].path);
    let body = requests[create].parameter("TemplateBody").unwrap();
    assert!(body.contains(&url), "{body}");
}

#[test]
fn the_template_of_a_nested_stack_is_asked_about_before_anything_is_uploaded() {
    let cloud = CloudFormation::new(CREATED);
    let endpoint = Endpoint::new(move |request| match request.parameter("TemplateBody") {
        Some(body) if body.contains("AWS::No::Such") => error("Template error: line 3"),
        _ => cloud.answer(request),
    });
    let parent = "Resources:\n  Code: {Type: AWS::Serverless::Function, Properties: {CodeUri: src}}\n  \
                  Child: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: child.yaml}}\n";
    let folder = Folder::new(&endpoint.url, parent);
    let child = "Parameters: {Size: {Type: Number, Default: '0'}}\nResources:\n  X: {Type: \
                 AWS::No::Such, Properties: {Size: !Ref Size}}\n";
    std::fs::write(folder.path("child.yaml"), child).unwrap();
    assert_eq!(folder.deploy(&[]), ExitCode::FAILURE);
    let requests = endpoint.requests();
    assert!(requests.iter().all(|request| request.method != "PUT"));
    // Its parent may give another value.
    let asked = requests.last().unwrap().parameter("TemplateBody").unwrap();
    assert!(asked.contains("Size") && !asked.contains("Default"), "{asked}");
}

#[test]
fn a_template_that_is_nested_in_itself_is_refused() {
    let endpoint = CloudFormation::new(CREATED).endpoint();
    let own = "Transform: AWS::Serverless-2016-10-31\nResources: {Again: {Type: \
               'AWS::Serverless::Application', Properties: {Location: ./template.yaml}}}\n";
    assert_eq!(Folder::new(&endpoint.url, own).deploy(&[]), ExitCode::from(1));
    assert!(endpoint.requests().is_empty());
}

#[test]
fn a_stack_that_is_there_is_updated_and_an_update_that_changes_nothing_is_a_success() {
    let mut cloud = CloudFormation::new(&[]);
    cloud.before = Some("CREATE_COMPLETE");
    cloud.refusal = Some("No updates are to be performed.");
    let endpoint = cloud.endpoint();
    assert_eq!(Folder::new(&endpoint.url, TEMPLATE).deploy(&["--json"]), ExitCode::SUCCESS);
    let requests = endpoint.requests();
    assert!(requests.iter().any(|request| request.text().contains("Action=UpdateStack&")));
    assert!(requests.iter().all(|request| !request.text().contains("Action=CreateStack&")));
    // It was asked by a change set before anything was built, which is gone.
    let at =
        |action: &str| requests.iter().position(|request| request.text().contains(action)).unwrap();
    assert!(at("Action=CreateChangeSet&") < at("Action=DeleteChangeSet&"));
    assert!(at("Action=DeleteChangeSet&") < at("Action=UpdateStack&"));
}

#[test]
fn a_deployment_that_fails_or_is_refused_has_status_1() {
    let endpoint = CloudFormation::new(FAILED).endpoint();
    assert_eq!(Folder::new(&endpoint.url, TEMPLATE).deploy(&[]), ExitCode::FAILURE);
    let mut cloud = CloudFormation::new(&[]);
    cloud.refusal = Some("Template error");
    let endpoint = cloud.endpoint();
    assert_eq!(Folder::new(&endpoint.url, TEMPLATE).deploy(&[]), ExitCode::FAILURE);
}

#[test]
fn a_stack_whose_creation_failed_is_deleted_and_created_again() {
    const DELETED: &[(&str, &str, &str)] = &[(STACK, "DELETE_COMPLETE", "")];
    let mut cloud = CloudFormation::new(DELETED);
    cloud.before = Some("ROLLBACK_COMPLETE");
    let endpoint = cloud.endpoint();
    // The stack of this endpoint never goes beyond its deletion, so the deployment is no success.
    assert_eq!(Folder::new(&endpoint.url, TEMPLATE).deploy(&[]), ExitCode::FAILURE);
    let texts: Vec<_> = endpoint.requests().iter().map(Request::text).collect();
    let at = |action: &str| texts.iter().position(|text| text.starts_with(action)).unwrap();
    assert!(at("Action=DeleteStack&") < at("Action=CreateStack&"));
}

#[test]
fn a_stack_that_is_being_deployed_is_left_alone() {
    let mut cloud = CloudFormation::new(&[]);
    cloud.before = Some("UPDATE_IN_PROGRESS");
    let endpoint = cloud.endpoint();
    assert_eq!(Folder::new(&endpoint.url, TEMPLATE).deploy(&[]), ExitCode::FAILURE);
    assert_eq!(endpoint.requests().len(), 1);
}

#[test]
fn a_signal_ends_dev_while_a_deployment_goes_on() {
    const ENDLESS: &[(&str, &str, &str)] = &[(FUNCTION, "CREATE_IN_PROGRESS", "")];
    let cloud = CloudFormation::new(ENDLESS);
    let (begun, deploying) = mpsc::channel();
    let endpoint = Endpoint::new(move |request| {
        if request.text().contains("Action=DescribeStackEvents&") {
            // Its receiver has enough with the first.
            let _ = begun.send(());
        }
        cloud.answer(request)
    });
    let folder = Folder::new(&endpoint.url, TEMPLATE);
    let template = folder.path("template.yaml");
    let dev = thread::spawn(move || folder.run(&["dev", &template, "--stack-name", "shop"]));
    deploying.recv().unwrap();
    kill_process(getpid(), Signal::TERM).unwrap();
    assert_eq!(dev.join().unwrap(), ExitCode::SUCCESS);
}

#[test]
fn a_template_that_will_be_refused_is_only_asked_about() {
    let endpoint = CloudFormation::new(CREATED).endpoint();
    let template = "Resources:\n  Q:\n    Type: AWS::SQS::Queue\n    Prperties: {}\n";
    assert_eq!(Folder::new(&endpoint.url, template).deploy(&[]), ExitCode::FAILURE);
    let requests = endpoint.requests();
    let asked = |request: &Request| request.parameter("Action").unwrap_or_default();
    let asked: Vec<_> = requests.iter().map(asked).collect();
    assert_eq!(asked, ["DescribeStacks", "ValidateTemplate"]);
}
