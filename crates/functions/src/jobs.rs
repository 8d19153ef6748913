//! Background work: packages that no function has, and blobs that nothing refers to.

use crate::{
    Error, Functions,
    code::{Code, CodeId, blob_fault},
    config, keys,
};
use blob::BlobId;
use futures_util::future::BoxFuture;
use kv::Transaction;
use serde_json::{Value, json};
use service::{Fault, Job, JobRecord, Next, Transact, job, transact};
use std::{sync::Arc, time::Duration};
use types::Timestamp;

const FORGET_CODE: &str = "lambda.forget_code";
const COLLECT_BLOB: &str = "blob.collect";

fn enqueue(
    functions: &Functions,
    tx: &mut Transaction,
    kind: &str,
    cursor: Value,
    now: Timestamp,
    after: Duration,
) -> Result<(), kv::Error> {
    let platform = &functions.platform;
    let id = functions.ids.uuid();
    let record = JobRecord { id, kind: kind.to_owned(), cursor, attempts: 0, created: now };
    job::enqueue(tx, &platform.account, &platform.region, now + after, &record)
}

/// Looks again at a package after the grace.
pub(crate) fn forget_code(
    functions: &Functions,
    tx: &mut Transaction,
    id: &CodeId,
    now: Timestamp,
) -> Result<(), Error> {
    let cursor = json!({"sha256": id.as_str()});
    Ok(enqueue(functions, tx, FORGET_CODE, cursor, now, config::CODE_GRACE)?)
}

/// Says that nothing refers to a blob, and collects it after the grace.
pub(crate) fn orphan(
    functions: &Functions,
    tx: &mut Transaction,
    blob: BlobId,
    now: Timestamp,
) -> Result<(), Fault> {
    functions.blobs.intend(tx, blob, now).map_err(|error| blob_fault(&error))?;
    Ok(enqueue(functions, tx, COLLECT_BLOB, json!({"blob": blob}), now, config::BLOB_GRACE)?)
}

/// Removes the record of a package that no function has, and lets its blob go.
pub(crate) struct ForgetCode(pub(crate) Arc<Functions>);

impl Job for ForgetCode {
    fn kind(&self) -> &'static str {
        FORGET_CODE
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let id = record.cursor["sha256"].as_str().and_then(CodeId::parse);
            let Some(id) = id else { return Err(Fault::internal("a job without a hash")) };
            let forget = Forget { functions: &self.0, id: &id };
            match transact(&self.0.platform.store, &forget).await? {
                Verdict::Young(after) => Ok(Next::Again { cursor: record.cursor.clone(), after }),
                Verdict::Kept => Ok(Next::Done),
                Verdict::Forgotten => {
                    self.0.forget_folder(&id).await;
                    Ok(Next::Done)
                }
            }
        })
    }
}

enum Verdict {
    /// It was touched; look again after this time.
    Young(Duration),
    Kept,
    Forgotten,
}

struct Forget<'a> {
    functions: &'a Functions,
    id: &'a CodeId,
}

impl Transact for Forget<'_> {
    type Output = Verdict;

    async fn run(&self, tx: &mut Transaction) -> Result<Verdict, Fault> {
        let platform = &self.functions.platform;
        let now = platform.clock.now();
        let key = keys::code(&platform.account, &platform.region, self.id.as_str());
        let Some(code) = tx.get_record::<Code>(&key).await? else { return Ok(Verdict::Forgotten) };
        if code.references > 0 {
            return Ok(Verdict::Kept);
        }
        let age = now.since(code.touched);
        if age < config::CODE_GRACE {
            return Ok(Verdict::Young(config::CODE_GRACE - age));
        }
        tx.delete(key)?;
        orphan(self.functions, tx, code.blob, now)?;
        Ok(Verdict::Forgotten)
    }
}

/// Deletes a blob that nothing refers to.
pub(crate) struct CollectBlob(pub(crate) Arc<Functions>);

impl Job for CollectBlob {
    fn kind(&self) -> &'static str {
        COLLECT_BLOB
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let blob = serde_json::from_value(record.cursor["blob"].clone());
            let blob = blob.map_err(|error| Fault::internal(format!("a job's blob: {error}")))?;
            let now = self.0.platform.clock.now();
            self.0.blobs.collect(blob, now).await.map_err(|error| blob_fault(&error))?;
            Ok(Next::Done)
        })
    }
}
