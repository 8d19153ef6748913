//! `AWS::CloudFormation::CustomResource` and `Custom::*`: resources that a function provides.
//!
//! A step writes down its request ([`CustomRequest`]), hands it to the function as an asynchronous
//! event, and then looks for the answer that the function puts to the request's URL ([`Responses`]
//! takes it). The id of a request follows from its step, so that a step which runs again after a
//! crash finds its request; the function may then be asked twice, under the same id.
//!
//! Source: "Custom resource reference", AWS CloudFormation User Guide.
//!
//! [`Responses`]: crate::responses::Responses

mod ask;
mod function;
mod response;

use super::Owner;
use crate::{config, providers};
use ask::{Ask, Kind};
use futures_util::future::BoxFuture;
use serde_json::{Map, Value};
use service::{
    Change, Desired, Fault, Property, PropertyError, Resource, ResourceContext, ResourceProvider,
};
use std::time::Duration;

/// The provider.
pub(crate) struct CustomResource(pub(crate) Owner);

const TOKEN: &str = "ServiceToken";
const TIMEOUT: &str = "ServiceTimeout";

/// Those that mean something to the platform; the function is given all others too.
const PROPERTIES: [Property; 2] = [
    Property { name: TIMEOUT, change: Change::InPlace },
    Property { name: TOKEN, change: Change::InPlace },
];

/// The ARN of the function; why it cannot be had otherwise.
fn token(properties: &Map<String, Value>) -> Result<&str, String> {
    let token = properties.get(TOKEN).and_then(Value::as_str);
    let token = token.ok_or("Property ServiceToken must be the ARN of a function")?;
    let arn: Option<types::Arn> = token.parse().ok();
    match arn.as_ref().map(types::Arn::service) {
        Some("lambda") => Ok(token),
        Some("sns") => {
            let text = "Pileus does not support topics as ServiceToken; name a function";
            Err(text.to_owned())
        }
        _ => Err(format!("Invalid service token: {token}")),
    }
}

/// How long an answer may take.
fn timeout(properties: &Map<String, Value>) -> Result<Duration, String> {
    let Some(value) = properties.get(TIMEOUT) else { return Ok(config::SERVICE_TIMEOUT) };
    let seconds = match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    };
    let most = config::SERVICE_TIMEOUT.as_secs();
    let seconds = seconds.filter(|seconds| (1..=most).contains(seconds));
    let text = || format!("ServiceTimeout must be a number of seconds between 1 and {most}");
    seconds.map(Duration::from_secs).ok_or_else(text)
}

impl ResourceProvider for CustomResource {
    fn resource_type(&self) -> &'static str {
        providers::CUSTOM_RESOURCE
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn change(&self, _name: &str) -> Option<Change> {
        Some(Change::InPlace)
    }

    fn has_attribute(&self, _name: &str) -> bool {
        true
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), PropertyError> {
        let refused = |path: &str, message| PropertyError { path: path.to_owned(), message };
        if properties.contains_key(TOKEN) {
            token(properties).map_err(|text| refused(TOKEN, text))?;
        }
        timeout(properties).map(drop).map_err(|text| refused(TIMEOUT, text))
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let properties = desired.properties;
            let ask = Ask { kind: Kind::Create { name: desired.generated_name }, properties };
            ask.answer(&*self.0.stacks()?, cx).await
        })
    }

    fn update<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        before: &'a Map<String, Value>,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let properties = desired.properties;
            if before.get(TOKEN) != properties.get(TOKEN) {
                return Err(crate::engine::refusal("Modifying service token is not allowed."));
            }
            let ask = Ask { kind: Kind::Update { physical_id, before }, properties };
            ask.answer(&*self.0.stacks()?, cx).await
        })
    }

    fn delete<'a>(
        &'a self,
        cx: &'a ResourceContext,
        physical_id: &'a str,
        properties: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async move {
            let ask = Ask { kind: Kind::Delete { physical_id }, properties };
            ask.answer(&*self.0.stacks()?, cx).await.map(drop)
        })
    }
}
