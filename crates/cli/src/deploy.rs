//! `pileus deploy`
//!
//! template → check here and at the server → build and zip each local path → upload → create or update the stack → follow
//! its events → outputs.

mod apply;
mod archive;
mod artifacts;
mod build;
mod interpreters;
mod lines;
mod nested;
mod progress;
mod report;
mod source;
mod tree;
mod upload;

pub(crate) use apply::request_token;
pub(crate) use progress::Progress;
pub(crate) use report::Report;
pub(crate) use tree::NEVER as NEVER_PACKAGED;

use crate::{error::Error, host::Host, session::Session, stacks};
use archive::Entries;
use build::Options;
use client::Client;
use nested::{Place, Tree};
use source::Source;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
    process::ExitCode,
};

const EXAMPLES: &str = "\
Examples:
  pileus deploy
  pileus deploy backend/template.yaml --stack-name backend --parameter-overrides Stage=prod Size=2
  pileus deploy --no-build --json

What it does, as `sam build` and `sam deploy` would: installs the requirements.txt (pip) and the
dependencies of package.json (npm) of each function into .pileus/build, runs `make build-<LogicalId>`
where Metadata.BuildMethod is makefile, bundles with esbuild where it is esbuild, zips, uploads, creates
or updates the stack, and waits. What did not change is not built again. A local file that AWS::Include
names is put into the template; the local template of a nested stack goes, with what it names itself, to
the bucket pileus-templates. A failed creation or update is rolled back.

What a template asks that is met in another way here (arm64, tracing, old runtimes) is printed as a
substitution; what cannot be met is refused, with its line, before anything is created.";

/// The flags of `pileus deploy`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Deploy {
    /// The template [default: template.yaml, template.yml or template.json here]
    template: Option<PathBuf>,
    /// The name of the stack [default: the name of the template's folder]
    #[arg(long, value_name = "NAME")]
    stack_name: Option<String>,
    /// Values of the template's parameters; one that is not given keeps its value, else its default
    #[arg(long, value_name = "NAME=VALUE", num_args = 1.., value_parser = source::parse_parameter)]
    parameter_overrides: Vec<(String, String)>,
    /// What may be created; all is acknowledged unless this names less
    #[arg(long, value_name = "CAPABILITY", num_args = 1.., value_delimiter = ',',
        default_values = ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"])]
    capabilities: Vec<String>,
    /// Zip what the template names as it is
    #[arg(long)]
    no_build: bool,
    /// Build everything again, also what has not changed
    #[arg(long, conflicts_with = "no_build")]
    rebuild: bool,
    /// Where to build
    #[arg(long, value_name = "DIR", default_value = ".pileus/build")]
    build_dir: PathBuf,
}

/// The folder of the template.
pub(crate) fn folder(command: &Deploy) -> PathBuf {
    source::folder(command.template.as_deref())
}

/// Where it is built.
pub(crate) fn build_folder(command: &Deploy) -> &Path {
    &command.build_dir
}

/// What deployments in a row remember of those before.
#[derive(Default)]
pub(crate) struct Memory {
    /// Whether there was one that succeeded: the next ones go quietly, and leave dependencies alone
    /// whose manifest is the same.
    pub(crate) again: bool,
    /// The templates that the server has found to be right, those of nested stacks behind the first.
    checked: Vec<String>,
    /// The packages that are there.
    uploaded: BTreeSet<String>,
    entries: Entries,
}

impl Memory {
    /// Uploads everything again the next time.
    pub(crate) fn forget_uploads(&mut self) {
        self.uploaded.clear();
    }
}

/// Deploys a template.
pub(crate) fn run(command: &Deploy, session: &Session, host: &dyn Host) -> Result<ExitCode, Error> {
    deploy(command, session, host, &mut Memory::default())?.print(session.json())
}

/// Deploys a template and gives what came of it.
pub(crate) fn deploy(
    command: &Deploy,
    session: &Session,
    host: &dyn Host,
    memory: &mut Memory,
) -> Result<Report, Error> {
    let source = Source::read(command.template.as_deref())?;
    let name = match &command.stack_name {
        Some(name) => name.clone(),
        None => source.default_stack_name()?,
    };
    let overrides: BTreeMap<_, _> = command.parameter_overrides.iter().cloned().collect();
    let client = session.client()?;
    let mut tree = Tree::read(source, &overrides, client.region(), command.no_build)?;
    let (source, artifacts) = (&tree.source, &tree.artifacts);
    if !memory.again {
        source.print_warnings();
    }
    let lines = lines::of_resources(source, artifacts, &overrides, client.region());
    let before = session.block_on(apply::prepare(&client, &name))?;
    let kept = before.as_ref().map(|stack| stack.parameters.as_slice()).unwrap_or_default();
    source
        .need_values(|name| overrides.contains_key(name) || kept.iter().any(|one| one == name))?;
    let plan = apply::Plan {
        name: &name,
        before: before.as_ref(),
        body: artifacts::as_uploaded(source, artifacts, &overrides)?,
        overrides: &overrides,
        known: source.parameter_names(),
        capabilities: &command.capabilities,
        quiet: memory.again,
    };
    // The server says everything that is wrong at once; what it does not find is found here.
    let nothing = BTreeMap::new();
    let found = lines.as_ref().unwrap_or(&nothing);
    if memory.checked.first() != Some(&plan.body) {
        session.block_on(apply::check(&client, &plan, &Report::new(source, found)))?;
    }
    let lines = lines?;
    let nested = check_nested(&tree, session, &client, &memory.checked)?;
    memory.checked = [plan.body.clone()].into_iter().chain(nested).collect();

    let options = Options {
        base: source.folder(),
        folder: command.build_dir.join(&name),
        interpreters: host.runtimes_list(&session.data())?,
        as_is: command.no_build,
        rebuild: command.rebuild && !memory.again,
        refresh: memory.again,
        entries: memory.entries.clone(),
    };
    tree.bring(&Place { client: &client, session, options }, &mut memory.uploaded)?;
    let done = async {
        let plan = apply::Plan { body: lines::render(&tree.source.document), ..plan };
        let mut report = Report::new(&tree.source, &lines);
        apply::run(&client, &plan, &mut report).await?;
        report.stack = stacks::describe(&client, &name).await?.unwrap_or_default();
        memory.again |= report.succeeded();
        Ok(report)
    };
    session.block_on(session.unless_stopped(done))
}

/// Asks the server about the templates of nested stacks, those that it has `checked` excepted. The
/// answer is all of them.
fn check_nested(
    tree: &Tree,
    session: &Session,
    client: &Client,
    checked: &[String],
) -> Result<Vec<String>, Error> {
    let mut bodies = Vec::new();
    for (source, body) in tree.nested_as_uploaded()? {
        if !checked.contains(&body) {
            let report = Report::new(source, &BTreeMap::new());
            session.block_on(apply::validate(client, &body, &report))?;
        }
        bodies.push(body);
    }
    Ok(bodies)
}
