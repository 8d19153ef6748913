use crate::{
    Error, Logs, config,
    model::{self, Place, Search, Streams, Window},
    pattern::Pattern,
};
use kv::Transaction;
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use types::Timestamp;

/// Searches the streams of a group. Events come in the order of their time, whatever stream they
/// are in.
pub(crate) struct FilterLogEvents;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_names: Option<Vec<String>>,
    log_stream_name_prefix: Option<String>,
    start_time: Option<Timestamp>,
    end_time: Option<Timestamp>,
    #[serde(default)]
    filter_pattern: String,
    next_token: Option<String>,
    limit: Option<usize>,
    start_from_head: Option<bool>,
    /// Without effect since 2019: events are always interleaved.
    #[serde(rename = "interleaved")]
    _interleaved: Option<bool>,
    #[serde(default)]
    unmask: bool,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    events: Vec<OutputEvent>,
    /// Always empty, as the API says since 2020.
    searched_log_streams: [(); 0],
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct OutputEvent {
    log_stream_name: String,
    timestamp: Timestamp,
    message: String,
    ingestion_time: Timestamp,
    event_id: String,
}

impl Operation for FilterLogEvents {
    type Service = Logs;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "FilterLogEvents";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(super::on_group(ctx, "logs:FilterLogEvents", input.group(ctx)?))
    }

    async fn run(
        _: &Logs,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        if input.unmask {
            return Err(Fault::unsupported("parameter unmask of FilterLogEvents"));
        }
        if input.start_from_head == Some(false) {
            return Err(Fault::unsupported("startFromHead=false of FilterLogEvents"));
        }
        let group = model::get_group(ctx, tx, input.group(ctx)?).await?;
        let pattern = Pattern::parse(&input.filter_pattern)?;
        let search = Search {
            streams: input.streams()?,
            pattern: &pattern,
            window: Window {
                from: input.start_time.unwrap_or_default().max(group.expired_before(ctx.now)),
                to: input.behind_end(),
            },
            from: input.next_token.as_deref().map(Place::decode).transpose()?,
            limit: input.limit.unwrap_or(config::PAGE_EVENTS),
        };
        let found = model::search(tx, &group, &search).await?;
        Ok(Output {
            events: found.events.into_iter().map(OutputEvent::from).collect(),
            searched_log_streams: [],
            next_token: found.next.map(Place::encode),
        })
    }
}

impl Input {
    fn group(&self, ctx: &Context) -> Result<&str, Error> {
        super::group_name(ctx, self.log_group_name.as_deref(), self.log_group_identifier.as_deref())
    }

    fn streams(&self) -> Result<Streams<'_>, Error> {
        match (&self.log_stream_names, &self.log_stream_name_prefix) {
            (Some(_), Some(_)) => Err(Error::invalid(
                "LogStreamNames and LogStreamNamePrefix are mutually exclusive parameters.",
            )),
            (Some(names), None) => Ok(Streams::Named(names)),
            (None, Some(prefix)) => Ok(Streams::Prefixed(prefix)),
            (None, None) => Ok(Streams::All),
        }
    }

    /// Events at the end time belong to the search, unlike in `GetLogEvents`.
    fn behind_end(&self) -> Timestamp {
        let end = self.end_time.map_or(u64::MAX, |end| end.as_millis().saturating_add(1));
        Timestamp::from_millis(end)
    }
}

impl From<(String, model::Event)> for OutputEvent {
    fn from((stream, event): (String, model::Event)) -> Self {
        Self {
            log_stream_name: stream,
            timestamp: event.position.time,
            event_id: event.position.event_id(),
            message: event.message,
            ingestion_time: event.ingested,
        }
    }
}
