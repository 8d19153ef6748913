//! All services of a node: the only list of them.

use crate::{
    Error,
    jobs_front::JobsFront,
    metrics::{MetricsFront, Scrape},
    snapshots::Snapshots,
    snapshots_front::SnapshotsFront,
};
use backup::RecordTable;
use blob::Blobs;
use functions::Functions;
use iam::{Iam, MasterKey};
use objects::Objects;
use runtime::{Interpreters, LogSink, PoolsConfig, sandbox::Sandboxes};
use service::{Definition, Job, Platform};
use stacks::StandIns;
use std::{path::PathBuf, sync::Arc};

/// What the services are built from.
pub(crate) struct Parts {
    pub(crate) platform: Arc<Platform>,
    pub(crate) master_key: [u8; 32],
    pub(crate) folder: PathBuf,
    pub(crate) blobs: Blobs,
    pub(crate) sandboxes: Arc<dyn Sandboxes>,
    pub(crate) interpreters: Arc<dyn Interpreters>,
    /// Which runtimes run on other versions here.
    pub(crate) stand_ins: Arc<StandIns>,
    pub(crate) pools: PoolsConfig,
    pub(crate) logs: Arc<dyn LogSink>,
    pub(crate) inner_endpoint: Arc<dyn runtime::Platform>,
}

/// All services, and those that more than dispatch must know.
pub(crate) struct Services {
    pub(crate) definitions: Vec<Definition>,
    pub(crate) iam: Arc<Iam>,
    pub(crate) functions: Arc<Functions>,
    pub(crate) scrape: Arc<Scrape>,
}

impl Services {
    /// The background work of all of them.
    pub(crate) fn jobs(&self) -> Vec<Arc<dyn Job>> {
        self.definitions.iter().flat_map(|definition| definition.jobs.iter().cloned()).collect()
    }
}

/// Builds them. Their ports are connected later, when the dispatcher exists.
pub(crate) fn build(parts: Parts) -> Result<Services, Error> {
    let platform = parts.platform.clone();
    let iam = Iam::new(&platform, MasterKey::new(parts.master_key), crate::server::ids()?);
    let (stand_ins, master_key) = (parts.stand_ins.clone(), parts.master_key);
    let queue_parts = queues::Parts {
        ids: crate::server::ids()?,
        master_key,
        in_flight_messages: queues::config::IN_FLIGHT_MESSAGES,
    };
    let blobs = parts.blobs.clone();
    let objects = Objects::new(objects::Parts {
        platform: platform.clone(),
        blobs: blobs.clone(),
        ids: crate::server::ids()?,
    });
    let snapshots = Snapshots::new(platform.clone(), blobs, &master_key)?;
    let functions = functions(parts)?;
    let mut definitions = iam::definitions(&iam);
    definitions.push(objects::definition(&objects));
    definitions.push(queues::definition(&platform, queue_parts));
    definitions.push(tables::definition(&platform));
    definitions.push(logs::definition(&platform));
    definitions.extend(secrets::definitions(&master_key));
    let mut lambda = functions::definition(&functions);
    lambda.fronts.push(Arc::new(JobsFront(platform.clone())));
    let scrape = Arc::new(Scrape::new(platform.clone(), functions.clone()));
    lambda.fronts.push(Arc::new(MetricsFront(scrape.clone())));
    lambda.fronts.push(Arc::new(SnapshotsFront(snapshots)));
    definitions.push(lambda);
    definitions.push(functions::registry());
    let providers = definitions.iter().flat_map(|definition| definition.resources.iter().cloned());
    definitions.push(stacks::definition(&platform, &master_key, providers.collect(), stand_ins));
    Ok(Services { definitions, iam, functions, scrape })
}

/// What all of them keep in the store.
pub(crate) fn records(master_key: &[u8; 32]) -> RecordTable {
    let services = [
        iam::records(),
        queues::records(master_key),
        tables::records(),
        objects::records(),
        functions::records(),
        logs::records(),
        secrets::records(master_key),
        stacks::records(),
    ];
    RecordTable::new(service::records::common().into_iter().chain(services.into_iter().flatten()))
}

fn functions(parts: Parts) -> Result<Arc<Functions>, Error> {
    let failed = |reason: &dyn std::fmt::Display| Error::Part {
        part: "functions",
        reason: reason.to_string(),
    };
    let parts = functions::Parts {
        platform: parts.platform,
        blobs: parts.blobs,
        data: parts.folder,
        master_key: parts.master_key,
        sandboxes: parts.sandboxes,
        interpreters: parts.interpreters,
        endpoint: parts.inner_endpoint,
        logs: parts.logs,
        pools: parts.pools,
        ids: Arc::new(crate::server::ids()?),
    };
    Functions::new(parts).map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_two_services_keep_their_records_under_one_tag() {
        super::records(&[0; 32]);
    }
}
