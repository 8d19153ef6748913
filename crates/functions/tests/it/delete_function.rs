use crate::common::{World, everywhere};
use serde_json::json;
use service::{JobRecord, Next, job};
use std::time::Duration;

#[tokio::test]
async fn a_deleted_function_is_gone_with_its_url() {
    everywhere(async |world| {
        world.create().await;
        let url = json!({"FunctionName": "f", "AuthType": "AWS_IAM"});
        world.ok("CreateFunctionUrlConfig", url.clone()).await;
        let latest = json!({"FunctionName": "f", "Qualifier": "$LATEST"});
        let (code, _) = world.fault("DeleteFunction", latest).await;
        assert_eq!(code, "InvalidParameterValueException");
        world.ok("DeleteFunction", json!({"FunctionName": "f"})).await;
        let (code, _) = world.fault("DeleteFunction", json!({"FunctionName": "f"})).await;
        assert_eq!(code, "ResourceNotFoundException");
        world.create().await;
        world.ok("CreateFunctionUrlConfig", url).await;
    })
    .await;
}

/// Runs the jobs that are due until none is.
async fn work(world: &World) {
    let platform = &world.bed.platform;
    let range = job::all(&platform.account, &platform.region);
    let jobs = functions::definition(&world.functions).jobs;
    loop {
        let now = clock::Clock::now(&world.bed.clock);
        let due = range.before(&job::key(
            &platform.account,
            &platform.region,
            now,
            &types::RequestId::from_random([0xff; 16]),
        ));
        let mut tx = platform.store.begin();
        let found = tx.scan(&due, kv::Scan::first(1)).await.unwrap();
        let Some(entry) = found.first() else { return };
        let record: JobRecord = kv::decode_record(&entry.value).unwrap();
        let job = jobs.iter().find(|job| job.kind() == record.kind).unwrap();
        let next = job.step(&record).await.unwrap();
        let mut tx = platform.store.begin();
        tx.delete(entry.key.clone()).unwrap();
        if let Next::Again { cursor, after } = next {
            let record = JobRecord { cursor, ..record };
            let (account, region) = (&platform.account, &platform.region);
            job::enqueue(&mut tx, account, region, now + after, &record).unwrap();
        }
        tx.commit().await.unwrap();
    }
}

#[tokio::test]
async fn code_without_a_function_is_collected_after_the_grace() {
    let world = World::in_memory();
    let hash = world.create().await["CodeSha256"].clone();
    let hash = hex::encode(serde_json::from_value::<service::Base64>(hash).unwrap().0);
    let uploaded = json!({"FunctionName": "f", "S3Bucket": "pileus-code", "S3Key": hash});
    world.bed.advance(Duration::from_secs(100 * 3600));
    work(&world).await;
    world.ok("UpdateFunctionCode", uploaded.clone()).await;
    world.ok("DeleteFunction", json!({"FunctionName": "f"})).await;
    world.bed.advance(Duration::from_secs(23 * 3600));
    work(&world).await;
    world.create().await;
    world.ok("DeleteFunction", json!({"FunctionName": "f"})).await;
    for _ in 0..3 {
        world.bed.advance(Duration::from_secs(25 * 3600));
        work(&world).await;
    }
    world.create().await;
    assert_eq!(world.invoke("RequestResponse", &json!({"code": "index.py"})).await.json(), "one");
}
