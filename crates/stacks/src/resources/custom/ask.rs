//! One request to the function of a custom resource.

use super::{function, response, timeout, token};
use crate::{Stacks, config, engine::outcome, keys::Place, model::CustomRequest, responses};
use bytes::Bytes;
use kv::Transaction;
use serde_json::{Map, Value, json};
use service::{Fault, Resource, ResourceContext, Transact, transact};
use std::time::Duration;
use types::Timestamp;

/// What is asked for.
pub(super) enum Kind<'a> {
    /// `name` is the physical id of what answers without one.
    Create {
        name: &'a str,
    },
    Update {
        physical_id: &'a str,
        before: &'a Map<String, Value>,
    },
    Delete {
        physical_id: &'a str,
    },
}

/// A request, with the properties as they shall be, or as they were of what goes.
pub(super) struct Ask<'a> {
    pub(super) kind: Kind<'a>,
    pub(super) properties: &'a Map<String, Value>,
}

impl Ask<'_> {
    /// The official name of what is asked for.
    pub(super) fn name(&self) -> &'static str {
        match self.kind {
            Kind::Create { .. } => "Create",
            Kind::Update { .. } => "Update",
            Kind::Delete { .. } => "Delete",
        }
    }

    /// The physical id that the request is about.
    pub(super) fn physical_id(&self) -> Option<&str> {
        match self.kind {
            Kind::Create { .. } => None,
            Kind::Update { physical_id, .. } | Kind::Delete { physical_id } => Some(physical_id),
        }
    }

    /// A failure; that of a creation leaves something to delete, as far as anybody knows.
    pub(super) fn failure(&self, text: String, physical_id: Option<&str>) -> Fault {
        match self.kind {
            Kind::Create { name } => outcome(text).leaving(physical_id.unwrap_or(name)),
            _ => outcome(text),
        }
    }

    /// The answer, if it has come; else the function is asked, or waited for.
    pub(super) async fn answer(
        &self,
        stacks: &Stacks,
        cx: &ResourceContext,
    ) -> Result<Resource, Fault> {
        let token = token(self.properties).map_err(outcome)?;
        let lifetime = timeout(self.properties).map_err(outcome)?;
        let place = Place::of_arn(&cx.stack_id);
        let place = place.ok_or_else(|| Fault::internal("a stack's id that is none"))?;
        let id = self.request_id(cx);
        let now = stacks.platform.clock.now();
        let note = Note { stacks, place: &place, id: &id, now, lifetime };
        let request = transact(&stacks.platform.store, &note).await?;
        if let Some(text) = &request.response {
            return response::read(self, cx, &id, text);
        }
        if now >= request.deadline {
            return Err(self.failure(response::timed_out(&id), None));
        }
        if cx.step.stopping {
            return Err(self.failure("Resource creation cancelled".to_owned(), None));
        }
        if !request.sent {
            let over_tls = function::speaks_tls(cx, token).await?;
            let url = if over_tls { responses::url_over_tls } else { responses::url };
            let url = url(stacks, &place, &id, request.deadline);
            self.send(cx, token, &self.event(cx, token, &id, &url)).await?;
            transact(&stacks.platform.store, &Sent { stacks, place: &place, id: &id }).await?;
        }
        let (first, last) = config::RESPONSE_POLL;
        let waited = now.since(request.created);
        Err(Fault::unfinished((waited / 4).clamp(first, last)))
    }

    /// Follows from the step, and from what it is about: a cleanup may delete two.
    fn request_id(&self, cx: &ResourceContext) -> String {
        responses::request_id(cx, self.name(), self.physical_id().unwrap_or_default())
    }

    /// The event that the function gets.
    fn event(&self, cx: &ResourceContext, token: &str, id: &str, url: &str) -> Value {
        let mut event = json!({
            "RequestType": self.name(),
            "ServiceToken": token,
            "ResponseURL": url,
            "StackId": cx.stack_id,
            "RequestId": id,
            "LogicalResourceId": cx.logical_id,
            "ResourceType": cx.step.resource_type,
            "ResourceProperties": texts(self.properties),
        });
        if let Some(physical_id) = self.physical_id() {
            event["PhysicalResourceId"] = physical_id.into();
        }
        if let Kind::Update { before, .. } = self.kind {
            event["OldResourceProperties"] = texts(before);
        }
        event
    }

    async fn send(&self, cx: &ResourceContext, token: &str, event: &Value) -> Result<(), Fault> {
        let input = json!({"FunctionName": token, "InvocationType": "Event"});
        let (body, limit) = (Bytes::from(event.to_string()), config::RESPONSE_BYTES);
        cx.calls.call_with_body(&cx.caller, "lambda", "Invoke", input, body, limit).await.map(drop)
    }
}

/// Properties as functions are given them: numbers and truth values are texts.
fn texts(properties: &Map<String, Value>) -> Value {
    properties.iter().map(|(name, value)| (name.clone(), text(value))).collect::<Map<_, _>>().into()
}

fn text(value: &Value) -> Value {
    match value {
        Value::Number(_) | Value::Bool(_) => value.to_string().into(),
        Value::Array(items) => items.iter().map(text).collect(),
        Value::Object(map) => texts(map),
        Value::Null | Value::String(_) => value.clone(),
    }
}

/// Finds the request, or writes it down.
struct Note<'a> {
    stacks: &'a Stacks,
    place: &'a Place,
    id: &'a str,
    now: Timestamp,
    lifetime: Duration,
}

impl Transact for Note<'_> {
    type Output = CustomRequest;

    async fn run(&self, tx: &mut Transaction) -> Result<CustomRequest, Fault> {
        let (key, tx) = (self.place.request(self.id), &mut self.stacks.open(tx));
        if let Some(request) = tx.get_record(&key).await? {
            return Ok(request);
        }
        let deadline = self.now + self.lifetime;
        let request = CustomRequest {
            created: self.now,
            deadline,
            sent: false,
            response: None,
            signals: None,
        };
        tx.put_record(key, &request)?;
        Ok(request)
    }
}

/// Notes that the function has the request.
struct Sent<'a> {
    stacks: &'a Stacks,
    place: &'a Place,
    id: &'a str,
}

impl Transact for Sent<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        let (key, tx) = (self.place.request(self.id), &mut self.stacks.open(tx));
        if let Some(mut request) = tx.get_record::<CustomRequest>(&key).await? {
            request.sent = true;
            tx.put_record(key, &request)?;
        }
        Ok(())
    }
}
