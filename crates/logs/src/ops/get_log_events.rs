use crate::{
    Error, Logs, config,
    model::{self, Page, Position, Window},
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use types::Timestamp;

/// Reads the events of one stream, page by page in either direction.
pub(crate) struct GetLogEvents;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name: String,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    next_token: Option<String>,
    limit: Option<usize>,
    #[serde(default)]
    start_from_head: bool,
    #[serde(default)]
    unmask: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    events: Vec<OutputEvent>,
    next_forward_token: String,
    next_backward_token: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OutputEvent {
    timestamp: Timestamp,
    message: String,
    ingestion_time: Timestamp,
}

/// From where a page goes on, and in which direction.
enum Token {
    Forward(Position),
    Backward(Position),
}

impl Operation for GetLogEvents {
    type Service = Logs;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "GetLogEvents";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        let group = input.group(ctx)?;
        Ok(super::on_stream(ctx, "logs:GetLogEvents", group, &input.log_stream_name))
    }

    async fn run(
        _: &Logs,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        if input.unmask {
            return Err(Fault::unsupported("parameter unmask of GetLogEvents"));
        }
        let group = model::get_group(ctx, tx, input.group(ctx)?).await?;
        let stream = model::get_stream(tx, &group, &input.log_stream_name).await?;
        let window = Window {
            from: input.start_time.unwrap_or_default().max(group.expired_before(ctx.now)),
            to: input.end_time.unwrap_or(Timestamp::from_millis(u64::MAX)),
        };
        let limit = input.limit.unwrap_or(config::PAGE_EVENTS);
        let page = match input.token(window)? {
            Token::Forward(from) => {
                model::forward(tx, &group, &stream.id, window, from, limit).await?
            }
            Token::Backward(until) => {
                let page = model::backward(tx, &group, &stream.id, window, until, limit).await?;
                // Whoever finds nothing at the end waits for what comes.
                match page.events.is_empty() && input.next_token.is_none() {
                    true => empty(Position::before(window.from)),
                    false => page,
                }
            }
        };
        Ok(Output {
            next_forward_token: format!("f/{}", page.end.encode()),
            next_backward_token: format!("b/{}", page.start.encode()),
            events: page.events.into_iter().map(OutputEvent::from).collect(),
        })
    }
}

fn empty(at: Position) -> Page {
    Page { events: Vec::new(), start: at, end: at }
}

impl Input {
    fn group(&self, ctx: &Context) -> Result<&str, Error> {
        super::group_name(ctx, self.log_group_name.as_deref(), self.log_group_identifier.as_deref())
    }

    fn token(&self, window: Window) -> Result<Token, Error> {
        let Some(token) = &self.next_token else {
            return Ok(match self.start_from_head {
                true => Token::Forward(Position::before(window.from)),
                false => Token::Backward(Position::before(window.to)),
            });
        };
        match token.split_once('/') {
            Some(("f", place)) => Position::decode(place).map(Token::Forward),
            Some(("b", place)) => Position::decode(place).map(Token::Backward),
            _ => Err(model::invalid_token()),
        }
    }
}

impl From<model::Event> for OutputEvent {
    fn from(event: model::Event) -> Self {
        Self {
            timestamp: event.position.time,
            message: event.message,
            ingestion_time: event.ingested,
        }
    }
}
