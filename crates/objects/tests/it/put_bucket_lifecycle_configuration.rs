use crate::{
    common::{
        all_between, ask, between, count, create, create_versioned, fails, get, header, objects,
        ok, put,
    },
    fake_queue::{arn, objects_and_queue, received},
    uploads::begin,
};
use kv::Scan;
use service::{JobRecord, Next, job, tag};
use std::time::Duration;
use testkit::{Bed, on_every_engine, on_memory};

const DAY: Duration = Duration::from_secs(86_400);

/// The document of such rules; each is its inner part.
pub(crate) fn lifecycle(rules: &[&str]) -> String {
    let rule = |rule: &&str| format!("<Rule>{rule}<Status>Enabled</Status></Rule>");
    let rules: String = rules.iter().map(rule).collect();
    format!("<LifecycleConfiguration>{rules}</LifecycleConfiguration>")
}

async fn set(bed: &Bed, rules: &[&str]) {
    ok(bed, "PUT", "/photos?lifecycle", &[], lifecycle(rules)).await;
}

/// Moves the clock, and walks as the newest job of a lifecycle does until it waits for the next
/// midnight. False if it is done for good.
pub(crate) async fn walk(bed: &Bed, after: Duration) -> bool {
    bed.advance(after);
    let mut tx = bed.platform.store.begin();
    let range = job::all(&bed.platform.account, &bed.platform.region);
    let entries = tx.scan(&range, Scan::first(100)).await.expect("a scan");
    let records = entries.iter().map(|entry| kv::decode_record(&entry.value).expect("a job"));
    let walks = records.filter(|record: &JobRecord| record.kind == "objects.expire");
    let mut record = walks.max_by_key(|record| record.created).expect("a walk");
    let jobs = objects(&bed.platform).remove(0).jobs;
    let job = jobs.iter().find(|job| job.kind() == record.kind).expect("a kind");
    loop {
        match job.step(&record).await {
            Ok(Next::Done) => return false,
            Ok(Next::Again { after, .. }) if !after.is_zero() => return true,
            Ok(Next::Again { cursor, .. }) => record.cursor = cursor,
            Err(fault) => assert!(fault.is_retryable(), "{fault}"),
        }
    }
}

async fn keys(bed: &Bed) -> Vec<String> {
    all_between(&get(bed, "/photos?list-type=2").await.text(), "Key")
}

#[tokio::test]
async fn objects_go_at_the_midnight_after_their_days() {
    on_every_engine(objects_and_queue, async |bed| {
        create(&bed, "photos").await;
        let notify = format!(
            "<NotificationConfiguration><QueueConfiguration><Queue>{}</Queue>\
             <Event>s3:LifecycleExpiration:*</Event></QueueConfiguration>\
             </NotificationConfiguration>",
            arn("gone")
        );
        ok(&bed, "PUT", "/photos?notification", &[], notify).await;
        let rule = "<ID>tmp</ID><Filter><Prefix>tmp/</Prefix></Filter><Expiration><Days>1</Days></Expiration>";
        set(&bed, &[rule]).await;
        for number in 0..120 {
            put(&bed, &format!("/photos/tmp/{number}"), "x").await;
        }
        put(&bed, "/photos/kept", "x").await;
        // The tests begin at 08:00: one day is over at 08:00, and due at the midnight after.
        assert!(walk(&bed, DAY).await);
        assert_eq!(keys(&bed).await.len(), 121);
        assert!(walk(&bed, DAY).await);
        assert_eq!(keys(&bed).await, ["kept"]);
        let told = received(&bed, "gone").await;
        let events = told.iter().filter(|event| event.get("Records").is_some());
        // The first few of each step enter the queue at once; the others are the router's.
        assert_eq!(events.count() + count(&bed, tag::DELIVERY.0).await, 120);
        assert_eq!(told[1]["Records"][0]["eventName"], "LifecycleExpiration:Delete");
    })
    .await;
}

#[tokio::test]
async fn tags_and_sizes_choose_what_goes() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let rule = "<Filter><And><Prefix>a</Prefix><Tag><Key>k</Key><Value>v</Value></Tag>\
                    <ObjectSizeGreaterThan>1</ObjectSizeGreaterThan>\
                    <ObjectSizeLessThan>5</ObjectSizeLessThan></And></Filter>\
                    <Expiration><Date>2027-01-17T00:00:00Z</Date></Expiration>";
        set(&bed, &[rule]).await;
        let tag = [("x-amz-tagging", "k=v")];
        for (key, body) in [("a-goes", "xx"), ("a-small", "x"), ("a-large", "xxxxx"), ("b", "xx")] {
            ok(&bed, "PUT", &format!("/photos/{key}"), &tag, body).await;
        }
        put(&bed, "/photos/a-plain", "xx").await;
        walk(&bed, DAY).await;
        assert_eq!(keys(&bed).await.len(), 5);
        walk(&bed, DAY).await;
        assert_eq!(keys(&bed).await, ["a-large", "a-plain", "a-small", "b"]);
    })
    .await;
}

