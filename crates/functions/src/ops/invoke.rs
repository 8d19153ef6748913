use crate::{
    Error, Functions, PRINCIPAL, config,
    events::EventState,
    invoke::Call,
    lineage::Trace,
    model::{self, Function, FunctionName},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use kv::Transaction;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use service::{
    Context, Direct, Fault, Output, Permission, Transact,
    delivery::{Delivery, GiveUp},
    transact,
};

/// Invokes a function and waits for its end, or takes an event for it.
pub(crate) struct Invoke;

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
    Event,
    DryRun,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
pub(super) enum LogType {
    #[default]
    None,
    Tail,
}

/// Status, headers and body.
pub(crate) struct Answer {
    members: Map<String, Value>,
    payload: Bytes,
}

impl Answer {
    fn status(status: u16) -> Self {
        let members = Map::from_iter([("StatusCode".to_owned(), status.into())]);
        Self { members, payload: Bytes::new() }
    }
}

impl Output for Answer {
    fn to_json(&self) -> Result<Vec<u8>, serde_json::Error> {
        serde_json::to_vec(&self.members)
    }

    fn to_value(&self) -> Result<Value, serde_json::Error> {
        Ok(self.members.clone().into())
    }

    fn body(&self) -> Option<Bytes> {
        Some(self.payload.clone())
    }
}

impl Direct for Invoke {
    type Service = Functions;
    type Input = Input;
    type Output = Answer;
    const NAME: &'static str = "Invoke";

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
        if input.invocation_type == InvocationType::DryRun {
            return Ok(Answer::status(204));
        }
        let client_context = client_context(input.client_context.as_deref())?;
        check_payload(&ctx.body, input.invocation_type)?;
        let accepted = Accepted { name, client_context };
        match input.invocation_type {
            InvocationType::Event => accepted.store(functions, ctx).await,
            _ => accepted.run(functions, ctx, &function, input.log_type).await,
        }
    }
}

/// An invocation that was checked.
struct Accepted {
    name: FunctionName,
    client_context: Option<String>,
}

impl Accepted {
    async fn run(
        self,
        functions: &Functions,
        ctx: &Context,
        function: &Function,
        log_type: LogType,
    ) -> Result<Answer, Fault> {
        let trace = Trace::parse(ctx.trace.as_deref());
        let call = Call {
            trace: functions.enter(function, trace, &ctx.request_id).await?,
            request_id: ctx.request_id.to_string(),
            payload: ctx.body.clone(),
            arn: self.name.qualified_arn().to_string(),
            client_context: self.client_context,
            tail: log_type == LogType::Tail,
        };
        let outcome = functions.invoke(function, call).await?;
        let mut answer = Answer::status(200);
        let mut set = |name: &str, value: String| {
            answer.members.insert(name.to_owned(), value.into());
        };
        set("ExecutedVersion", function.version());
        if outcome.error.is_some() {
            set("FunctionError", "Unhandled".to_owned());
        }
        if let Some(tail) = &outcome.log_tail {
            set("LogResult", STANDARD.encode(tail));
        }
        answer.payload = outcome.payload;
        Ok(answer)
    }

    /// The event is durable before the answer; the router carries it out.
    async fn store(self, functions: &Functions, ctx: &Context) -> Result<Answer, Fault> {
        let payload = if ctx.body.is_empty() { "{}".into() } else { ctx.body.to_vec() };
        let payload = String::from_utf8(payload).map_err(|error| not_json(&error))?;
        let payload = functions.vault.seal_event(&payload, &ctx.request_id, ctx.ids().bytes());
        let state = EventState {
            authorized: true,
            client_context: self.client_context,
            payload: Some(payload),
            ..EventState::default()
        };
        let delivery = Delivery {
            id: ctx.request_id,
            target: self.name.qualified_arn(),
            payload: String::new(),
            principal: PRINCIPAL.to_owned(),
            source: None,
            created: ctx.now,
            attempts: 0,
            state: json!(state),
            trace: ctx.trace.clone(),
            give_up: GiveUp::default(),
        };
        transact(&ctx.platform.store, &Store { ctx, delivery: &delivery }).await?;
        Ok(Answer::status(202))
    }
}

struct Store<'a> {
    ctx: &'a Context,
    delivery: &'a Delivery,
}

impl Transact for Store<'_> {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        Ok(self.ctx.deliver(tx, self.delivery).await?)
    }
}

fn check_payload(payload: &Bytes, kind: InvocationType) -> Result<(), Error> {
    if kind == InvocationType::Event && payload.len() > config::EVENT_PAYLOAD_BYTES {
        return Err(Error::EventTooLarge(payload.len()));
    }
    check_waiting(payload, "InvokeFunction")
}

/// Checks the payload of an invocation whose end the caller waits for.
pub(super) fn check_waiting(payload: &Bytes, operation: &'static str) -> Result<(), Error> {
    let limit = config::SYNC_PAYLOAD_BYTES;
    if payload.len() > limit {
        return Err(Error::TooLarge { limit, operation });
    }
    if payload.is_empty() {
        return Ok(());
    }
    let parsed: Result<&serde_json::value::RawValue, _> = serde_json::from_slice(payload);
    parsed.map(|_| ()).map_err(|error| not_json(&error))
}

fn not_json(error: &dyn std::fmt::Display) -> Error {
    Error::InvalidRequestContent(format!("Could not parse request body into json: {error}"))
}

/// The client context, which comes in base64, as JSON.
pub(super) fn client_context(encoded: Option<&str>) -> Result<Option<String>, Error> {
    let Some(encoded) = encoded else { return Ok(None) };
    let invalid = || {
        let text = "Client context must be a valid Base64-encoded JSON object.";
        Error::InvalidRequestContent(text.to_owned())
    };
    let bytes = STANDARD.decode(encoded).map_err(|_| invalid())?;
    if bytes.len() > config::CLIENT_CONTEXT_BYTES {
        return Err(invalid());
    }
    let object: Map<String, Value> = serde_json::from_slice(&bytes).map_err(|_| invalid())?;
    Ok(Some(Value::from(object).to_string()))
}
