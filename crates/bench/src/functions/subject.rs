use anyhow::{Context, Result};
use serde_json::Value;
use std::{
    io::{Cursor, Write},
    path::{Path, PathBuf},
};
use zip::{ZipWriter, write::SimpleFileOptions};

/// A kind of function that is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Subject {
    /// A program of its own: this one.
    Native,
    Python,
    /// The same, with a client of boto3 made while it starts.
    Boto3,
    Node,
}

/// Answers with the name that it was called with: at once, or after so many seconds and with the log
/// stream, which is another one for each instance.
const PYTHON: &str = "import time
def handler(event, context):
    if 'sleep' not in event:
        return {'hello': event['name']}
    time.sleep(event['sleep'])
    return {'hello': event['name'], 'instance': context.log_stream_name}
";
const BOTO3: &str = "import boto3
client = boto3.client('s3')
";
const NODE: &str = "exports.handler = async (event) => ({ hello: event.name });
";

impl Subject {
    /// Those that only answer.
    pub(super) const HELLO: [Self; 3] = [Self::Native, Self::Python, Self::Node];
    pub(super) const ALL: [Self; 4] = [Self::Native, Self::Python, Self::Boto3, Self::Node];

    /// As the report calls it, and a function's name.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Python => "python",
            Self::Boto3 => "python-boto3",
            Self::Node => "node",
        }
    }

    pub(super) fn runtime(self) -> &'static str {
        match self {
            Self::Native => "provided.al2023",
            Self::Python | Self::Boto3 => "python3.13",
            Self::Node => "nodejs22.x",
        }
    }

    /// The path of Invoke.
    pub(super) fn path(self) -> &'static str {
        match self {
            Self::Native => "/2015-03-31/functions/native/invocations",
            Self::Python => "/2015-03-31/functions/python/invocations",
            Self::Boto3 => "/2015-03-31/functions/python-boto3/invocations",
            Self::Node => "/2015-03-31/functions/node/invocations",
        }
    }

    /// Its code, but for a program.
    pub(super) fn files(self) -> Vec<(&'static str, String)> {
        match self {
            Self::Native => Vec::new(),
            Self::Python => vec![("app.py", PYTHON.to_owned())],
            Self::Boto3 => vec![("app.py", [BOTO3, PYTHON].concat())],
            Self::Node => vec![("app.js", NODE.to_owned())],
        }
    }

    /// Its code, as it is deployed.
    pub(super) fn archive(self) -> Result<Vec<u8>> {
        match &self.files()[..] {
            [] => archive("bootstrap", &std::fs::read(std::env::current_exe()?)?),
            [(name, text), ..] => archive(name, text.as_bytes()),
        }
    }
}

/// A zip of one file.
pub(super) fn archive(name: &str, content: &[u8]) -> Result<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file(name, SimpleFileOptions::default().unix_permissions(0o755))?;
    archive.write_all(content)?;
    Ok(archive.finish()?.into_inner())
}

/// The interpreters that Pileus uses, for the floors.
pub(super) struct Installed {
    pub(super) python: Interpreter,
    pub(super) node: Interpreter,
    /// The folder of Node's runtime client.
    pub(super) node_runtime: PathBuf,
}

pub(super) struct Interpreter {
    pub(super) program: PathBuf,
    pub(super) folder: PathBuf,
    release: Vec<u64>,
}

impl Installed {
    /// The newest Python and the Node that stands for `nodejs22.x` of a runtimes folder.
    pub(super) fn read(runtimes: &Path) -> Result<Self> {
        let (mut pythons, mut nodes, mut node_runtime) = (Vec::new(), Vec::new(), None);
        for entry in std::fs::read_dir(runtimes)? {
            let folder = entry?.path();
            if folder.join("bootstrap.mjs").is_file() {
                // The one that was installed last.
                let age = folder.metadata()?.modified()?;
                node_runtime = node_runtime.max(Some((age, folder)));
                continue;
            }
            let Ok(text) = std::fs::read(folder.join("interpreter.json")) else { continue };
            let described: Value = serde_json::from_slice(&text)?;
            let release = described["release"].as_array().context("no release")?;
            let release = release.iter().filter_map(Value::as_u64).collect();
            let program = described["program"].as_str().context("no program")?.into();
            let family = if described["family"] == "python" { &mut pythons } else { &mut nodes };
            family.push(Interpreter { program, folder, release });
        }
        pythons.sort_by(|a, b| b.release.cmp(&a.release));
        nodes.retain(|node| node.release >= vec![22]);
        nodes.sort_by(|a, b| a.release.cmp(&b.release));
        let first = |family: Vec<Interpreter>| family.into_iter().next();
        Ok(Self {
            python: first(pythons).context("--runtimes has no Python")?,
            node: first(nodes).context("--runtimes has no Node 22 or newer")?,
            node_runtime: node_runtime.context("--runtimes has no runtime client for Node")?.1,
        })
    }
}