#[tokio::test]
async fn versions_go_after_they_were_replaced_and_their_marker_last() {
    on_every_engine(objects, async |bed| {
        create_versioned(&bed, "photos").await;
        let rule = "<Prefix></Prefix><Expiration><Days>3</Days></Expiration>\
                    <NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>\
                    <NewerNoncurrentVersions>1</NewerNoncurrentVersions>\
                    </NoncurrentVersionExpiration>";
        set(&bed, &[rule]).await;
        for _ in 0..4 {
            put(&bed, "/photos/a", "x").await;
        }
        let count =
            async |name: &str| all_between(&get(&bed, "/photos?versions").await.text(), name).len();
        walk(&bed, DAY * 2).await;
        assert_eq!(count("Version").await, 2);
        // A delete marker takes the place of the current version, which is the newer one now.
        walk(&bed, DAY * 2).await;
        assert_eq!((count("Version").await, count("DeleteMarker").await), (1, 1));
        assert_eq!(ask(&bed.root(), "GET", "/photos/a", &[], "").await.status, 404);
        walk(&bed, DAY * 2).await;
        assert_eq!((count("Version").await, count("DeleteMarker").await), (1, 1));
        let text = get(&bed, "/photos?versions").await.text();
        let version = text.split("<Version>").nth(1).expect("a version");
        let id = between(version, "VersionId");
        ok(&bed, "DELETE", &format!("/photos/a?versionId={id}"), &[], "").await;
        walk(&bed, DAY * 4).await;
        assert_eq!((count("Version").await, count("DeleteMarker").await), (0, 0));
    })
    .await;
}

#[tokio::test]
async fn unfinished_uploads_are_aborted() {
    on_every_engine(objects, async |bed| {
        create(&bed, "photos").await;
        let rule = "<Filter/><AbortIncompleteMultipartUpload><DaysAfterInitiation>2\
                    </DaysAfterInitiation></AbortIncompleteMultipartUpload>";
        set(&bed, &[rule]).await;
        begin(&bed, "/photos/a", &[]).await;
        let uploads =
            async || all_between(&get(&bed, "/photos?uploads").await.text(), "UploadId").len();
        walk(&bed, DAY * 2).await;
        assert_eq!(uploads().await, 1);
        walk(&bed, DAY).await;
        assert_eq!(uploads().await, 0);
    })
    .await;
}

#[tokio::test]
async fn a_lifecycle_that_was_replaced_removes_nothing_more() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let rule = "<Filter/><Expiration><Days>1</Days></Expiration>";
        let reply = ok(&bed, "PUT", "/photos?lifecycle", &[], lifecycle(&[rule])).await;
        let size = header(&reply, "x-amz-transition-default-minimum-object-size");
        assert_eq!(size, "all_storage_classes_128K");
        put(&bed, "/photos/a", "x").await;
        ok(&bed, "DELETE", "/photos?lifecycle", &[], "").await;
        assert!(!walk(&bed, DAY * 3).await);
        assert_eq!(keys(&bed).await, ["a"]);
    })
    .await;
}

#[tokio::test]
async fn rules_that_cannot_be_are_refused() {
    on_memory(objects, async |bed| {
        create(&bed, "photos").await;
        let code = async |rules: &[&str]| {
            fails(&bed, "PUT", "/photos?lifecycle", &[], lifecycle(rules)).await.1
        };
        let day = "<Filter/><Expiration><Days>1</Days></Expiration>";
        assert_eq!(code(&[]).await, "MalformedXML");
        assert_eq!(code(&["<Filter/>"]).await, "InvalidRequest");
        assert_eq!(code(&[&day.replace('1', "0")]).await, "InvalidArgument");
        let both =
            "<Filter/><Expiration><Days>1</Days><Date>2027-01-17T00:00:00Z</Date></Expiration>";
        assert_eq!(code(&[both]).await, "MalformedXML");
        let noon = "<Filter/><Expiration><Date>2027-01-17T12:00:00Z</Date></Expiration>";
        assert_eq!(code(&[noon]).await, "InvalidArgument");
        let named = format!("<ID>a</ID>{day}");
        assert_eq!(code(&[&named, &named]).await, "InvalidArgument");
        let cold = "<Filter/><Transition><Days>1</Days><StorageClass>GLACIER</StorageClass>\
                    </Transition>";
        assert_eq!(code(&[cold]).await, "NotImplemented");
    })
    .await;
}
