//! Background work: deployments, and forgetting stacks that were deleted long ago.

use crate::{Stacks, config, engine::Deploy, keys::Place};
use futures_util::future::BoxFuture;
use kv::{Scan, Store, Transaction};
use serde_json::json;
use service::{
    Fault, Job, Next,
    job::{self, JobRecord},
};
use sha2::{Digest, Sha256};
use std::{sync::Arc, time::Duration};
use types::{RequestId, Timestamp};

const FORGET: &str = "stacks.forget";

/// The jobs of the service.
pub(crate) fn jobs(stacks: &Arc<Stacks>) -> Vec<Arc<dyn Job>> {
    vec![Arc::new(Deploy(stacks.clone())), Arc::new(Forget(stacks.platform.store.clone()))]
}

/// Makes the job that forgets a deleted stack when nobody may ask for it any more.
pub(crate) fn forget_later(
    tx: &mut Transaction,
    place: &Place,
    now: Timestamp,
) -> Result<(), kv::Error> {
    let hash = Sha256::digest(format!("{FORGET} {}", place.id));
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&hash[..16]);
    let record = JobRecord {
        id: RequestId::from_random(bytes),
        kind: FORGET.to_owned(),
        cursor: json!(place),
        attempts: 0,
        created: now,
    };
    let days = config::DELETED_STACK_DAYS;
    let due = now + Duration::from_secs(days * 24 * 60 * 60);
    job::enqueue(tx, &place.account, &place.region, due, &record)
}

/// Removes what is kept of a deleted stack, some keys at a time.
struct Forget(Store);

impl Job for Forget {
    fn kind(&self) -> &'static str {
        FORGET
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let place: Place = serde_json::from_value(record.cursor.clone())
                .map_err(|error| Fault::internal(format!("the cursor of a job: {error}")))?;
            let mut tx = self.0.begin();
            let mut left = config::FORGET_STEP;
            for range in place.history() {
                for entry in tx.scan(&range, Scan::first(left).snapshot()).await? {
                    left -= 1;
                    tx.delete(entry.key)?;
                }
            }
            tx.commit().await?;
            if left > 0 {
                return Ok(Next::Done);
            }
            Ok(Next::Again { cursor: record.cursor.clone(), after: Duration::ZERO })
        })
    }
}
