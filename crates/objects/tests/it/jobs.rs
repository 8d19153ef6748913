//! What is left when something goes, and what the background work makes of it.

use crate::{
    common::{count, create, objects, ok, put},
    uploads::begin,
};
use kv::{Key, Scan, Transaction};
use service::{Definition, Fault, JobRecord, Next, Transact, job, tag, transact};
use testkit::{Bed, on_every_engine};

/// Removes a job.
struct Done(Key);

impl Transact for Done {
    type Output = ();

    async fn run(&self, tx: &mut Transaction) -> Result<(), Fault> {
        Ok(tx.delete(self.0.clone())?)
    }
}

/// Runs every job that there is, whenever it is due, until none is left.
pub(crate) async fn run_jobs(bed: &Bed, definitions: &[Definition]) {
    let range = job::all(&bed.platform.account, &bed.platform.region);
    loop {
        let mut tx = bed.platform.store.begin();
        let Some(entry) = tx.scan(&range, Scan::first(1)).await.expect("a scan").pop() else {
            return;
        };
        let record: JobRecord = kv::decode_record(&entry.value).expect("a job");
        let jobs = definitions.iter().flat_map(|definition| &definition.jobs);
        let job = jobs.into_iter().find(|job| job.kind() == record.kind).expect("a kind");
        let next = loop {
            match job.step(&record).await {
                Ok(next) => break next,
                Err(fault) if fault.is_retryable() => {}
                Err(fault) => panic!("{fault}"),
            }
        };
        if let Next::Done = next {
            let done = Done(entry.key);
            transact(&bed.platform.store, &done).await.expect("a transaction");
        }
    }
}

#[tokio::test]
async fn nothing_is_left_of_what_was_deleted() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        for body in [vec![1; 100], vec![2; 100_000], vec![3; 100]] {
            put(&bed, "/photos/a", body).await;
        }
        let id = begin(&bed, "/photos/b", &[]).await;
        for (number, size) in [(1, 100), (2, 100_000)] {
            let path = format!("/photos/b?partNumber={number}&uploadId={id}");
            ok(&bed, "PUT", &path, &[], vec![4; size]).await;
        }
        ok(&bed, "DELETE", "/photos/a", &[], "").await;
        ok(&bed, "DELETE", "/photos", &[], "").await;
        run_jobs(&bed, &objects(&bed.platform)).await;
        for tag in (tag::OBJECTS..tag::OBJECTS + 32).chain([tag::BLOB.0]) {
            assert_eq!(count(&bed, tag).await, 0, "under {tag:#06x}");
        }
    })
    .await;
}
