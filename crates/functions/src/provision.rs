//! Keeps as many instances ready as versions and aliases are to have.

use crate::{Functions, keys, model};
use service::Fault;
use std::{collections::HashMap, sync::Arc, time::Duration};

/// How often one looks although nothing is known to have changed.
const FALLBACK: Duration = Duration::from_secs(30);
/// When one looks again after a failure.
const RETRY: Duration = Duration::from_secs(5);

impl Functions {
    /// Has this node keep the instances ready that versions and aliases are configured to have, now
    /// and whenever that changes. Never ends by itself; the platform's ports must be connected.
    pub async fn keep_provisioned(self: Arc<Self>) {
        let platform = &self.platform;
        let range = keys::all_provisioned(&platform.account, &platform.region);
        let mut watch = platform.store.watch(&range.start);
        loop {
            let pause = match self.provision_once().await {
                Ok(true) => FALLBACK,
                Ok(false) => RETRY,
                Err(fault) => {
                    tracing::error!(%fault, "provisioned concurrency cannot be read");
                    RETRY
                }
            };
            tokio::select! {
                () = watch.changed() => {}
                () = platform.clock.sleep(pause) => {}
            }
        }
    }

    /// Tells the pools what is configured now; false if that could not be told of a version.
    async fn provision_once(&self) -> Result<bool, Fault> {
        let mut tx = self.platform.store.begin();
        let mut versions = HashMap::new();
        for config in model::all_provisioned(&self.platform, &mut tx).await? {
            for (version, instances) in config.parts(&self.platform, &mut tx).await? {
                let arn = version.qualified_arn().to_string();
                versions.entry(arn).or_insert((version, 0)).1 += instances as usize;
            }
        }
        drop(tx);
        let (mut wanted, mut is_whole) = (Vec::new(), true);
        for (arn, (version, instances)) in versions {
            match self.spec(&version).await {
                Ok(spec) => wanted.push((spec, instances)),
                Err(fault) => {
                    tracing::error!(arn, %fault, "no instances can be kept ready");
                    is_whole = false;
                }
            }
        }
        self.pools.provision(wanted);
        Ok(is_whole)
    }
}
