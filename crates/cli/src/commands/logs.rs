//! `pileus logs`

use crate::{error::Error, output, session::Session, stacks};
use client::Client;
use serde_json::{Value, json};
use std::{collections::HashMap, process::ExitCode, time::Duration};
use types::Timestamp;

const EXAMPLES: &str = "\
Examples:
  pileus logs hello                       the last 10 minutes of a function
  pileus logs -f my-stack/Worker          follow it
  pileus logs /aws/lambda/hello --since 2h --filter ERROR
  pileus logs hello --json | jq .message

A filter is a pattern of CloudWatch Logs: words that a line must have, \"a phrase\", -word.";

/// How often a log that is followed is read.
const PAUSE: Duration = Duration::from_millis(250);
/// How far back a follower reads again, for lines that arrive late.
const OVERLAP: Duration = Duration::from_secs(10);
/// The most pages that are read at once.
const MAX_PAGES: usize = 10_000;

/// The flags of `pileus logs`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Logs {
    /// A function, STACK/LOGICAL_ID, or a log group
    source: String,
    /// Go on printing what arrives, until Ctrl-C
    #[arg(long, short)]
    follow: bool,
    /// How far back to begin: 30s, 10m, 2h, 7d
    #[arg(long, value_name = "AGE", default_value = "10m", value_parser = parse_age)]
    since: Duration,
    /// Only what matches this pattern
    #[arg(long, value_name = "PATTERN")]
    filter: Option<String>,
}

/// Prints a log.
pub(crate) fn run(command: &Logs, session: &Session) -> Result<ExitCode, Error> {
    let client = session.client()?;
    session.block_on(async {
        let group = group(&client, &command.source).await?;
        let now = client.clock().now();
        let since = now.as_millis().saturating_sub(millis(command.since));
        let mut reader = Reader::new(&client, group, since);
        loop {
            let events = match reader.news(command.filter.as_deref()).await {
                Err(Failure::NoGroup) if command.follow => Vec::new(),
                result => result.map_err(|failure| failure.tell(&reader.group))?,
            };
            for event in &events {
                print(event, session.json())?;
            }
            if !command.follow {
                return Ok(ExitCode::SUCCESS);
            }
            client.clock().sleep(PAUSE).await;
        }
    })
}

/// The group of a function, or the one that has this name.
async fn group(client: &Client, source: &str) -> Result<String, Error> {
    if source.starts_with('/') {
        return Ok(source.to_owned());
    }
    if !source.contains('/') {
        let input = json!({"logGroupNamePrefix": source, "limit": 1});
        let found = client.json("logs", "Logs_20140328.DescribeLogGroups", &input).await?;
        // Groups are listed in the order of their names: the prefix itself is the first.
        if found["logGroups"][0]["logGroupName"] == source {
            return Ok(source.to_owned());
        }
    }
    let name = stacks::function_name(client, source).await?;
    Ok(format!("/aws/lambda/{name}"))
}

/// Reads a log from some time on, each event once.
pub(crate) struct Reader<'a> {
    client: &'a Client,
    group: String,
    /// From when on the next reading begins.
    since: u64,
    /// The events from then on that were printed, with their times.
    seen: HashMap<String, u64>,
}

/// Why a log cannot be read.
pub(crate) enum Failure {
    /// There is none yet.
    NoGroup,
    Other(Error),
}

impl Failure {
    fn tell(self, group: &str) -> Error {
        match self {
            Self::Other(error) => error,
            Self::NoGroup => Error::new(format!("there is no log group {group}")).next(
                "a function's group is made by its first invocation; `pileus ls logs` lists them, \
                 -f waits for it",
            ),
        }
    }
}

impl<'a> Reader<'a> {
    /// `since` is in milliseconds since 1970.
    pub(crate) fn new(client: &'a Client, group: String, since: u64) -> Self {
        Self { client, group, since, seen: HashMap::new() }
    }

    /// What has arrived since the last time, oldest first.
    pub(crate) async fn news(&mut self, filter: Option<&str>) -> Result<Vec<Value>, Failure> {
        let mut news = Vec::new();
        let mut input = json!({"logGroupName": self.group, "startTime": self.since});
        if let Some(pattern) = filter {
            input["filterPattern"] = pattern.into();
        }
        for _ in 0..MAX_PAGES {
            let page = self.client.json("logs", "Logs_20140328.FilterLogEvents", &input).await;
            let page = page.map_err(|error| match error.code() {
                Some("ResourceNotFoundException") => Failure::NoGroup,
                _ => Failure::Other(error.into()),
            })?;
            let events = page["events"].as_array().cloned().unwrap_or_default();
            news.extend(events.into_iter().filter(|event| self.is_new(event)));
            if page["nextToken"].is_null() {
                break;
            }
            input["nextToken"] = page["nextToken"].clone();
        }
        news.sort_by_key(|event| event["timestamp"].as_u64());
        let newest = news.last().and_then(|event| event["timestamp"].as_u64());
        let since = newest.unwrap_or_default().saturating_sub(millis(OVERLAP));
        self.since = self.since.max(since);
        self.seen.retain(|_, time| *time >= self.since);
        Ok(news)
    }

    fn is_new(&mut self, event: &Value) -> bool {
        let id = event["eventId"].as_str().unwrap_or_default().to_owned();
        let time = event["timestamp"].as_u64().unwrap_or_default();
        self.seen.insert(id, time).is_none()
    }
}

fn print(event: &Value, json: bool) -> Result<(), Error> {
    let line = if json { event.to_string() } else { text(event) };
    Ok(output::line(&line)?)
}

/// An event as a person reads it.
pub(crate) fn text(event: &Value) -> String {
    let time = Timestamp::from_millis(event["timestamp"].as_u64().unwrap_or_default());
    let message = event["message"].as_str().unwrap_or_default().trim_end();
    let platform = ["START ", "END ", "REPORT ", "INIT_START "];
    let message = if platform.iter().any(|word| message.starts_with(word)) {
        output::faint(message)
    } else if ["ERROR", "Traceback", "Task timed out"].iter().any(|word| message.contains(word)) {
        output::alarm(message)
    } else {
        message.to_owned()
    };
    format!("{} {message}", output::faint(&time.to_iso8601()))
}

/// `30s`, `10m`, `2h`, `7d`; a bare number is seconds.
fn parse_age(text: &str) -> Result<Duration, String> {
    let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let unit = match &text[split..] {
        "" | "s" => Some(1),
        "m" => Some(60),
        "h" => Some(3600),
        "d" => Some(86_400),
        _ => None,
    };
    let seconds = text[..split].parse::<u64>().ok().zip(unit);
    let seconds = seconds.and_then(|(number, unit)| number.checked_mul(unit));
    seconds.map(Duration::from_secs).ok_or_else(|| "write it as 30s, 10m, 2h or 7d".to_owned())
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_a_number_and_a_unit() {
        assert_eq!(parse_age("10m"), Ok(Duration::from_secs(600)));
        assert_eq!(parse_age("7d"), Ok(Duration::from_secs(604_800)));
        assert_eq!(parse_age("5"), Ok(Duration::from_secs(5)));
        for bad in ["", "m", "1w", "-1m", "1.5h", "99999999999999999999s"] {
            assert!(parse_age(bad).is_err(), "{bad}");
        }
    }
}
