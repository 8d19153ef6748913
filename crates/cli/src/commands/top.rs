//! `pileus top`

mod sample;
mod view;

use crate::{commands::ls, error::Error, output, session::Session};
use client::{Client, Rest};
use console::Term;
use http::Method;
use sample::{Sample, Window};
use serde_json::Value;
use std::{collections::VecDeque, process::ExitCode, time::Duration};
use view::View;

const EXAMPLES: &str = "\
Examples:
  pileus top                     the last 10 seconds of this node, again every 2 seconds
  pileus top --once              everything since the node was started
  pileus top --once --json | jq '.functions[] | {name, calls, p99_seconds}'

LOAD is how many calls ran on average, START what a cold start took, WAITING how many asynchronous
events wait and OLDEST since when, AGE (99 of 100) how long events and messages had waited when the
function got them. `pileus up --metrics ADDR` gives the same figures to Prometheus.";

/// The path of the figures.
const PATH: &str = "/_pileus/metrics";
/// How far back the figures go that are shown.
const WINDOW: Duration = Duration::from_secs(10);
/// The shortest time between two looks, in seconds.
const MIN_INTERVAL: f64 = 0.2;

/// The flags of `pileus top`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Top {
    /// Print once what has been counted since the node was started
    #[arg(long)]
    once: bool,
    /// Seconds between two looks
    #[arg(long, value_name = "SECONDS", default_value_t = 2.0, value_parser = parse_interval)]
    interval: f64,
}

/// Shows what functions do.
pub(crate) fn run(command: &Top, session: &Session) -> Result<ExitCode, Error> {
    let client = session.client()?;
    session.block_on(async {
        if command.once {
            let now = look(&client).await?;
            print(&View::new(&client, &Window { before: None, now: &now }), session.json())?;
            return Ok(ExitCode::SUCCESS);
        }
        let interval = Duration::from_secs_f64(command.interval);
        let screen = Screen::enter(session.json());
        tokio::select! {
            ended = follow(&client, interval, &screen, session.json()) => ended,
            // Nothing is left to be done but to leave the terminal as it was.
            _ = tokio::signal::ctrl_c() => Ok(ExitCode::SUCCESS),
        }
    })
}

/// Shows the figures again and again, until they cannot be had or nobody reads them.
async fn follow(
    client: &Client,
    interval: Duration,
    screen: &Screen,
    json: bool,
) -> Result<ExitCode, Error> {
    let mut samples = VecDeque::from([look(client).await?]);
    loop {
        let newest = look(client).await?;
        while samples.len() > 1 && newest.at.since(samples[1].at) >= WINDOW {
            samples.pop_front();
        }
        let view = View::new(client, &Window { before: samples.front(), now: &newest });
        match screen {
            Screen::Terminal(term) => {
                let (rows, columns) = term.size();
                let lines = view.lines(Some((rows.into(), columns.into())));
                show(term, &lines)?;
            }
            Screen::Plain => print(&view, json)?,
        }
        samples.push_back(newest);
        client.clock().sleep(interval).await;
    }
}

async fn look(client: &Client) -> Result<Sample, Error> {
    let call = Rest { method: Method::GET, path: PATH, ..Rest::default() };
    let body = client.rest("lambda", call).await?.body;
    let families: Value = serde_json::from_slice(&body)
        .map_err(|error| Error::from(client::Error::Reply(error.to_string())))?;
    // Who may read figures need not be allowed to list queues.
    let queues = ls::queues(client).await.unwrap_or_default();
    Ok(Sample { at: client.clock().now(), families, queues })
}

fn print(view: &View, json: bool) -> Result<(), Error> {
    if json {
        return Ok(output::line(&view.as_json().to_string())?);
    }
    for line in view.lines(None) {
        output::line(&line)?;
    }
    Ok(())
}

/// Where the figures go.
enum Screen {
    /// A terminal, whose lines are written over.
    Terminal(Term),
    /// Anything else: one after the other.
    Plain,
}

impl Screen {
    fn enter(json: bool) -> Self {
        let term = Term::stdout();
        if json || !term.is_term() {
            return Self::Plain;
        }
        // A terminal that cannot hide its cursor shows it.
        let _ = term.hide_cursor().and_then(|()| term.clear_screen());
        Self::Terminal(term)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        if let Self::Terminal(term) = self {
            let _ = term.show_cursor();
        }
    }
}

fn show(term: &Term, lines: &[String]) -> Result<(), Error> {
    let written = term.move_cursor_to(0, 0).and_then(|()| {
        for line in lines {
            term.clear_line()?;
            term.write_line(line)?;
        }
        term.clear_to_end_of_screen()
    });
    written.map_err(|_| output::Closed.into())
}

fn parse_interval(text: &str) -> Result<f64, String> {
    let seconds = text.parse::<f64>().ok().filter(|seconds| seconds.is_finite());
    seconds
        .filter(|seconds| (MIN_INTERVAL..=3_600.0).contains(seconds))
        .ok_or_else(|| format!("seconds, from {MIN_INTERVAL} to 3600"))
}
