//! `pileus up`: the platform in this process.

use crate::runtimes;
use anyhow::{Context, Result, bail};
use cli::{Isolation, UpOptions};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use server::{Config, Server};
use std::{io::IsTerminal, net::SocketAddr, path::Path};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

/// Serves until Ctrl-C, `SIGTERM`, or a failure of the store.
pub(crate) fn run(options: &UpOptions) -> Result<()> {
    let config = configuration(options)?;
    log_to_stderr(options.json);
    allow_all_descriptors();
    tokio::runtime::Runtime::new()?.block_on(serve(config, options.json))
}

fn configuration(options: &UpOptions) -> Result<Config> {
    let mut config = match &options.config {
        Some(path) => Config::read(path)?,
        None => Config::default(),
    };
    if let Some(data) = &options.data {
        config.data.clone_from(data);
    }
    if let Some(store) = &options.store {
        config.store = Some(store.clone());
    }
    if let Some(blobs) = &options.blobs {
        config.blobs = Some(blobs.clone());
    }
    let access = &options.blob_access;
    config.blobs_endpoint = access.endpoint.clone().or(config.blobs_endpoint);
    config.blobs_region = access.region.clone().or(config.blobs_region);
    config.blobs_access_key_id = access.access_key_id.clone().or(config.blobs_access_key_id);
    config.blobs_secret_access_key =
        access.secret_access_key.clone().or(config.blobs_secret_access_key);
    if let Some(file) = &options.master_key {
        config.master_key = Some(file.clone());
    }
    if let Some(listen) = options.listen {
        config.listen = listen;
    }
    if let Some(metrics) = options.metrics {
        config.metrics = Some(metrics);
    }
    if let Some(url) = &options.public_url {
        config.public_url = Some(url.clone());
    }
    if let Some(region) = &options.region {
        config.region = region.parse().context("--region")?;
    }
    if let Some(account) = &options.account {
        config.account = account.parse().context("--account")?;
    }
    if let Some(isolation) = options.isolation {
        config.isolation = match isolation {
            Isolation::Full => server::Isolation::Full,
            Isolation::Reduced => server::Isolation::Reduced,
        };
    }
    if !options.egress.is_empty() {
        config.egress = options.egress.clone().try_into()?;
    }
    Ok(config)
}

/// Every connection and every instance takes some; the usual soft limit of 1,024 is for programs
/// that use `select`.
fn allow_all_descriptors() {
    let limit = getrlimit(Resource::Nofile);
    if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, ..limit }) {
        tracing::warn!(%error, "the limit of open files stays as it is");
    }
}

/// Warnings and errors, or what `RUST_LOG` asks for.
fn log_to_stderr(json: bool) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"));
    let builder = tracing_subscriber::fmt().with_writer(std::io::stderr).with_env_filter(filter);
    if json {
        builder.json().init();
    } else {
        builder.with_ansi(std::io::stderr().is_terminal()).init();
    }
}

async fn serve(config: Config, json: bool) -> Result<()> {
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    // Another terminal may be in another folder.
    let data = std::path::absolute(&config.data)?;
    let needs_all = config.isolation == server::Isolation::Full;
    let server = Server::start(config).await?;
    announce(&server, &data, json, needs_all);
    let failure = tokio::select! {
        _ = interrupt.recv() => None,
        _ = terminate.recv() => None,
        failure = server.failed() => Some(failure),
    };
    if let Some(failure) = failure {
        // Nothing can be acknowledged any more: end at once, and let a restart recover.
        bail!("the store has failed and Pileus must end: {failure}");
    }
    if !json {
        eprintln_line("Stopping; a second Ctrl-C ends at once.");
    }
    tokio::select! {
        () = server.stop() => Ok(()),
        _ = interrupt.recv() => bail!("ended before everything was finished"),
    }
}

/// Says where it is and how well functions are isolated: the line that scripts wait for.
#[allow(clippy::print_stdout, reason = "this is the command's result")]
fn announce(server: &Server, data: &Path, json: bool, needs_all: bool) {
    let isolation = server.isolation();
    let missing = isolation.parts.iter().filter(|part| !part.achieved);
    let level = if isolation.missing().is_none() { "full" } else { "reduced" };
    let endpoint = &server.access().endpoint;
    if json {
        let missing: Vec<_> = missing
            .map(|part| serde_json::json!({"part": part.name, "remedy": part.remedy}))
            .collect();
        let line = serde_json::json!({
            "endpoint": endpoint,
            "region": server.access().region,
            "account": server.access().account,
            "metrics": server.metrics().map(metrics_url),
            "isolation": level,
            "missing": missing,
            "egress": server.egress().entries(),
        });
        println!("{line}");
        return;
    }
    let data_folder = data.display();
    println!("Pileus serves {endpoint} from {data_folder}");
    if let Some(address) = server.metrics() {
        let url = metrics_url(address);
        println!("  metrics: {url}, with the token in {data_folder}/metrics.token");
    }
    println!("  isolation of functions: {level}");
    for part in missing {
        println!("  missing: {}. {}", part.name, part.remedy);
    }
    if needs_all && isolation.missing().is_some() {
        println!("  functions are refused until nothing is missing, or with --isolation reduced");
    }
    println!("  egress of functions: {}", server.egress());
    if runtimes::list(data).is_empty() {
        println!("  no interpreter: run `pileus runtimes install --data {data_folder}`");
    }
    println!("  in another terminal: eval \"$(pileus env --data {data_folder})\"");
}

fn metrics_url(address: SocketAddr) -> String {
    format!("http://{address}/metrics")
}

#[allow(clippy::print_stderr, reason = "a person waits at this terminal")]
fn eprintln_line(line: &str) {
    eprintln!("{line}");
}
