use super::invoke::{LogType, check_waiting, client_context};
use crate::{
    Functions,
    invoke::{Call, failure},
    lineage::Trace,
    model::{self, FunctionName},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use futures_util::{StreamExt, stream};
use kv::Transaction;
use runtime::{Outcome, Piece, Response, ResponseStream};
use serde::Deserialize;
use serde_json::{Map, Value};
use service::{Context, Direct, Event, EventContent, EventStream, Fault, Output, Permission};

/// Invokes a function and hands its response on while it is written.
///
/// The stream is `PayloadChunk`s and then one `InvokeComplete`, which tells of a failure with the
/// code `Unhandled` and the function's description of it.
pub(crate) struct InvokeWithResponseStream;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(crate) struct Input {
    function_name: String,
    #[serde(default)]
    invocation_type: InvocationType,
    #[serde(default)]
    log_type: LogType,
    client_context: Option<String>,
    qualifier: Option<String>,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
enum InvocationType {
    #[default]
    RequestResponse,
    DryRun,
}

/// Status, headers and events.
pub(crate) struct Answer {
    members: Map<String, Value>,
    events: Option<EventStream>,
}

impl Output for Answer {
    fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.members)
    }

    fn to_value(&self) -> Result<Value, serde_json::Error> {
        Ok(self.members.clone().into())
    }

    fn take_events(&mut self) -> Option<EventStream> {
        self.events.take()
    }
}

impl Direct for InvokeWithResponseStream {
    type Service = Functions;
    type Input = Input;
    type Output = Answer;
    const NAME: &'static str = "InvokeWithResponseStream";

    async fn permissions(
        functions: &Functions,
        _: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        model::permission(platform, tx, &name, "lambda:InvokeFunction").await
    }

    async fn run(functions: &Functions, ctx: &Context, input: &Input) -> Result<Answer, Fault> {
        let platform = &functions.platform;
        let name = FunctionName::parse(platform, &input.function_name, input.qualifier.as_deref())?;
        let draw = functions.draw();
        let function = model::drawn(platform, &mut platform.store.begin(), &name, draw).await?;
        let mut members = Map::new();
        if input.invocation_type == InvocationType::DryRun {
            members.insert("StatusCode".to_owned(), 204.into());
            return Ok(Answer { members, events: None });
        }
        check_waiting(&ctx.body, "InvokeWithResponseStream")?;
        let trace = Trace::parse(ctx.trace.as_deref());
        let call = Call {
            trace: functions.enter(&function, trace, &ctx.request_id).await?,
            request_id: ctx.request_id.to_string(),
            payload: ctx.body.clone(),
            arn: name.qualified_arn().to_string(),
            client_context: client_context(input.client_context.as_deref())?,
            tail: input.log_type == LogType::Tail,
        };
        let events = match functions.stream(&function, call).await? {
            Response::Whole(outcome) => whole(*outcome),
            Response::Stream(response) => streamed(response),
        };
        members.insert("StatusCode".to_owned(), 200.into());
        members.insert("ExecutedVersion".to_owned(), function.version().into());
        Ok(Answer { members, events: Some(events) })
    }
}

/// The events of a response that is here.
fn whole(outcome: Outcome) -> EventStream {
    let is_result = outcome.error.is_none() && !outcome.payload.is_empty();
    let result = is_result.then(|| chunk(outcome.payload.clone()));
    stream::iter(result.into_iter().chain([complete(&outcome)]).map(Ok)).boxed()
}

/// The events of a response that is to come.
fn streamed(response: ResponseStream) -> EventStream {
    stream::try_unfold(Some(response), |response| async {
        let Some(response) = response else { return Ok(None) };
        match response.next().await {
            Piece::Data(bytes, rest) => Ok(Some((chunk(bytes), Some(rest)))),
            Piece::End(Ok(outcome)) => Ok(Some((complete(&outcome), None))),
            Piece::End(Err(error)) => Err(failure(error).into()),
        }
    })
    .boxed()
}

fn chunk(bytes: bytes::Bytes) -> Event {
    Event { name: "PayloadChunk", content: EventContent::Bytes(bytes) }
}

fn complete(outcome: &Outcome) -> Event {
    let mut members = Map::new();
    if outcome.error.is_some() {
        let details = String::from_utf8_lossy(&outcome.payload).into_owned();
        members.insert("ErrorCode".to_owned(), "Unhandled".into());
        members.insert("ErrorDetails".to_owned(), details.into());
    }
    if let Some(tail) = &outcome.log_tail {
        members.insert("LogResult".to_owned(), STANDARD.encode(tail).into());
    }
    Event { name: "InvokeComplete", content: EventContent::Members(members.into()) }
}
