//! `AWS::CloudFormation::WaitConditionHandle` and `AWS::CloudFormation::WaitCondition`: a URL to which
//! somebody puts signals, and a resource that is there once enough have come.
//!
//! Both keep what they know as a [`CustomRequest`] of the deployment, so that a step which runs again
//! after a crash finds it, and the URL is that of an answer ([`Responses`] takes the signals). Handles
//! are good until the deployment that made them ends: a condition waits only while it is created.
//!
//! Source: "AWS::CloudFormation::WaitCondition", AWS CloudFormation User Guide.
//!
//! [`Responses`]: crate::responses::Responses

use super::Owner;
use crate::{
    Stacks, config,
    engine::{outcome, refusal},
    keys::Place,
    model::{CustomRequest, Signal},
    responses,
};
use futures_util::future::BoxFuture;
use kv::Transaction;
use serde_json::{Map, Value};
use service::{
    Change::InPlace, Desired, Fault, Property, PropertyError, Resource, ResourceContext,
    ResourceProvider, Transact, transact,
};
use std::{collections::BTreeMap, time::Duration};
use types::Timestamp;

/// The provider of handles.
pub(crate) struct WaitHandle(pub(crate) Owner);

/// The provider of conditions.
pub(crate) struct WaitCondition(pub(crate) Owner);

const HANDLE: &str = "Handle";
const TIMEOUT: &str = "Timeout";
const COUNT: &str = "Count";

const PROPERTIES: [Property; 3] = [
    Property { name: COUNT, change: InPlace },
    Property { name: HANDLE, change: InPlace },
    Property { name: TIMEOUT, change: InPlace },
];

/// Finds a request of this deployment, or writes it down.
struct Begin<'a> {
    stacks: &'a Stacks,
    place: &'a Place,
    id: &'a str,
    deadline: Timestamp,
    signals: Option<BTreeMap<String, Signal>>,
}

impl Transact for Begin<'_> {
    type Output = CustomRequest;

    async fn run(&self, tx: &mut Transaction) -> Result<CustomRequest, Fault> {
        let (key, tx) = (self.place.request(self.id), &mut self.stacks.open(tx));
        if let Some(request) = tx.get_record(&key).await? {
            return Ok(request);
        }
        let request = CustomRequest {
            created: self.stacks.platform.clock.now(),
            deadline: self.deadline,
            sent: true,
            response: None,
            signals: self.signals.clone(),
        };
        tx.put_record(key, &request)?;
        Ok(request)
    }
}

fn place(cx: &ResourceContext) -> Result<Place, Fault> {
    Place::of_arn(&cx.stack_id).ok_or_else(|| Fault::internal("a stack's id that is none"))
}

impl ResourceProvider for WaitHandle {
    fn resource_type(&self) -> &'static str {
        "AWS::CloudFormation::WaitConditionHandle"
    }

    fn properties(&self) -> &'static [Property] {
        &[]
    }

    fn attributes(&self) -> &'static [&'static str] {
        &[]
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        _: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let (stacks, place) = (self.0.stacks()?, place(cx)?);
            let id = responses::request_id(cx, "Handle", "");
            let deadline = stacks.platform.clock.now() + config::HANDLE_LIFETIME;
            let signals = Some(BTreeMap::new());
            let begin = Begin { stacks: &stacks, place: &place, id: &id, deadline, signals };
            let handle = transact(&stacks.platform.store, &begin).await?;
            let url = responses::url(&stacks, &place, &id, handle.deadline);
            Ok(Resource { physical_id: url, attributes: Map::new() })
        })
    }

    fn update<'a>(
        &'a self,
        _: &'a ResourceContext,
        physical_id: &'a str,
        _: &'a Map<String, Value>,
        _: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        let physical_id = physical_id.to_owned();
        Box::pin(async { Ok(Resource { physical_id, attributes: Map::new() }) })
    }

    fn delete<'a>(
        &'a self,
        _: &'a ResourceContext,
        _: &'a str,
        _: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }
}

/// What a condition asks for.
struct Wish<'a> {
    handle: &'a str,
    timeout: Duration,
    count: usize,
}

/// A number, written as one or as text.
fn number(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse().ok(),
        other => other.as_u64(),
    }
}

