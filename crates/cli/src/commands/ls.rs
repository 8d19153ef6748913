//! `pileus ls`

mod list;

use crate::{error::Error, output, session::Session};
use client::Client;
use serde_json::{Map, Value};
use std::process::ExitCode;

const EXAMPLES: &str = "\
Examples:
  pileus ls                 everything but jobs
  pileus ls queues          with the messages in them
  pileus ls functions --json | jq -r '.[].FunctionName'";

/// The flags of `pileus ls`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Ls {
    /// What to list; everything but jobs if nothing is named
    #[arg(value_enum)]
    kind: Option<Kind>,
}

/// What can be listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Kind {
    /// Stacks with their states
    Stacks,
    /// Functions with their runtimes
    Functions,
    /// Queues with how many messages they hold
    Queues,
    /// Tables with how many items they hold
    Tables,
    /// Log groups with their sizes
    Logs,
    /// Background work that is not done yet, and when its next step is due
    Jobs,
}

/// What was listed: the answer of the API, and the columns that are shown of it.
struct Listing {
    items: Vec<Value>,
    /// The title of a column and the member that it shows.
    columns: &'static [(&'static str, &'static str)],
}

impl Kind {
    /// What is listed if nothing is named: what people made.
    const MADE: [Self; 5] = [Self::Stacks, Self::Functions, Self::Queues, Self::Tables, Self::Logs];

    fn name(self) -> &'static str {
        match self {
            Self::Stacks => "stacks",
            Self::Functions => "functions",
            Self::Queues => "queues",
            Self::Tables => "tables",
            Self::Logs => "logs",
            Self::Jobs => "jobs",
        }
    }

    async fn list(self, client: &Client) -> Result<Listing, Error> {
        match self {
            Self::Stacks => list::stacks(client).await,
            Self::Functions => list::functions(client).await,
            Self::Queues => list::queues(client).await,
            Self::Tables => list::tables(client).await,
            Self::Logs => list::logs(client).await,
            Self::Jobs => list::jobs(client).await,
        }
    }
}

/// Lists one kind, or all.
pub(crate) fn run(command: &Ls, session: &Session) -> Result<ExitCode, Error> {
    let client = session.client()?;
    let kinds = command.kind.map_or(Kind::MADE.to_vec(), |kind| vec![kind]);
    let listings = session.block_on(async {
        let mut listings = Vec::new();
        for kind in kinds {
            listings.push((kind, kind.list(&client).await?));
        }
        Ok(listings)
    })?;
    if session.json() {
        output::json(&as_json(command.kind, listings))?;
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(kind) = command.kind {
        for (_, listing) in &listings {
            let title = listing.columns.first().map_or(kind.name(), |(title, _)| *title);
            listing.print(title)?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    let listings: Vec<_> =
        listings.into_iter().filter(|(_, listing)| !listing.items.is_empty()).collect();
    if listings.is_empty() {
        output::note("nothing is there yet: deploy something with `pileus deploy`");
    }
    for (index, (kind, listing)) in listings.iter().enumerate() {
        if index > 0 {
            output::line("")?;
        }
        listing.print(&kind.name().to_uppercase())?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The queues with their attributes.
pub(crate) async fn queues(client: &Client) -> Result<Vec<Value>, Error> {
    Ok(list::queues(client).await?.items)
}

fn as_json(kind: Option<Kind>, listings: Vec<(Kind, Listing)>) -> Value {
    let mut map: Map<String, Value> = listings
        .into_iter()
        .map(|(kind, listing)| (kind.name().to_owned(), listing.items.into()))
        .collect();
    match kind {
        Some(kind) => map.remove(kind.name()).unwrap_or_default(),
        None => map.into(),
    }
}

impl Listing {
    /// Prints it as a table; `title` stands over the first column.
    fn print(&self, title: &str) -> Result<(), Error> {
        let rows: Vec<Vec<String>> = self.items.iter().map(|item| self.row(item)).collect();
        let others = self.columns.iter().skip(1).map(|(title, _)| *title);
        let titles: Vec<&str> = std::iter::once(title).chain(others).collect();
        for line in output::table(&titles, &rows) {
            output::line(&line)?;
        }
        Ok(())
    }

    fn row(&self, item: &Value) -> Vec<String> {
        let cell = |member: &str| match &item[member] {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        self.columns.iter().map(|(_, member)| cell(member)).collect()
    }
}
