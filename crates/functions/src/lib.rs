//! Functions: AWS Lambda.
//!
//! What it does: functions of zip packages with configuration, tags, policies and encrypted
//! environments; layers; published versions and weighted aliases, each with its own policy, URL and settings;
//! reserved and provisioned concurrency; synchronous and asynchronous invocations with retries, destinations and dead
//! letters; function URLs; event source mappings of queues (the router acts on them). What runs a
//! function is `runtime`; this crate tells it what to run and as whom.
//!
//! What it does not: container images and VPCs, which are refused by name.
//!
//! Invariants:
//! * An invocation reads the function's record, which is always right; it writes nothing. Instances
//!   of a revision that is not the record's are let go.
//! * An asynchronous invocation is durable before it is acknowledged, and ends in success, a
//!   destination or the dead-letter queue.
//! * A function that runs in a loop of its own is stopped after 16 times in the same chain.
//! * A published version never changes, and its number is never used again, not even by another
//!   function of the name.
//! * Code is stored once per hash; what no function refers to goes after a grace.

mod code;
pub mod config;
mod credentials;
mod download;
mod error;
mod events;
mod invoke;
mod invoker;
mod jobs;
mod keys;
mod lineage;
mod meters;
mod model;
mod ops;
mod provision;
mod records;
mod resources;
mod upload;
mod urls;
mod vault;

pub use error::Error;
pub use ops::operations;
pub use records::records;

use blob::Blobs;
use clock::Ids;
use credentials::RoleCredentials;
use futures_util::{StreamExt, TryStreamExt, stream};
use invoke::Specs;
use meters::Meters;
use runtime::{Interpreters, LogSink, Pools, PoolsConfig, Ports, sandbox::Sandboxes};
use service::{Definition, Fault, Identities, Invoker, Platform, metrics::FUNCTIONS};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use vault::Vault;

/// The official service model, pruned to the operations of this crate by `cargo xtask models`.
pub const MODEL: &str = include_str!("../model.json");

/// What the service is made of.
pub struct Parts {
    /// What all services share.
    pub platform: Arc<Platform>,
    /// Where packages are.
    pub blobs: Blobs,
    /// The data folder: unpacked code goes to `cache/code` below it, which is emptied.
    pub data: PathBuf,
    /// Under which environments are encrypted; kept outside of the store.
    pub master_key: [u8; 32],
    /// Makes sandboxes.
    pub sandboxes: Arc<dyn Sandboxes>,
    /// Knows how runtimes start.
    pub interpreters: Arc<dyn Interpreters>,
    /// Serves the platform's endpoint inside of sandboxes.
    pub endpoint: Arc<dyn runtime::Platform>,
    /// Takes what functions print.
    pub logs: Arc<dyn LogSink>,
    /// The bounds of all instances.
    pub pools: PoolsConfig,
    /// Random ids of this process.
    pub ids: Arc<Ids>,
}

/// The function service of one node.
pub struct Functions {
    platform: Arc<Platform>,
    blobs: Blobs,
    code_cache: PathBuf,
    unpacking: tokio::sync::Mutex<()>,
    vault: Vault,
    pools: Pools,
    max_instances: usize,
    specs: Specs,
    meters: Arc<Meters>,
    tickets: download::Tickets,
    ids: Arc<Ids>,
}

impl Functions {
    /// The service, with empty pools. Needs a running tokio runtime.
    ///
    /// # Errors
    /// The folder for unpacked code cannot be made.
    pub fn new(parts: Parts) -> std::io::Result<Arc<Self>> {
        // Sandboxes mount it, so it must be absolute.
        let code_cache = std::path::absolute(parts.data.join(Path::new("cache/code")))?;
        code::empty_cache(&code_cache)?;
        let credentials = RoleCredentials {
            platform: parts.platform.clone(),
            lifetime: parts.pools.max_age + config::CREDENTIALS_MARGIN,
        };
        let meters = Arc::new(Meters::new(&parts.platform.metrics, FUNCTIONS));
        let ports = Ports {
            sandboxes: parts.sandboxes,
            interpreters: parts.interpreters,
            credentials: Arc::new(credentials),
            platform: parts.endpoint,
            logs: parts.logs,
            observer: meters.clone(),
            clock: parts.platform.clock.clone(),
            ids: parts.ids.clone(),
        };
        Ok(Arc::new(Self {
            platform: parts.platform,
            blobs: parts.blobs,
            code_cache,
            unpacking: tokio::sync::Mutex::default(),
            vault: Vault::new(&parts.master_key),
            pools: Pools::new(ports, parts.pools),
            max_instances: parts.pools.max_instances,
            specs: Specs::default(),
            meters,
            tickets: download::Tickets::new(&parts.master_key),
            ids: parts.ids,
        }))
    }

    /// The instances of this node.
    #[must_use]
    pub fn pools(&self) -> &Pools {
        &self.pools
    }

    /// Brings the platform's metrics up to date: forgets functions that are no more, whoever
    /// deleted them, and looks at what is not counted.
    ///
    /// # Errors
    /// The store's.
    pub async fn look(&self) -> Result<(), Fault> {
        let Platform { store, account, region, metrics, .. } = &*self.platform;
        // Their names are taken first: what is made from now on is not looked for.
        let names = metrics.functions();
        let snapshot = store.snapshot().await?;
        let found = stream::iter(names).map(async |name| {
            let function = snapshot.get(&keys::function(account, region, &name)).await?;
            Ok::<_, Fault>((name, function.is_some()))
        });
        let mut found = found.buffer_unordered(config::LOOKS_AT_ONCE);
        while let Some((name, exists)) = found.try_next().await? {
            if !exists {
                metrics.forget_function(&name);
            }
        }
        self.meters.look(&self.pools);
        Ok(())
    }
}

/// The service as the composition root registers it.
#[must_use]
pub fn definition(functions: &Arc<Functions>) -> Definition {
    let mut definition = Definition::new("lambda", MODEL, operations(functions));
    definition.fronts = vec![
        Arc::new(urls::UrlFront(functions.clone())),
        Arc::new(upload::Upload(functions.clone())),
        Arc::new(download::Download(functions.clone())),
    ];
    definition.external = vec![Arc::new(events::EventTarget(functions.clone()))];
    definition.resources = resources::providers();
    definition.jobs = vec![
        Arc::new(jobs::ForgetCode(functions.clone())),
        Arc::new(jobs::CollectBlob(functions.clone())),
    ];
    definition
}

/// Elastic Container Registry, as far as tools ask whether there is an image: there is none.
#[derive(Debug)]
pub struct Registry;

/// The registry as the composition root registers it.
#[must_use]
pub fn registry() -> Definition {
    let registry = Arc::new(Registry);
    Definition::new("ecr", include_str!("../model-ecr.json"), ops::registry_operations(&registry))
}

/// How the router runs functions for event source mappings.
#[must_use]
pub fn invoker(functions: &Arc<Functions>) -> Arc<dyn Invoker> {
    Arc::new(invoker::MappingInvoker(functions.clone()))
}

/// The service's own principal.
const PRINCIPAL: &str = "lambda.amazonaws.com";

fn identities(platform: &Platform) -> Result<&Arc<dyn Identities>, Fault> {
    platform.identities().ok_or_else(|| Fault::internal("no identities connected"))
}
