//! `cargo xtask models`: one small checked-in file per service, pruned from the official models.
//!
//! The source is `botocore` on PyPI, at a pinned version. Builds and tests read only the
//! checked-in files; this command is run when an operation is added or the pin is raised.

mod download;
mod form;
pub(crate) mod operations;
mod query_names;
mod refused;
mod render;
mod source;
mod xml_names;

use std::path::Path;

use anyhow::{Context, Result, bail};

use self::download::Botocore;
use self::operations::{SERVICES, Service};
use crate::workspace::Workspace;

/// The release of botocore that the models are taken from.
const BOTOCORE: &str = "1.44.5";

/// The last release whose SQS model described the Query protocol. Later ones describe only
/// JSON, while the service still answers both.
const BOTOCORE_WITH_SQS_QUERY: &str = "1.31.80";

/// Writes every service's model file below `into`, or into the checkout.
pub(crate) fn extract(workspace: &Workspace, into: Option<&Path>) -> Result<()> {
    let into = into.unwrap_or(workspace.root());
    each(workspace, |service, text| {
        let path = into.join(service.file);
        let folder = path.parent().context("a model file has no folder")?;
        std::fs::create_dir_all(folder)?;
        std::fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
        println!("{}: {} operations, {} bytes", service.file, service.operations.len(), text.len());
        Ok(())
    })
}

/// Compares every checked-in model file with what would be extracted now.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut stale = Vec::new();
    each(workspace, |service, text| {
        let path = workspace.root().join(service.file);
        let present = std::fs::read_to_string(&path)
            .with_context(|| format!("cannot read {}", path.display()))?;
        if present != text {
            stale.push(service.file);
        }
        Ok(())
    })?;
    if !stale.is_empty() {
        bail!("not what `cargo xtask models` writes, run it: {}", stale.join(", "));
    }
    Ok(())
}

/// Extracts the file of every service.
fn each(workspace: &Workspace, mut take: impl FnMut(&Service, &str) -> Result<()>) -> Result<()> {
    let botocore = Botocore::install(workspace, BOTOCORE)?;
    for service in SERVICES {
        let mut model = botocore.model(service)?;
        if service.botocore == "sqs" {
            let older = Botocore::install(workspace, BOTOCORE_WITH_SQS_QUERY)?;
            query_names::add(&mut model, &older.model(service)?);
        }
        if service.botocore == "s3" {
            xml_names::add(&mut model)?;
            form::add(&mut model)?;
        }
        let refused = refused::list(&model, service.operations);
        let pruned = model
            .prune(service.operations)
            .with_context(|| format!("cannot prune the model of {}", service.botocore))?;
        take(service, &render::render(&pruned, &refused)?)?;
    }
    Ok(())
}
