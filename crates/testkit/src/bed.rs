use crate::{ACCOUNT, Client, PUBLIC_URL, REGION, TestIdentities};
use clock::{Ids, ManualClock};
use dispatch::Dispatcher;
use kv::{Engine, Store};
use kv_memory::MemoryEngine;
use serde_json::Value;
use service::{Definition, Identities, Platform, PublicUrl};
use sigv4::Credentials;
use std::{sync::Arc, time::Duration};
use types::Timestamp;

/// Makes the services of a test.
pub type Build = fn(&Arc<Platform>) -> Vec<Definition>;

/// The services of `build` on a platform of their own, of which nothing runs.
#[must_use]
pub fn definitions(build: Build) -> Vec<Definition> {
    build(&platform(Arc::new(MemoryEngine::new()), ManualClock::new(START)))
}

/// When every test begins.
const START: Timestamp = Timestamp::from_secs(1_800_000_000);

fn platform(engine: Arc<dyn Engine>, clock: ManualClock) -> Arc<Platform> {
    Arc::new(Platform::new(
        Store::from_engine(engine),
        Arc::new(clock),
        PublicUrl::new(PUBLIC_URL),
        ACCOUNT.parse().expect("an account"),
        REGION.parse().expect("a region"),
    ))
}

/// A platform in the process.
#[derive(Clone)]
pub struct Bed {
    /// What the services share.
    pub platform: Arc<Platform>,
    /// The clock, which stands still until the test moves it.
    pub clock: ManualClock,
    /// Who there is.
    pub identities: Arc<TestIdentities>,
    /// The path of every request.
    pub dispatcher: Arc<Dispatcher>,
}

impl Bed {
    /// The services of `build` on an engine.
    ///
    /// # Panics
    /// The services do not fit their models.
    #[must_use]
    pub fn new(engine: Arc<dyn Engine>, build: Build) -> Self {
        let identities = Arc::new(TestIdentities::default());
        let fakes = identities.clone();
        Self { identities, ..Self::with_identities(engine, |platform| (build(platform), fakes)) }
    }

    /// The same with identities of the test's own, such as the real ones. [`Bed::root`] and
    /// [`Bed::user`] are nobody there: see [`Bed::client`].
    ///
    /// # Panics
    /// The services do not fit their models.
    #[must_use]
    pub fn with_identities(
        engine: Arc<dyn Engine>,
        build: impl FnOnce(&Arc<Platform>) -> (Vec<Definition>, Arc<dyn Identities>),
    ) -> Self {
        let clock = ManualClock::new(START);
        let platform = platform(engine, clock.clone());
        let (definitions, identities) = build(&platform);
        let dispatcher =
            Dispatcher::new(&definitions, identities.clone(), platform.clone(), Ids::from_seed(7));
        let dispatcher = Arc::new(dispatcher.expect("services that fit their models"));
        platform.connect(dispatcher.clone(), identities, &definitions);
        Self { platform, clock, identities: Arc::default(), dispatcher }
    }

    /// The client of the account's root.
    #[must_use]
    pub fn root(&self) -> Client {
        self.client(Credentials::new(TestIdentities::ROOT, TestIdentities::secret()))
    }

    /// The client of a user with one policy.
    #[must_use]
    pub fn user(&self, name: &str, policy: &Value) -> Client {
        let key = self.identities.user(name, &policy.to_string());
        self.client(Credentials::new(key, TestIdentities::secret()))
    }

    /// A client that signs with these credentials.
    #[must_use]
    pub fn client(&self, credentials: Credentials) -> Client {
        Client::new(self, Some(credentials))
    }

    /// A client that does not sign.
    #[must_use]
    pub fn anonymous(&self) -> Client {
        Client::new(self, None)
    }

    /// The answer of an operation that must succeed, asked by the root.
    ///
    /// # Panics
    /// It fails.
    pub async fn ok(&self, service: &str, operation: &str, input: Value) -> Value {
        self.root().ok(service, operation, input).await
    }

    /// Code and message of an operation that must fail, asked by the root.
    ///
    /// # Panics
    /// It succeeds.
    pub async fn fault(&self, service: &str, operation: &str, input: Value) -> (String, String) {
        self.root().fault(service, operation, input).await
    }

    /// Moves the clock.
    pub fn advance(&self, duration: Duration) {
        self.clock.advance(duration);
    }
}
