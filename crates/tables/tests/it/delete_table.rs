use crate::common::{create_plain, fault, get, invalid, long, ok, put, services};
use kv::Scan;
use serde_json::json;
use service::{JobRecord, Next, job};
use testkit::{Bed, on_every_engine, on_memory};

#[tokio::test]
async fn a_table_of_the_same_name_starts_empty() {
    on_every_engine(services, async |bed| {
        create_plain(&bed, "abc").await;
        put(&bed, "abc", json!({"p": {"S": "old"}})).await;
        let answer = ok(&bed, "DeleteTable", json!({"TableName": "abc"})).await;
        assert_eq!(answer["TableDescription"]["TableStatus"], "DELETING");
        create_plain(&bed, "abc").await;
        assert_eq!(get(&bed, "abc", "old").await, json!(null));
        assert_eq!(ok(&bed, "Scan", json!({"TableName": "abc"})).await["Count"], 0);
        let table = ok(&bed, "DescribeTable", json!({"TableName": "abc"})).await;
        assert_eq!(table["Table"]["ItemCount"], 0);
    })
    .await;
}

/// The job that the deletion made.
async fn clearing(bed: &Bed) -> JobRecord {
    let mut tx = bed.platform.store.begin();
    let range = job::all(&bed.platform.account, &bed.platform.region);
    let jobs = tx.scan(&range, Scan::first(10)).await.expect("the jobs");
    assert_eq!(jobs.len(), 1);
    kv::decode_record(&jobs[0].value).expect("a job's record")
}

#[tokio::test]
async fn a_job_removes_what_a_deleted_table_leaves() {
    on_memory(services, async |bed| {
        create_plain(&bed, "kept").await;
        put(&bed, "kept", json!({"p": {"S": "1"}})).await;
        create_plain(&bed, "gone").await;
        for batch in 0..50 {
            let write =
                |at: i32| json!({"PutRequest": {"Item": {"p": {"S": format!("{batch}/{at}")}}}});
            let requests: Vec<_> = (0..25).map(write).collect();
            ok(&bed, "BatchWriteItem", json!({"RequestItems": {"gone": requests}})).await;
        }
        let keys = async || {
            let all = kv::Range::new(b"\x01\x41"[..].into(), b"\x01\x44"[..].into());
            let mut tx = bed.platform.store.begin();
            tx.scan(&all, Scan::first(10_000)).await.unwrap().len()
        };
        assert_eq!(keys().await, 1_250 + 2 + 3);
        ok(&bed, "DeleteTable", json!({"TableName": "gone"})).await;
        let mut record = clearing(&bed).await;
        let jobs = tables::definition(&bed.platform).jobs;
        let job = jobs.iter().find(|job| job.kind() == record.kind).unwrap();
        let mut steps = 0;
        while let Next::Again { cursor, .. } = job.step(&record).await.unwrap() {
            record.cursor = cursor;
            steps += 1;
        }
        assert_eq!((steps, keys().await), (1, 3));
        assert_eq!(get(&bed, "kept", "1").await, json!({"p": {"S": "1"}}));
        // A step that runs again after a crash finds nothing to do.
        assert!(matches!(job.step(&record).await.unwrap(), Next::Done));
    })
    .await;
}

#[tokio::test]
async fn a_protected_table_is_not_deleted() {
    on_memory(services, async |bed| {
        create_plain(&bed, "abc").await;
        let protect = |on: bool| json!({"TableName": "abc", "DeletionProtectionEnabled": on});
        ok(&bed, "UpdateTable", protect(true)).await;
        assert_eq!(
            invalid(&bed, "DeleteTable", json!({"TableName": "abc"})).await,
            "Resource cannot be deleted as it is currently protected against deletion. Disable \
             deletion protection first."
        );
        ok(&bed, "UpdateTable", protect(false)).await;
        ok(&bed, "DeleteTable", json!({"TableName": "abc"})).await;
        assert_eq!(
            fault(&bed, "DeleteTable", json!({"TableName": "abc"})).await,
            (
                "ResourceNotFoundException".to_owned(),
                "Requested resource not found: Table: abc not found".to_owned()
            )
        );
        let item = json!({"p": {"S": long(3)}});
        assert_eq!(
            fault(&bed, "PutItem", json!({"TableName": "abc", "Item": item})).await,
            ("ResourceNotFoundException".to_owned(), "Requested resource not found".to_owned())
        );
    })
    .await;
}
