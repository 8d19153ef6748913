//! Stacks, as the API tells them.

mod event;
mod follow;

pub(crate) use event::Event;
pub(crate) use follow::follow;

use crate::error::Error;
use client::{Client, Element};

const SERVICE: &str = "cloudformation";
const VERSION: &str = "2010-05-15";
/// The most pages of a list that are read.
const MAX_PAGES: usize = 1000;

/// A stack.
#[derive(Debug, Clone, Default)]
pub(crate) struct Stack {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: String,
    pub(crate) created: String,
    pub(crate) updated: Option<String>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) parameters: Vec<String>,
}

/// One of a stack's outputs.
#[derive(Debug, Clone, Default)]
pub(crate) struct Output {
    pub(crate) key: String,
    pub(crate) value: String,
}

impl Stack {
    fn read(element: &Element) -> Self {
        let text = |name: &str| element.get(name).unwrap_or_default().to_owned();
        let outputs = element.list("Outputs").iter().map(|output| Output {
            key: output.get("OutputKey").unwrap_or_default().to_owned(),
            value: output.get("OutputValue").unwrap_or_default().to_owned(),
        });
        let parameters = element.list("Parameters").iter();
        let parameters = parameters.filter_map(|one| one.get("ParameterKey").map(str::to_owned));
        Self {
            id: text("StackId"),
            name: text("StackName"),
            status: text("StackStatus"),
            created: text("CreationTime"),
            updated: element.get("LastUpdatedTime").map(str::to_owned),
            outputs: outputs.collect(),
            parameters: parameters.collect(),
        }
    }
}

/// Calls CloudFormation.
pub(crate) async fn call(
    client: &Client,
    action: &str,
    parameters: &[(&str, &str)],
) -> Result<Element, client::Error> {
    client.query(SERVICE, VERSION, action, parameters).await
}

/// A stack by its name or id, if there is one.
pub(crate) async fn describe(client: &Client, name: &str) -> Result<Option<Stack>, Error> {
    match call(client, "DescribeStacks", &[("StackName", name)]).await {
        Ok(result) => Ok(result.list("Stacks").first().map(Stack::read)),
        Err(error) if is_missing(&error) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// All stacks.
pub(crate) async fn list(client: &Client) -> Result<Vec<Stack>, Error> {
    let mut stacks = Vec::new();
    let mut token: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let parameters: Vec<_> = token.iter().map(|token| ("NextToken", token.as_str())).collect();
        let page = call(client, "DescribeStacks", &parameters).await?;
        stacks.extend(page.list("Stacks").iter().map(Stack::read));
        token = page.get("NextToken").map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    Ok(stacks)
}

/// The physical id of a stack's resource.
pub(crate) async fn physical_id(
    client: &Client,
    stack: &str,
    logical_id: &str,
) -> Result<String, Error> {
    let parameters = [("StackName", stack), ("LogicalResourceId", logical_id)];
    let result = call(client, "DescribeStackResource", &parameters).await?;
    let detail = result.child("StackResourceDetail");
    detail.and_then(|detail| detail.get("PhysicalResourceId")).map(str::to_owned).ok_or_else(|| {
        Error::new(format!("{logical_id} of stack {stack} does not exist yet"))
            .next("see `pileus ls stacks`")
    })
}

/// The resources of one type in a stack that exist: their logical and physical ids.
pub(crate) async fn resources(
    client: &Client,
    stack: &str,
    kind: &str,
) -> Result<Vec<(String, String)>, Error> {
    let mut found = Vec::new();
    let mut token: Option<String> = None;
    for _ in 0..MAX_PAGES {
        let mut parameters = vec![("StackName", stack)];
        parameters.extend(token.iter().map(|token| ("NextToken", token.as_str())));
        let page = call(client, "ListStackResources", &parameters).await?;
        for resource in page.list("StackResourceSummaries") {
            let text = |name: &str| resource.get(name).unwrap_or_default().to_owned();
            let ids = (text("LogicalResourceId"), text("PhysicalResourceId"));
            if text("ResourceType") == kind && !ids.1.is_empty() {
                found.push(ids);
            }
        }
        token = page.get("NextToken").map(str::to_owned);
        if token.is_none() {
            break;
        }
    }
    Ok(found)
}

/// The name of a function: itself, or that of a resource written `STACK/LOGICAL_ID`.
pub(crate) async fn function_name(client: &Client, text: &str) -> Result<String, Error> {
    match text.split_once('/') {
        Some((stack, logical_id)) => physical_id(client, stack, logical_id).await,
        None => Ok(text.to_owned()),
    }
}

fn is_missing(error: &client::Error) -> bool {
    error.code() == Some("ValidationError")
        && error.message().is_some_and(|message| message.contains("does not exist"))
}