impl<'a> Wish<'a> {
    fn read(properties: &'a Map<String, Value>) -> Result<Self, PropertyError> {
        let wrong =
            |path: &str, text: String| PropertyError { path: path.to_owned(), message: text };
        // Before its handle is made, nothing is known of it.
        let handle = properties.get(HANDLE).map_or(Some(""), Value::as_str);
        let handle = handle.ok_or_else(|| wrong(HANDLE, "it must be a text".to_owned()))?;
        let most = config::WAIT_TIMEOUT.as_secs();
        let timeout = properties.get(TIMEOUT).map_or(Some(most), number);
        let timeout = timeout.filter(|seconds| (1..=most).contains(seconds)).ok_or_else(|| {
            wrong(TIMEOUT, format!("it must be a number of seconds between 1 and {most}"))
        })?;
        let most = config::WAIT_SIGNALS;
        let count = properties.get(COUNT).map_or(Some(1), number);
        let count = count.and_then(|count| usize::try_from(count).ok());
        let count = count.filter(|count| (1..=most).contains(count)).ok_or_else(|| {
            wrong(COUNT, format!("it must be a number of signals between 1 and {most}"))
        })?;
        Ok(Self { handle, timeout: Duration::from_secs(timeout), count })
    }
}

/// The signals of a handle, as they are now.
struct Look<'a> {
    stacks: &'a Stacks,
    place: &'a Place,
    id: &'a str,
}

impl Transact for Look<'_> {
    type Output = Option<BTreeMap<String, Signal>>;

    async fn run(&self, tx: &mut Transaction) -> Result<Self::Output, Fault> {
        let (key, tx) = (self.place.request(self.id), &mut self.stacks.open(tx));
        let handle: Option<CustomRequest> = tx.get_record(&key).await?;
        Ok(handle.and_then(|handle| handle.signals))
    }
}

/// How far a condition is.
async fn wait(stacks: &Stacks, cx: &ResourceContext, wish: &Wish<'_>) -> Result<Value, Fault> {
    let place = place(cx)?;
    let now = stacks.platform.clock.now();
    let (id, deadline) = (responses::request_id(cx, "Wait", ""), now + wish.timeout);
    let begin = Begin { stacks, place: &place, id: &id, deadline, signals: None };
    let own = transact(&stacks.platform.store, &begin).await?;
    let handle = responses::request_of(stacks, &place, wish.handle);
    let signals = match &handle {
        Some(id) => transact(&stacks.platform.store, &Look { stacks, place: &place, id }).await?,
        None => None,
    };
    let Some(signals) = signals else {
        let text = "WaitCondition needs, as Handle, a WaitConditionHandle that the same deployment \
                    makes";
        return Err(outcome(text));
    };
    if let Some((id, failed)) = signals.iter().find(|(_, signal)| !signal.succeeded) {
        let reason = &failed.reason;
        let text = format!("WaitCondition received failed message: '{reason}' for uniqueId: {id}");
        return Err(outcome(text));
    }
    let (came, wanted) = (signals.len(), wish.count);
    if came >= wanted {
        return Ok(signals
            .into_iter()
            .map(|(id, signal)| (id, Value::from(signal.data)))
            .collect());
    }
    if now >= own.deadline {
        let text =
            format!("WaitCondition timed out. Received {came} conditions when expecting {wanted}");
        return Err(outcome(text));
    }
    if cx.step.stopping {
        return Err(outcome("Resource creation cancelled"));
    }
    let (first, last) = config::RESPONSE_POLL;
    Err(Fault::unfinished((now.since(own.created) / 4).clamp(first, last)))
}

impl ResourceProvider for WaitCondition {
    fn resource_type(&self) -> &'static str {
        "AWS::CloudFormation::WaitCondition"
    }

    fn properties(&self) -> &'static [Property] {
        &PROPERTIES
    }

    fn attributes(&self) -> &'static [&'static str] {
        &["Data"]
    }

    fn check(&self, properties: &Map<String, Value>) -> Result<(), PropertyError> {
        Wish::read(properties).map(drop)
    }

    fn create<'a>(
        &'a self,
        cx: &'a ResourceContext,
        desired: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        Box::pin(async move {
            let wish = Wish::read(desired.properties).map_err(|error| outcome(error.message))?;
            let data = wait(&*self.0.stacks()?, cx, &wish).await?;
            let attributes = Map::from_iter([("Data".to_owned(), data.to_string().into())]);
            Ok(Resource { physical_id: desired.generated_name.to_owned(), attributes })
        })
    }

    fn update<'a>(
        &'a self,
        _: &'a ResourceContext,
        _: &'a str,
        _: &'a Map<String, Value>,
        _: Desired<'a>,
    ) -> BoxFuture<'a, Result<Resource, Fault>> {
        let text = "Update to resource type AWS::CloudFormation::WaitCondition is not supported.";
        Box::pin(async move { Err(refusal(text)) })
    }

    fn delete<'a>(
        &'a self,
        _: &'a ResourceContext,
        _: &'a str,
        _: &'a Map<String, Value>,
    ) -> BoxFuture<'a, Result<(), Fault>> {
        Box::pin(async { Ok(()) })
    }
}
