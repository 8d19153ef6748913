use crate::{Calls, ExternalTarget, Identities, Source, Target, metrics::Metrics};
use clock::SharedClock;
use kv::Store;
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, OnceLock},
};
use types::{AccountId, Region};

/// The base of every URL that Pileus mints, without a slash at its end:
/// `http://127.0.0.1:4566`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicUrl(String);

impl PublicUrl {
    /// Takes the URL as configured; slashes at its end are dropped.
    #[must_use]
    pub fn new(url: &str) -> Self {
        Self(url.trim_end_matches('/').to_owned())
    }

    /// The URL.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Host and port.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.0.split_once("://").map_or(self.0.as_str(), |(_, rest)| rest)
    }

    /// Whether its clients speak TLS, which ends before this process.
    #[must_use]
    pub fn is_tls(&self) -> bool {
        self.0.get(.."https://".len()).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://"))
    }
}

impl fmt::Display for PublicUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What all services of one node share.
pub struct Platform {
    /// Where the state is.
    pub store: Store,
    /// What time it is.
    pub clock: SharedClock,
    /// The base of minted URLs.
    pub public_url: PublicUrl,
    /// The account that this installation serves.
    pub account: AccountId,
    /// The region that it calls itself.
    pub region: Region,
    /// What this node counts.
    pub metrics: Metrics,
    ports: OnceLock<Ports>,
}

/// The ports of all services, by the service in the ARN that they answer for.
#[derive(Default)]
struct Ports {
    calls: Option<Arc<dyn Calls>>,
    identities: Option<Arc<dyn Identities>>,
    targets: HashMap<&'static str, Arc<dyn Target>>,
    external: HashMap<&'static str, Arc<dyn ExternalTarget>>,
    sources: HashMap<&'static str, Arc<dyn Source>>,
}

impl Platform {
    /// A platform whose ports are connected later, by [`Platform::connect`].
    #[must_use]
    pub fn new(
        store: Store,
        clock: SharedClock,
        public_url: PublicUrl,
        account: AccountId,
        region: Region,
    ) -> Self {
        let (metrics, ports) = (Metrics::default(), OnceLock::new());
        Self { store, clock, public_url, account, region, metrics, ports }
    }

    /// Connects the services' ports, once, when all of them exist. A second call changes nothing.
    pub fn connect(
        &self,
        calls: Arc<dyn Calls>,
        identities: Arc<dyn Identities>,
        definitions: &[crate::Definition],
    ) {
        let mut ports =
            Ports { calls: Some(calls), identities: Some(identities), ..Ports::default() };
        for definition in definitions {
            ports.targets.extend(definition.targets.iter().map(|t| (t.service(), t.clone())));
            ports.external.extend(definition.external.iter().map(|t| (t.service(), t.clone())));
            ports.sources.extend(definition.sources.iter().map(|s| (s.service(), s.clone())));
        }
        // Only the first connection counts: the services of a node do not change while it runs.
        let _ = self.ports.set(ports);
    }

    /// Calls to other services; `None` before [`Platform::connect`].
    #[must_use]
    pub fn calls(&self) -> Option<&Arc<dyn Calls>> {
        self.ports.get()?.calls.as_ref()
    }

    /// Who is behind keys and roles; `None` before [`Platform::connect`].
    #[must_use]
    pub fn identities(&self) -> Option<&Arc<dyn Identities>> {
        self.ports.get()?.identities.as_ref()
    }

    /// The transactional target for ARNs of `service`.
    #[must_use]
    pub fn target(&self, service: &str) -> Option<&Arc<dyn Target>> {
        self.ports.get()?.targets.get(service)
    }

    /// The external target for ARNs of `service`.
    #[must_use]
    pub fn external_target(&self, service: &str) -> Option<&Arc<dyn ExternalTarget>> {
        self.ports.get()?.external.get(service)
    }

    /// The event source for ARNs of `service`.
    #[must_use]
    pub fn source(&self, service: &str) -> Option<&Arc<dyn Source>> {
        self.ports.get()?.sources.get(service)
    }
}
