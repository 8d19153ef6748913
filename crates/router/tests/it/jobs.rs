use crate::fixture::Fixture;
use futures_util::future::BoxFuture;
use serde_json::{Value, json};
use service::{Fault, Job, JobRecord, Next, job};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};
use types::RequestId;

/// A job that acts by a script and keeps the records that it was given.
#[derive(Default)]
struct Scripted {
    acts: Mutex<VecDeque<Result<Next, Fault>>>,
    steps: Mutex<Vec<JobRecord>>,
}

impl Scripted {
    fn new(acts: impl IntoIterator<Item = Result<Next, Fault>>) -> Arc<Self> {
        let acts = Mutex::new(acts.into_iter().collect());
        Arc::new(Self { acts, ..Self::default() })
    }

    fn steps(&self) -> Vec<(Value, u32)> {
        let steps = self.steps.lock().unwrap();
        steps.iter().map(|step| (step.cursor.clone(), step.attempts)).collect()
    }
}

impl Job for Scripted {
    fn kind(&self) -> &'static str {
        "test.walk"
    }

    fn step<'a>(&'a self, record: &'a JobRecord) -> BoxFuture<'a, Result<Next, Fault>> {
        Box::pin(async move {
            self.steps.lock().unwrap().push(record.clone());
            self.acts.lock().unwrap().pop_front().unwrap_or(Ok(Next::Done))
        })
    }
}

async fn enqueue(fixture: &Fixture, kind: &str) {
    let (account, region) = (&fixture.platform.account, &fixture.platform.region);
    let record = JobRecord {
        id: RequestId::from_random([1; 16]),
        kind: kind.to_owned(),
        cursor: json!(0),
        attempts: 0,
        created: fixture.now(),
    };
    let mut tx = fixture.platform.store.begin();
    job::enqueue(&mut tx, account, region, fixture.now(), &record).unwrap();
    tx.commit().await.unwrap();
}

fn again(cursor: u64, seconds: u64) -> Result<Next, Fault> {
    Ok(Next::Again { cursor: json!(cursor), after: Duration::from_secs(seconds) })
}

#[tokio::test]
async fn a_job_goes_on_from_its_cursor_until_it_is_done() {
    let fixture = Fixture::new();
    let walk = Scripted::new([again(1, 0), again(2, 5)]);
    let _running = fixture.start(vec![walk.clone()]);
    enqueue(&fixture, "test.walk").await;
    fixture.quiet().await;
    assert_eq!(walk.steps(), [(json!(0), 0), (json!(1), 0)]);
    fixture.advance(5_000).await;
    assert_eq!(walk.steps().last(), Some(&(json!(2), 0)));
    assert!(router::list_jobs(&fixture.platform, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_step_that_fails_is_tried_again_from_the_same_cursor() {
    let fixture = Fixture::new();
    let fault = || Err(Fault::internal("broken"));
    let walk = Scripted::new([fault(), fault(), again(1, 0), fault()]);
    let _running = fixture.start(vec![walk.clone()]);
    enqueue(&fixture, "test.walk").await;
    fixture.quiet().await;
    assert_eq!(walk.steps(), [(json!(0), 0)]);
    fixture.advance(1_000).await;
    assert_eq!(walk.steps().last(), Some(&(json!(0), 1)));
    fixture.advance(2_000).await;
    assert_eq!(walk.steps()[2..], [(json!(0), 2), (json!(1), 0)]);
    fixture.advance(1_000).await;
    assert_eq!(walk.steps().last(), Some(&(json!(1), 1)));
}

#[tokio::test]
async fn jobs_are_listed_with_their_time() {
    let fixture = Fixture::new();
    enqueue(&fixture, "test.unknown").await;
    let listed = router::list_jobs(&fixture.platform, 10).await.unwrap();
    assert_eq!((listed.len(), listed[0].due), (1, fixture.now()));
    assert_eq!(listed[0].record.kind, "test.unknown");
    // A kind that this build does not know stays for one that does.
    let _running = fixture.start(vec![]);
    fixture.advance(30_000).await;
    let listed = router::list_jobs(&fixture.platform, 10).await.unwrap();
    assert!(listed[0].record.attempts > 0 && listed[0].due > fixture.now());
}
