//! Event source mappings: a poller for each that is enabled.

mod batch;
mod failures;
mod gather;
mod poller;
mod scale;

use crate::{Core, Stop, backoff::backoff, config};
use poller::Poller;
use service::{Fault, mapping, mapping::Mapping};
use std::{collections::HashMap, sync::Arc};
use tokio::{sync::watch, task::JoinSet};
use types::RequestId;

/// The pollers at work, by mapping. Dropping the sender ends a poller in order: it takes up
/// nothing new and settles what it has begun.
#[derive(Default)]
struct Pollers {
    at_work: HashMap<RequestId, (Mapping, watch::Sender<bool>)>,
    tasks: JoinSet<()>,
}

/// Keeps one poller for every enabled mapping, until it is told to stop.
pub(crate) async fn run(core: Arc<Core>, mut stop: Stop) {
    let platform = core.platform.clone();
    let mut watch =
        platform.store.watch(&mapping::version_key(&platform.account, &platform.region));
    let mut pollers = Pollers::default();
    let mut failures = 0;
    while !stop.is_requested() {
        let pause = match list(&core).await {
            Ok(mappings) => {
                failures = 0;
                pollers.follow(&core, mappings);
                config::FALLBACK
            }
            Err(fault) => {
                failures += 1;
                tracing::error!(%fault, failures, "event source mappings cannot be read");
                backoff(failures, config::MAPPING_BACKOFF_MAX, &core.ids)
            }
        };
        tokio::select! {
            () = stop.requested() => {}
            () = watch.changed(), if failures == 0 => {}
            () = platform.clock.sleep(pause) => {}
        }
    }
    pollers.at_work.clear();
    while let Some(ended) = pollers.tasks.join_next().await {
        report(ended);
    }
}

async fn list(core: &Core) -> Result<Vec<Mapping>, Fault> {
    let (account, region) = (&core.platform.account, &core.platform.region);
    let mut tx = core.platform.store.begin();
    Ok(mapping::list(&mut tx, account, region, config::MAPPINGS).await?)
}

impl Pollers {
    /// Ends the pollers of mappings that are gone, switched off or changed, and starts those of
    /// new ones. An old poller may still settle its last batches beside the new one: what it holds
    /// is hidden from the other by the source.
    fn follow(&mut self, core: &Arc<Core>, mappings: Vec<Mapping>) {
        while let Some(ended) = self.tasks.try_join_next() {
            report(ended);
        }
        let mut wanted: HashMap<RequestId, Mapping> = mappings
            .into_iter()
            .filter(|mapping| mapping.enabled)
            .map(|mapping| (mapping.id, mapping))
            .collect();
        self.at_work.retain(|id, (mapping, stop)| {
            // A poller that ended by itself, in a panic, is started again.
            !stop.is_closed() && wanted.get(id) == Some(mapping)
        });
        for id in self.at_work.keys() {
            wanted.remove(id);
        }
        for (id, mapping) in wanted {
            let (sender, receiver) = watch::channel(false);
            let poller = Arc::new(Poller::new(core.clone(), mapping.clone()));
            self.tasks.spawn(poller.run(Stop(receiver)));
            self.at_work.insert(id, (mapping, sender));
        }
    }
}

fn report(ended: Result<(), tokio::task::JoinError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "the poller of an event source mapping ended without a result");
    }
}
