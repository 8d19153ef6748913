use crate::{
    Access, Config, Endpoint, Error, Limits,
    blob_place::BlobPlace,
    config::Isolation,
    data_folder::DataFolder,
    inner_tls::InnerTls,
    metrics::{Exporter, Scrape},
    offline,
    ports::{FunctionLogs, InnerEndpoint},
    services::{self, Parts, Services},
    store::{self, StoreEngine},
};
use clock::Ids;
use dispatch::Dispatcher;
use egress::Reach;
use functions::Functions;
use kv::Store;
use logs::LogWriter;
use runtime::{PoolsConfig, sandbox::Sandboxes};
use runtime_process::{ProcessSandboxes, Settings, interpreters::Installed};
use service::{Platform, PublicUrl, metrics::Metrics};
use std::{
    fs::File,
    net::SocketAddr,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::{
    net::TcpListener,
    sync::watch,
    task::{JoinHandle, JoinSet},
};
use tokio_rustls::TlsAcceptor;
use types::Secret;

/// Functions that still run at an orderly stop may take this long to end.
const ROUTER_STOP: Duration = Duration::from_secs(10);

/// A running node.
pub struct Server {
    address: SocketAddr,
    metrics: Option<SocketAddr>,
    access: Access,
    engine: StoreEngine,
    sandboxes: Arc<dyn Sandboxes>,
    egress: Reach,
    functions: Arc<Functions>,
    /// Follows what functions are to keep ready.
    provisioning: JoinSet<()>,
    router: router::Running,
    log_writer: Arc<LogWriter>,
    endpoint: JoinHandle<()>,
    stop: watch::Sender<bool>,
    /// Held until the end.
    _lock: Option<File>,
}

impl Server {
    /// Opens the data folder and serves it.
    ///
    /// # Errors
    /// Anything that keeps it from serving; nothing runs then.
    pub async fn start(config: Config) -> Result<Self, Error> {
        let folder = DataFolder::open(&config.data)?;
        let lock = store::lock(&config, &folder)?;
        let blobs = BlobPlace::find(&config, &folder)?;
        let (engine, master_key) = StoreEngine::open(&config, &folder, &ids()?).await?;
        let metrics = Metrics::default();
        let store = engine.metered_store(&metrics);
        if backup::is_incomplete(&store).await? {
            return Err(Error::Setup(offline::INCOMPLETE.to_owned()));
        }
        let blobs = blobs.open(&store, &master_key)?;
        let listener = listen(config.listen).await?;
        let address = local_address(&listener, config.listen)?;
        let exporter = exporter(&config, &folder).await?;
        let public_url = config.public_url.clone().unwrap_or_else(|| format!("http://{address}"));
        let platform = Arc::new(platform(&config, &public_url, store, &engine, metrics));
        let (stop, stopped) = watch::channel(false);
        let endpoint = Arc::new(OnceLock::new());
        let (sandboxes, tls) = start_sandboxes(&config, &platform.public_url).await?;
        let log_writer = Arc::new(LogWriter::start(platform.clone(), ids()?));
        let interpreters = Arc::new(Installed::new(folder.runtimes()).trusting_the_platform());
        let parts = Parts {
            platform: platform.clone(),
            master_key,
            folder: folder.path().to_owned(),
            blobs,
            sandboxes: sandboxes.clone(),
            stand_ins: Arc::new(stand_ins(interpreters.clone())),
            interpreters,
            pools: pools(&config),
            logs: Arc::new(FunctionLogs(log_writer.clone())),
            inner_endpoint: Arc::new(InnerEndpoint {
                endpoint: endpoint.clone(),
                stop: stopped.clone(),
                tls,
            }),
        };
        let services = services::build(parts)?;
        let access = access(&services, &platform, &public_url).await?;
        folder.write_access(&access)?;
        let definitions = &services.definitions;
        let built = Dispatcher::new(definitions, services.iam.clone(), platform.clone(), ids()?);
        let built = Arc::new(built.map_err(|error| Error::Setup(error.to_string()))?);
        platform.connect(built.clone(), services.iam.clone(), definitions);
        let endpoint = endpoint.get_or_init(|| Endpoint::new(built, Limits::default())).clone();
        let router = router::Router::new(
            platform.clone(),
            services.iam.clone(),
            services.jobs(),
            functions::invoker(&services.functions),
            ids()?,
        );
        let endpoint = tokio::spawn(endpoint.serve(listener, stopped.clone()));
        let metrics = exporter.map(|exporter| tell_metrics(exporter, services.scrape, stopped));
        Ok(Self {
            address,
            metrics: metrics.transpose()?,
            access,
            engine,
            sandboxes,
            egress: config.egress,
            provisioning: JoinSet::from_iter([services.functions.clone().keep_provisioned()]),
            functions: services.functions,
            router: router.start(),
            log_writer,
            endpoint,
            stop,
            _lock: lock,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where Prometheus reads metrics, if it may.
    #[must_use]
    pub fn metrics(&self) -> Option<SocketAddr> {
        self.metrics
    }

    /// How to enter.
    #[must_use]
    pub fn access(&self) -> &Access {
        &self.access
    }

    /// The isolation that functions have on this host.
    #[must_use]
    pub fn isolation(&self) -> &runtime::sandbox::Isolation {
        self.sandboxes.isolation()
    }

    /// What functions may reach beyond the platform.
    #[must_use]
    pub fn egress(&self) -> &Reach {
        &self.egress
    }

    /// Ends when the store has failed: nothing can be acknowledged any more, and the process must
    /// end.
    pub async fn failed(&self) -> kv::Error {
        self.engine.failed().await
    }

    /// Ends in order: no new requests, those under way, the router's work, the functions, the logs.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        if let Err(error) = self.endpoint.await {
            tracing::error!(%error, "the endpoint panicked");
        }
        if tokio::time::timeout(ROUTER_STOP, self.router.stop()).await.is_err() {
            tracing::warn!("functions were cut off at the stop; their events come back");
        }
        drop(self.provisioning);
        self.functions.pools().shutdown().await;
        self.log_writer.flush().await;
    }
}

/// Where metrics are told, with what their readers must know; nothing if nobody may read them.
async fn exporter(
    config: &Config,
    folder: &DataFolder,
) -> Result<Option<(TcpListener, Secret)>, Error> {
    let Some(address) = config.metrics else { return Ok(None) };
    Ok(Some((listen(address).await?, folder.metrics_token(ids()?.bytes())?)))
}

/// Starts telling metrics; gives where.
fn tell_metrics(
    (listener, token): (TcpListener, Secret),
    scrape: Arc<Scrape>,
    stopped: watch::Receiver<bool>,
) -> Result<SocketAddr, Error> {
    let address = listener.local_addr().map_err(|error| Error::Setup(error.to_string()))?;
    tokio::spawn(Exporter { scrape, token }.serve(listener, stopped));
    Ok(address)
}

fn pools(config: &Config) -> PoolsConfig {
    let idle_timeout = Duration::from_secs(config.instance_idle_seconds);
    PoolsConfig { idle_timeout, ..PoolsConfig::default() }
}

/// How to enter, with the key of the root, which is made if there is none.
async fn access(
    services: &Services,
    platform: &Platform,
    public_url: &str,
) -> Result<Access, Error> {
    let root = services.iam.ensure_root_key(&platform.store).await;
    let root = root.map_err(|fault| part("the root key", &fault))?;
    let key = (root.access_key_id, &root.secret);
    Ok(Access::new(public_url, key, &platform.region, &platform.account))
}

fn platform(
    config: &Config,
    public_url: &str,
    store: Store,
    engine: &StoreEngine,
    metrics: Metrics,
) -> Platform {
    let (url, clock) = (PublicUrl::new(public_url), engine.clock());
    let (account, region) = (config.account.clone(), config.region.clone());
    let mut platform = Platform::new(store, clock, url, account, region);
    platform.metrics = metrics;
    platform
}

/// What runs in place of a runtime; a runtime that cannot run at all is told at its first use.
fn stand_ins(installed: Arc<Installed>) -> impl Fn(&str) -> Option<String> {
    move |runtime| installed.substitution(runtime).ok()?.map(|stand_in| stand_in.used)
}

async fn listen(address: SocketAddr) -> Result<TcpListener, Error> {
    let failed = |source| Error::Listen { address: address.to_string(), source };
    TcpListener::bind(address).await.map_err(failed)
}

fn local_address(listener: &TcpListener, wanted: SocketAddr) -> Result<SocketAddr, Error> {
    let failed = |source| Error::Listen { address: wanted.to_string(), source };
    listener.local_addr().map_err(failed)
}

/// Sandboxes, and what speaks TLS at the name by which they reach the platform so.
async fn start_sandboxes(
    config: &Config,
    public_url: &PublicUrl,
) -> Result<(Arc<dyn Sandboxes>, TlsAcceptor), Error> {
    let authority = public_url.authority();
    let (host, port) = authority.rsplit_once(':').unwrap_or((authority, "80"));
    let port = port.parse().map_err(|_| Error::Part {
        part: "the endpoint inside sandboxes",
        reason: format!("the public URL {public_url} has no valid port"),
    })?;
    let host = host.trim_matches(['[', ']']).to_owned();
    let mut settings = Settings::new(runtime_process::Platform { host, port });
    let InnerTls { acceptor, certificate } = InnerTls::new()?;
    let name = stacks::RESPONSES_HOST.to_owned();
    settings.tls = Some(runtime_process::Tls { name, certificate });
    settings.allow_reduced = config.isolation == Isolation::Reduced;
    settings.egress = config.egress.clone();
    settings.zygote_idle = Duration::from_secs(config.zygote_idle_seconds);
    settings.parked = config.parked_nodes;
    settings.ready = config.ready_sandboxes;
    let sandboxes = ProcessSandboxes::start(settings).await;
    let sandboxes = sandboxes.map_err(|error| part("sandboxes", &error))?;
    Ok((Arc::new(sandboxes), acceptor))
}

pub(crate) fn ids() -> Result<Ids, Error> {
    Ids::from_entropy().map_err(|error| part("random ids", &error))
}

fn part(part: &'static str, reason: &dyn std::fmt::Display) -> Error {
    Error::Part { part, reason: reason.to_string() }
}
