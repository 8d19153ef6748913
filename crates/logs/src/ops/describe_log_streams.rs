use crate::{
    Error, Logs, config, keys,
    model::{self, Event, Group, Stream},
};
use kv::{Key, Range, Scan, Transaction};
use serde::{Deserialize, Serialize};
use service::{Context, Fault, Operation, Permission};
use types::Timestamp;

/// Lists the streams of a group, in the order of their names or of their last events.
pub(crate) struct DescribeLogStreams;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Input {
    log_group_name: Option<String>,
    log_group_identifier: Option<String>,
    log_stream_name_prefix: Option<String>,
    order_by: Option<OrderBy>,
    #[serde(default)]
    descending: bool,
    next_token: Option<String>,
    limit: Option<usize>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum OrderBy {
    LogStreamName,
    LastEventTime,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Output {
    log_streams: Vec<Described>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Described {
    log_stream_name: String,
    creation_time: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_event_timestamp: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_event_timestamp: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_ingestion_time: Option<Timestamp>,
    upload_sequence_token: String,
    arn: String,
    /// Always zero, as the API says since 2019.
    stored_bytes: u64,
}

impl Operation for DescribeLogStreams {
    type Service = Logs;
    type Input = Input;
    type Output = Output;
    const NAME: &'static str = "DescribeLogStreams";

    async fn permissions(
        _: &Logs,
        ctx: &Context,
        _: &mut Transaction,
        input: &Input,
    ) -> Result<Vec<Permission>, Fault> {
        Ok(super::on_group(ctx, "logs:DescribeLogStreams", input.group(ctx)?))
    }

    async fn run(
        _: &Logs,
        ctx: &Context,
        tx: &mut Transaction,
        input: &Input,
    ) -> Result<Output, Fault> {
        let group = model::get_group(ctx, tx, input.group(ctx)?).await?;
        let by_time = input.order_by == Some(OrderBy::LastEventTime);
        if by_time && input.log_stream_name_prefix.is_some() {
            let text = "Cannot order by LastEventTime with a logStreamNamePrefix.";
            return Err(Error::invalid(text).into());
        }
        let mut range = if by_time {
            group.id.recent_from(Timestamp::default())
        } else {
            group.id.streams(input.log_stream_name_prefix.as_deref().unwrap_or_default())
        };
        if let Some(token) = &input.next_token {
            range = rest(&range, &place(&group, by_time, token)?, input.descending);
        }
        let limit = input.limit.unwrap_or(config::DESCRIBE_LIMIT);
        let scan = Scan { reverse: input.descending, ..Scan::first(limit + 1).snapshot() };
        let mut entries = tx.scan(&range, scan).await?;
        let more = entries.len() > limit;
        entries.truncate(limit);
        let mut streams: Vec<Stream> = Vec::with_capacity(entries.len());
        for entry in entries {
            if by_time {
                let (_, name) = keys::recent_of(&entry.key)?;
                streams.push(model::get_stream(tx, &group, &name).await?);
            } else {
                streams.push(kv::decode_record(&entry.value)?);
            }
        }
        let next_token = streams.last().filter(|_| more).map(|last| token(last, by_time));
        let mut log_streams = Vec::with_capacity(streams.len());
        for stream in streams {
            log_streams.push(describe(ctx, tx, &group, stream).await?);
        }
        Ok(Output { log_streams, next_token })
    }
}

impl Input {
    fn group(&self, ctx: &Context) -> Result<&str, Error> {
        super::group_name(ctx, self.log_group_name.as_deref(), self.log_group_identifier.as_deref())
    }
}

fn rest(range: &Range, last: &Key, descending: bool) -> Range {
    if descending { range.before(last) } else { range.after(last) }
}

/// Where a page ended.
fn token(last: &Stream, by_time: bool) -> String {
    match by_time {
        true => {
            let time = last.last_event.unwrap_or_default().as_millis();
            model::encode_token(&format!("{time}/{}", last.name))
        }
        false => model::encode_token(&last.name),
    }
}

fn place(group: &Group, by_time: bool, token: &str) -> Result<Key, Error> {
    let text = model::decode_token(token)?;
    if !by_time {
        return Ok(group.id.stream(&text));
    }
    let (time, name) = text.split_once('/').ok_or_else(model::invalid_token)?;
    let time = time.parse().map_err(|_| model::invalid_token())?;
    Ok(group.id.recent(Some(Timestamp::from_millis(time)), name))
}

async fn describe(
    ctx: &Context,
    tx: &mut Transaction,
    group: &Group,
    stream: Stream,
) -> Result<Described, Error> {
    let first = tx.scan(&group.id.events(&stream.id), Scan::first(1).snapshot()).await?;
    let first = first.first().map(Event::of).transpose()?.unwrap_or_default();
    Ok(Described {
        arn: model::stream_resource(ctx.account(), &ctx.region, &group.name, &stream.name),
        creation_time: stream.created,
        first_event_timestamp: first.first().map(|event| event.position.time),
        last_event_timestamp: stream.last_event,
        last_ingestion_time: stream.last_ingestion,
        upload_sequence_token: super::put_log_events::sequence_token(stream.last_ingestion),
        log_stream_name: stream.name,
        stored_bytes: 0,
    })
}
